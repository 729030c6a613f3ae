#include "store/last_good.hpp"

#include <algorithm>
#include <utility>

namespace tlswarden::store {

void LastGood::good(const std::string& uid, Part part, const std::string& declared,
                    const PartContent& content) {
  if (uid.empty()) return;
  const std::scoped_lock lock(mutex_);
  if (endpoints_.size() >= kMostEndpoints && !endpoints_.contains(uid)) return;
  endpoints_[uid].at(static_cast<std::size_t>(part)) = Kept{declared, content, clock_.now(), std::nullopt};
}

std::optional<LastGood::Ruling> LastGood::bad(const std::string& uid, Part part, const std::string& declared,
                                              bool half_rotated) {
  const std::scoped_lock lock(mutex_);
  const auto found = endpoints_.find(uid);
  if (found == endpoints_.end()) return std::nullopt;
  std::optional<Kept>& kept = found->second.at(static_cast<std::size_t>(part));
  if (kept && kept->declared != declared) kept.reset();
  if (!kept) return std::nullopt;
  const base::MonoTime now = clock_.monotonic();
  const bool again = kept->bad_since.has_value();
  if (!again) kept->bad_since = now;
  const std::chrono::nanoseconds patience = half_rotated ? kHalfRotated : kHalfWritten;
  const std::chrono::nanoseconds left = patience - (now - *kept->bad_since);
  const bool counts = again && left <= std::chrono::nanoseconds(0);
  return Ruling{kept->content, kept->read_at, counts, std::max(left, std::chrono::nanoseconds(0))};
}

void LastGood::retain(const std::set<std::string>& uids) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(endpoints_, [&](const auto& entry) { return !uids.contains(entry.first); });
}

std::size_t LastGood::size() const {
  const std::scoped_lock lock(mutex_);
  return endpoints_.size();
}

}  // namespace tlswarden::store
