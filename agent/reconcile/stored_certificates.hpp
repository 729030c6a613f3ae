#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/cluster_load.hpp"
#include "verdict/path_certificates.hpp"

namespace tlswarden::reconcile {

/// A certificate that an endpoint depends on, and when it crosses the endpoint's own thresholds.
struct Dependence {
  /// Without its issuer; endpoints that depend on the same certificate share it.
  std::shared_ptr<const verdict::PathCertificate> certificate;
  base::WallTime due{}, critical{};
};
using Dependences = std::vector<Dependence>;

/// The certificates of endpoints that this process does not check itself, as far as their stored statuses
/// tell: served chains and what paths took from trust stores, not client certificates. Keeps what it read, so
/// that it parses only what changed. Not thread-safe.
class StoredCertificates {
 public:
  struct Entry {
    EndpointPtr endpoint;
    std::shared_ptr<const std::string> status;
    std::shared_ptr<const Dependences> dependences;  ///< never null
  };
  using Entries = std::vector<Entry>;

  /// What is known of `endpoints`, which are sorted by key; whatever else was known is forgotten. Of a status
  /// that cannot be read nothing is known.
  Entries update(const std::vector<StoredEndpoint>& endpoints);

 private:
  std::shared_ptr<const Dependences> read(const StoredEndpoint& stored);
  std::shared_ptr<const verdict::PathCertificate> shared(verdict::PathCertificate one);
  void drop_unused();

  Entries known_;  ///< sorted by key
  std::unordered_map<std::string, std::weak_ptr<const verdict::PathCertificate>> pool_;
  std::size_t drop_at_ = 1024;  ///< so many in the pool
};

}  // namespace tlswarden::reconcile
