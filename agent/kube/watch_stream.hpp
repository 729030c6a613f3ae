#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tlswarden::kube {

/// One event of a watch (metav1.WatchEvent).
struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError, kUnknown };
  Type type = Type::kUnknown;
  nlohmann::ordered_json object;
};

/// Cuts a watch's body, which comes in pieces with arbitrary borders, into events: one JSON document a line.
/// Input is hostile: a line is bounded, and wiped, for it
/// may hold secrets. Not thread-safe.
class WatchStream {
 public:
  explicit WatchStream(std::size_t largest_event) : largest_event_(largest_event) {}
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;
  ~WatchStream();

  /// Gives each event that `piece` completes to `take`. False when `take` wants no more, or when the stream
  /// is broken, which problem() then says; nothing may be fed after that.
  bool feed(std::string_view piece, const std::function<bool(WatchEvent)>& take);

  /// Empty: nothing is wrong.
  const std::string& problem() const { return problem_; }

 private:
  bool finish_line(std::string_view line, const std::function<bool(WatchEvent)>& take);

  const std::size_t largest_event_;
  std::string begun_;  ///< the beginning of a line
  std::string problem_;
};

}  // namespace tlswarden::kube
