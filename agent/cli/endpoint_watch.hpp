#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cli/endpoint_source.hpp"
#include "kube/api_client.hpp"
#include "kube/backoff.hpp"
#include "kube/watch_stream.hpp"

namespace tlswarden::cli {

/// Follows a listing for a person who waits for something: goes on where it was when the server ends the
/// watch or is away for a while, unlike kubectl. Used by one thread.
class EndpointWatch {
 public:
  enum class End {
    kStopped,    ///< whoever takes the events has had enough
    kForgotten,  ///< the server does not know the version any more: list again
    kTimedOut,
  };
  /// One thing that happened.
  struct Event {
    bool deleted = false;
    EndpointItem item;
  };
  /// False: enough.
  using Take = std::function<bool(Event)>;

  /// All must outlive this object.
  EndpointWatch(kube::ApiClient& client, const base::Clock& clock, kube::Pause& pause,
                const kube::Cancellation& cancellation)
      : client_(client),
        clock_(clock),
        pause_(pause),
        cancellation_(cancellation),
        backoff_(clock, random_) {}

  /// Blocks, from `resource_version` on, which is moved along. Without `until` there is no time-out. Error:
  /// the server refuses, or this was cancelled.
  base::Result<End, kube::ApiError> run(const EndpointQuery& query, std::string& resource_version,
                                        std::optional<base::MonoTime> until, const Take& take);
  /// Waits before the next listing after kForgotten; false when there is no time for it.
  bool pause(std::optional<base::MonoTime> until);
  /// Whether the same request may succeed a little later. Before the first run() a server out of reach is
  /// taken for a mistake. One that was away does not know everything yet when it is back: for a minute it may
  /// not find the resource, or the user's rights.
  bool passes(const kube::ApiError& error);

 private:
  struct Round;
  bool take_event(Round& round, kube::WatchEvent event, const Take& take);
  kube::ApiRequest request(const EndpointQuery& query, const std::string& version,
                           std::optional<base::MonoTime> until);

  kube::ApiClient& client_;
  const base::Clock& clock_;
  kube::Pause& pause_;
  const kube::Cancellation& cancellation_;
  base::SystemRandom random_;
  kube::Backoff backoff_;
  bool known_ = false;                  ///< the server was there before
  std::optional<base::MonoTime> away_;  ///< when the server was last out of reach
};

}  // namespace tlswarden::cli
