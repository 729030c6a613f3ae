#pragma once

#include <prometheus/metric_family.h>

#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace tlswarden::serve {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

/// A family of gauges that has no series yet.
inline prometheus::MetricFamily gauge_family(const char* name, const char* help) {
  return {name, help, prometheus::MetricType::Gauge, {}};
}

/// Appends one series to a family of gauges.
inline void add(prometheus::MetricFamily& family, MetricLabels labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

/// As Prometheus counts time: since 1970.
inline double seconds(base::WallTime time) {
  return static_cast<double>(time.time_since_epoch().count());
}

}  // namespace tlswarden::serve
