#include "reconcile/rendezvous.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tlswarden::reconcile {
namespace {

constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : text) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3U;
  }
  return hash;
}
static_assert(fnv1a("foobar") == 0x85944171f73967e8U);

/// Every bit of the result depends on every bit of the value, which FNV's own do not.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccdU;
  value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return value ^ (value >> 33U);
}

}  // namespace

Rendezvous::Rendezvous(std::vector<std::string> members) : members_(std::move(members)) {
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  hashes_.reserve(members_.size());
  for (const std::string& member : members_)
    hashes_.push_back(fnv1a(member));
}

const std::string* Rendezvous::owner(std::string_view uid) const {
  const std::uint64_t key = mix(fnv1a(uid));
  const std::string* best = nullptr;
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::uint64_t weight = mix(hashes_[i] ^ key);
    if (best != nullptr && weight <= highest) continue;
    best = &members_[i];
    highest = weight;
  }
  return best;
}

}  // namespace tlswarden::reconcile
