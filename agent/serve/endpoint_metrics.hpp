#pragma once

#include <vector>

#include "reconcile/board.hpp"
#include "serve/exposed_labels.hpp"
#include "serve/metric_text.hpp"

namespace tlswarden::serve {

/// Writes the series that describe endpoints, made from what is known of them now: what is gone or was
/// renewed is simply not there any more. Absolute timestamps; a series is left out where its value is
/// unknown. Label values come from the spec and from our own constants; of what a server calls itself only
/// the version's digits. Each series carries the `exposed` labels of its endpoint.
void write_endpoint_metrics(const std::vector<reconcile::EndpointViewPtr>& views,
                            const ExposedLabels& exposed, MetricText& text);

}  // namespace tlswarden::serve
