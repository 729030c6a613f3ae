#include "kube/watch_stream.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "kube/json_text.hpp"
#include "kube/wiped_text.hpp"

namespace tlswarden::kube {
namespace {

using Type = WatchEvent::Type;

Type type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Type>, 5> kTypes{{{"ADDED", Type::kAdded},
                                                                     {"MODIFIED", Type::kModified},
                                                                     {"DELETED", Type::kDeleted},
                                                                     {"BOOKMARK", Type::kBookmark},
                                                                     {"ERROR", Type::kError}}};
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  return Type::kUnknown;
}

}  // namespace

WatchStream::~WatchStream() {
  wipe_text(begun_);
}

bool WatchStream::feed(std::string_view piece, const std::function<bool(WatchEvent)>& take) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (part.size() > largest_event_ - begun_.size()) {
      problem_ = "the API server sent a watch event larger than any object can be";
      return false;
    }
    if (end == std::string_view::npos) {
      append_wiping(begun_, part);
      return true;
    }
    // Most events come whole, and need no copy.
    const bool whole = begun_.empty();
    if (!whole) append_wiping(begun_, part);
    const bool more = finish_line(whole ? part : std::string_view(begun_), take);
    wipe_text(begun_);
    if (!more) return false;
    piece.remove_prefix(end + 1);
  }
}

bool WatchStream::finish_line(std::string_view line, const std::function<bool(WatchEvent)>& take) {
  if (base::trimmed(line).empty()) return true;
  auto event = parse_json(line);
  if (!event || !event->is_object() || !event->contains("object") || !(*event)["object"].is_object()) {
    problem_ = "the API server sent something on a watch that is no event";
    return false;
  }
  return take(WatchEvent{type_of(text_at(*event, {"type"})), std::move((*event)["object"])});
}

}  // namespace tlswarden::kube
