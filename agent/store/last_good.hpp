#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "pki/material.hpp"

namespace tlswarden::store {

/// What of an endpoint's material stands or falls together. A client's certificate and key are one part: the
/// old one of the two never meets the new one of the other.
enum class Part { kTrust, kNextTrust, kServedCertificate, kClient };
inline constexpr std::size_t kParts = 4;

/// The content of one part.
struct PartContent {
  pki::TrustStorePtr trust;
  pki::Chain certificates;
  std::optional<pki::ClientIdentity> client;
};

/// How long a part may be unusable before that counts. Files are replaced in place, and certificate and key
/// one after the other: what is seen once in the middle of that is nobody's fault.
inline constexpr base::Seconds kHalfWritten{5};
inline constexpr base::Seconds kHalfRotated{30};

/// Remembers what each part of each endpoint last held that was usable, for as long as it is declared the
/// same way. In memory only: after a restart there is nothing to fall back on. Safe from any thread.
class LastGood {
 public:
  /// `clock` must outlive it.
  explicit LastGood(const base::Clock& clock) : clock_(clock) {}

  /// What to make of a part that cannot be used now although it could be before.
  struct Ruling {
    PartContent content;       ///< what it held when it was usable
    base::WallTime read_at{};  ///< when that was last so
    /// Seen at two resolutions at least, and for long enough.
    bool counts = false;
    std::chrono::nanoseconds look_again{};  ///< until it may count; meaningful when it does not yet
  };

  /// `declared` says how the part is referred to. An endpoint without a uid is not remembered.
  void good(const std::string& uid, Part part, const std::string& declared, const PartContent& content);
  /// Nothing where the part was never usable as it is declared. `half_rotated`: all its pieces are sound but
  /// do not belong together.
  std::optional<Ruling> bad(const std::string& uid, Part part, const std::string& declared,
                            bool half_rotated);
  /// Forgets every endpoint but these.
  void retain(const std::set<std::string>& uids);

  std::size_t size() const;

 private:
  struct Kept {
    std::string declared;
    PartContent content;
    base::WallTime read_at{};
    std::optional<base::MonoTime> bad_since;
  };
  using Parts = std::array<std::optional<Kept>, kParts>;
  /// More endpoints than one agent can check; those beyond have nothing to fall back on.
  static constexpr std::size_t kMostEndpoints = 200'000;

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Parts> endpoints_;
};

}  // namespace tlswarden::store
