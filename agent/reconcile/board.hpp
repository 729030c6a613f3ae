#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/store.hpp"
#include "resource/endpoint.hpp"
#include "verdict/judge.hpp"
#include "verdict/path_certificates.hpp"

namespace tlswarden::reconcile {

/// The dates of one certificate that matters to an endpoint.
struct CertificateDates {
  std::string role;  ///< leaf, intermediate, root (as served), ca (the anchor of the path), client
  base::WallTime not_before{}, not_after{};

  bool operator==(const CertificateDates&) const = default;
};

/// What is known of one endpoint now. Immutable once shared.
struct EndpointView {
  EndpointPtr endpoint;
  resource::EndpointStatus status;
  verdict::Severity severity = verdict::Severity::kUnknown;
  std::string headline;
  /// Of the last check, to the second; later than status.last_check_time, which is written rarely.
  std::optional<base::WallTime> last_check;
  /// One entry per role; of several intermediates the one that expires first.
  std::vector<CertificateDates> dates;
  /// Every certificate that connections depend on, as last seen. Null when none is known.
  std::shared_ptr<const verdict::PathCertificates> certificates;
};
using EndpointViewPtr = std::shared_ptr<const EndpointView>;

/// The present state of all endpoints, for those who show it. Safe from any thread.
class Board {
 public:
  void put(EndpointViewPtr view);
  void remove(const std::string& key);
  /// Null when there is no such endpoint.
  EndpointViewPtr find(const std::string& key) const;
  /// Sorted by key.
  std::vector<EndpointViewPtr> all() const;

  /// True once the first set of endpoints has been taken over.
  bool synced() const { return synced_.load(); }
  void set_synced() { synced_.store(true); }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, EndpointViewPtr> views_;
  std::atomic<bool> synced_{false};
};

}  // namespace tlswarden::reconcile
