#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/board.hpp"

namespace tlswarden::serve {

/// A table of the endpoints, worst first, as one self-contained HTML document: no script, nothing loaded from
/// elsewhere, light or dark as the reader's system is. `synced` is whether all manifests have been taken
/// over.
std::string status_page(const std::vector<reconcile::EndpointViewPtr>& views, base::WallTime now,
                        bool synced);

/// Text made fit to stand in HTML, as content or inside a quoted attribute.
std::string escaped_html(std::string_view text);

}  // namespace tlswarden::serve
