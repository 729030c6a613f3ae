#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tlswarden::reconcile {

/// Who of several members owns what, by rendezvous hashing (highest random weight, Thaler and Ravishankar
/// 1998): each member draws a weight for each uid, and the highest owns it. All who know the same members
/// agree without a word. A member that joins takes its even share from all others and nothing else moves; of
/// one that leaves, only what it owned moves.
///
/// The weight is mix(fnv1a(member) ^ mix(fnv1a(uid))) with FNV-1a of 64 bits and the finalizer of MurmurHash3
/// as mix. Replicas of different versions work side by side during an upgrade, so it must never change.
///
/// Immutable: safe from any thread.
class Rendezvous {
 public:
  Rendezvous() = default;
  /// Neither order nor repetition matters.
  explicit Rendezvous(std::vector<std::string> members);

  /// Null: there are no members. Valid as long as this object. Of equal weights the first name's wins.
  const std::string* owner(std::string_view uid) const;
  /// Sorted, each once.
  const std::vector<std::string>& members() const { return members_; }

 private:
  std::vector<std::string> members_;
  std::vector<std::uint64_t> hashes_;  ///< of the member at the same place
};

}  // namespace tlswarden::reconcile
