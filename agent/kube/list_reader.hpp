#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tlswarden::kube {

/// What a list says beside its items.
struct ListMetadata {
  std::string resource_version;
  std::string continue_token;  ///< empty: this was the last page
};

/// Cuts the body of a list, which comes in pieces with arbitrary borders, into its items, so that a list of
/// any length takes the memory of one item. Input is hostile: an item and the rest are bounded. Items may
/// hold secrets: their text is wiped. Not thread-safe.
class ListReader {
 public:
  explicit ListReader(std::size_t largest_item) : largest_item_(largest_item) {}
  ListReader(const ListReader&) = delete;
  ListReader& operator=(const ListReader&) = delete;
  ~ListReader();

  /// Gives the JSON text of each item that `piece` completes to `take`. False when `take` wants no more, or
  /// when this is no list, which problem() then says; nothing may be fed after that.
  bool feed(std::string_view piece, const std::function<bool(std::string_view)>& take);
  /// After the last piece. Error: the list is not whole, or has no resource version.
  base::Result<ListMetadata> finish() const;

  const std::string& problem() const { return problem_; }

 private:
  enum class Place { kOutside, kItems, kItem };

  bool step(char c, const std::function<bool(std::string_view)>& take);
  bool between_items(char c);
  /// Follows strings and brackets; whether `c` belongs to a string.
  bool track(char c);
  bool refuse(const char* why);

  const std::size_t largest_item_;
  Place place_ = Place::kOutside;
  std::size_t depth_ = 0;
  bool quoted_ = false, escaped_ = false;
  std::string item_, rest_;
  std::string word_;  ///< the last string on the list's own level
  bool after_items_key_ = false;
  std::string problem_;
};

}  // namespace tlswarden::kube
