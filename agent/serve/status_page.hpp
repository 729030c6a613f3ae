#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/board.hpp"
#include "reconcile/cluster_load.hpp"

namespace tlswarden::serve {

/// A table of the endpoints, worst first, as one self-contained HTML document: no script, nothing loaded from
/// elsewhere, light or dark as the reader's system is. `synced` is whether all endpoints have been taken
/// over. In a cluster, where `views` are this replica's share, `cluster` says of what; else it is null.
std::string status_page(const std::vector<reconcile::EndpointViewPtr>& views, base::WallTime now, bool synced,
                        const reconcile::ClusterLoad* cluster = nullptr);

/// Text made fit to stand in HTML, as content or inside a quoted attribute.
std::string escaped_html(std::string_view text);

}  // namespace tlswarden::serve
