#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "reconcile/cluster_load.hpp"

namespace tlswarden::serve {

/// How a replica stands in its cluster.
std::vector<prometheus::MetricFamily> cluster_metrics(const reconcile::ClusterLoad& load);

}  // namespace tlswarden::serve
