#pragma once

#include <prometheus/client_metric.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::serve {

/// The labels of endpoints that are told on every series of an endpoint, so that an alert knows whom to wake.
/// Immutable; safe from any thread.
class ExposedLabels {
 public:
  static constexpr std::size_t kMost = 16;

  ExposedLabels() = default;

  /// `keys` as in metadata.labels ("team", "app.kubernetes.io/part-of"). Each becomes label_<key> with '_'
  /// for what Prometheus does not allow in a name, as kube-state-metrics does it. Error: more than kMost, a
  /// key that Kubernetes would not accept, or two keys that come to the same name.
  static base::Result<ExposedLabels> of(const std::vector<std::string>& keys);

  /// Appends all of them; a label that the endpoint lacks has the value "". At most 63 characters of a value,
  /// as Kubernetes allows.
  void append_to(std::vector<prometheus::ClientMetric::Label>& labels,
                 const resource::Metadata& metadata) const;

 private:
  struct Exposed {
    std::string key, name;
  };
  std::vector<Exposed> exposed_;
};

}  // namespace tlswarden::serve
