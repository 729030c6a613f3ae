#include "kube/list_reader.hpp"

#include "kube/json_text.hpp"
#include "kube/wiped_text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLargestRest = std::size_t{64} << 10U;
constexpr std::size_t kLongestWord = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

ListReader::~ListReader() {
  wipe_text(item_);
}

bool ListReader::refuse(const char* why) {
  problem_ = why;
  return false;
}

bool ListReader::track(char c) {
  if (quoted_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      quoted_ = false;
    }
    return true;
  }
  if (c == '"') {
    quoted_ = true;
    return true;
  }
  if (c == '{' || c == '[') ++depth_;
  if ((c == '}' || c == ']') && depth_ > 0) --depth_;
  return false;
}

bool ListReader::between_items(char c) {
  if (is_space(c) || c == ',') return true;
  if (c == '{') {
    place_ = Place::kItem;
    append_wiping(item_, "{");
    ++depth_;
    return true;
  }
  if (c != ']') return refuse("the API server's list holds something that is no object");
  place_ = Place::kOutside;
  --depth_;
  rest_ += c;
  return true;
}

bool ListReader::step(char c, const std::function<bool(std::string_view)>& take) {
  if (place_ == Place::kItems) return between_items(c);
  if (place_ == Place::kItem) {
    if (item_.size() == largest_item_) {
      return refuse("the API server's list holds an object larger than any can be");
    }
    // Only growing needs care, and this is done for every byte of every list.
    if (item_.size() < item_.capacity()) {
      item_ += c;
    } else {
      append_wiping(item_, {&c, 1});
    }
    constexpr std::size_t kBetweenItems = 2;
    if (track(c) || depth_ != kBetweenItems) return true;
    place_ = Place::kItems;
    const bool more = take(item_);
    wipe_text(item_);
    return more;
  }
  if (rest_.size() == kLargestRest) return refuse("the API server's list has a longer head than any has");
  rest_ += c;
  const bool was_quoted = quoted_;
  if (track(c)) {
    if (!was_quoted) word_.clear();
    if (was_quoted && quoted_ && depth_ == 1 && word_.size() < kLongestWord) word_ += c;
  } else if (c == ':') {
    after_items_key_ = depth_ == 1 && word_ == "items";
  } else if (c == '[' && after_items_key_) {
    place_ = Place::kItems;
    after_items_key_ = false;
  } else if (!is_space(c)) {
    after_items_key_ = false;
  }
  return true;
}

bool ListReader::feed(std::string_view piece, const std::function<bool(std::string_view)>& take) {
  for (const char c : piece)
    if (!step(c, take)) return false;
  return true;
}

base::Result<ListMetadata> ListReader::finish() const {
  if (!problem_.empty()) return base::fail(problem_);
  const auto rest = parse_json(rest_);
  if (!rest || !rest->is_object()) return base::fail("the API server's list is not whole");
  ListMetadata metadata{text_at(*rest, {"metadata", "resourceVersion"}),
                        text_at(*rest, {"metadata", "continue"})};
  if (metadata.resource_version.empty()) return base::fail("the API server's list has no resource version");
  return metadata;
}

}  // namespace tlswarden::kube
