#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "kube/api_client.hpp"
#include "kube/object_index.hpp"
#include "kube/reflector_options.hpp"
#include "kube/watch_stream.hpp"

namespace tlswarden::kube {

/// How a watch ended.
struct WatchEnd {
  enum class Next {
    kWatchNow,    ///< it ran its time: watch again from where it was
    kWatchLater,  ///< the server is out of reach or busy, or hangs up at once: watch again after a wait
    kList,        ///< something was missed, or may have been: list again after a wait
  };
  Next next = Next::kWatchNow;
  std::optional<ApiError> error;  ///< why; absent for an ordinary end
};

/// One watch of a collection, from a version on. Used by one thread.
class Watcher {
 public:
  /// All must outlive this object. `resource_version` is where to begin, and is moved along with every event.
  /// `contact` is called whenever the server was heard and had no complaint.
  Watcher(ApiClient& client, const ReflectorOptions& options, ObjectIndex& index, const base::Clock& clock,
          const Cancellation& cancellation, std::string& resource_version, std::function<void()> contact);

  /// Blocks until the watch ends. `seconds` is how long the server is asked to keep it open.
  WatchEnd run(base::Seconds seconds);
  /// As run(), but with what there is sent first (sendInitialEvents). `on_sync` is called when that is whole;
  /// before that the index is not changed.
  WatchEnd run_from_nothing(base::Seconds seconds, std::function<void()> on_sync);
  /// Whether what there is came whole.
  bool synced() const { return synced_; }

 private:
  WatchEnd follow(ApiRequest request);
  bool take(WatchEvent event);
  bool take_object(WatchEvent::Type type, nlohmann::ordered_json document);
  static WatchEnd not_opened(const ApiError& error);
  WatchEnd end_of_stream(const base::Result<ApiClient::StreamEnd, ApiError>& ended) const;

  ApiClient& client_;
  const ReflectorOptions& options_;
  ObjectIndex& index_;
  const base::Clock& clock_;
  const Cancellation& cancellation_;
  std::string& resource_version_;
  std::function<void()> contact_, on_sync_;
  WatchStream stream_;
  std::optional<base::MonoTime> opened_;  ///< when the server agreed to it
  /// Events before the first other one stand for what exists already, in no order of versions.
  bool synthetic_ = false;
  bool initial_ = false, synced_ = false;
  std::size_t events_ = 0;
  bool odd_ = false;             ///< an event of an unknown kind came, and was spoken of
  std::optional<WatchEnd> end_;  ///< an event that ends the watch came
};

}  // namespace tlswarden::kube
