#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace tlswarden::kube {

/// The values that were asked for last, by key; the one that was not asked for longest makes room. Not
/// thread-safe.
template <class Value>
class Recent {
 public:
  /// `most` is positive.
  explicit Recent(std::size_t most) : most_(most) {}

  /// The value of `key`; `otherwise`, kept from now on, when there is none. Good until the next call.
  Value& get(const std::string& key, Value otherwise) {
    if (const auto known = index_.find(key); known != index_.end()) {
      order_.splice(order_.begin(), order_, known->second);
      return order_.front().second;
    }
    if (order_.size() == most_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, std::move(otherwise));
    index_.emplace(key, order_.begin());
    return order_.front().second;
  }
  /// Null when there is none. Does not count as being asked for.
  Value* find(const std::string& key) {
    const auto known = index_.find(key);
    return known == index_.end() ? nullptr : &known->second->second;
  }
  /// Shows every value to `leaves`, and forgets those of which it says true.
  template <class Leaves>
  void sweep(Leaves leaves) {
    for (auto item = order_.begin(); item != order_.end();) {
      if (leaves(item->second)) {
        index_.erase(item->first);
        item = order_.erase(item);
      } else {
        ++item;
      }
    }
  }
  std::size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Value>>;
  const std::size_t most_;
  Order order_;  ///< the last one asked for first
  std::map<std::string, typename Order::iterator> index_;
};

}  // namespace tlswarden::kube
