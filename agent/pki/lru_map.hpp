#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tlswarden::pki {

/// A map from text that holds at most `capacity` entries (at least one) and drops the one that was used
/// longest ago. Pointers and references stay valid until the entry is dropped or replaced. Not thread-safe.
template <class Value>
class LruMap {
 public:
  explicit LruMap(std::size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  /// Null if absent; else the entry counts as used now.
  Value* find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  Value& put(const std::string& key, Value value) {
    if (Value* present = find(key)) return *present = std::move(value);
    if (entries_.size() == capacity_) drop_oldest();
    entries_.emplace_front(key, std::move(value));
    // The view points into the list's node, which never moves.
    index_.emplace(entries_.front().first, entries_.begin());
    return entries_.front().second;
  }

  void drop_oldest() {
    if (entries_.empty()) return;
    index_.erase(entries_.back().first);
    entries_.pop_back();
  }

  std::size_t size() const { return entries_.size(); }

 private:
  using Entry = std::pair<const std::string, Value>;
  std::size_t capacity_;
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;
};

}  // namespace tlswarden::pki
