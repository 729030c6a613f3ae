#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/backoff.hpp"
#include "kube/cancellation.hpp"
#include "kube/lister.hpp"
#include "kube/object_handler.hpp"
#include "kube/object_index.hpp"
#include "kube/reflector_options.hpp"
#include "kube/watcher.hpp"

namespace tlswarden::kube {

/// How a reflector is doing, for metrics and readiness.
struct ReflectorHealth {
  bool synced = false;  ///< one whole listing was told
  std::size_t objects = 0;
  /// When the server last answered or sent something. At rest a watch is silent for up to 10 minutes: no sign
  /// of trouble.
  std::optional<base::MonoTime> last_contact;
  std::uint64_t lists = 0, watches = 0;  ///< begun so far
  std::uint64_t failures = 0;            ///< of these, ended by an error
  bool refused = false;  ///< the server forbade it when it last answered; until a watch goes on again
  std::string problem;   ///< our words for the error that is being waited out; empty: none
};

/// Follows a collection: lists it, then watches it, and tells a handler what changed, for as long as it may.
/// The algorithm is that of client-go's reflector: a watch that ran its time goes on where it was, a version
/// that the server has forgotten leads to a new list, and between any two attempts that failed lies a wait
/// that grows and is jittered, so that it never spins and many agents do not act as one. What the handler
/// knows stays as it is while the server is away.
class Reflector {
 public:
  /// All but the options must outlive this object. `cancellation` is the client's own, or a child of it where
  /// this reflector may have to end before the others.
  Reflector(ApiClient& client, ReflectorOptions options, ObjectHandler& handler, const base::Clock& clock,
            base::Random& random, Pause& pause, const Cancellation& cancellation);

  /// Blocks until cancelled, or until options.give_up says so. To be called once, from a thread of the
  /// caller's, which is the one that the handler is called from.
  void run();

  /// From any thread.
  ReflectorHealth health() const;

 private:
  /// One listing, or what stands for it; whether a watch may follow.
  bool begin();
  bool begin_by_list();
  bool begin_by_watch();
  /// Watches until a new listing is needed.
  void follow();
  /// Whether the watch goes on; waits before that where it must.
  bool go_on(const WatchEnd& end);
  base::Seconds watch_span();
  bool wait(const std::optional<ApiError>& error);
  void tell(const ApiError& error);
  void heard();
  void watching();
  void note_sync();
  void note_failure(const ApiError& error);

  ApiClient& client_;
  const ReflectorOptions options_;
  const base::Clock& clock_;
  base::Random& random_;
  Pause& pause_;
  const Cancellation& cancellation_;
  ObjectIndex index_;
  Backoff backoff_;
  bool away_ = false;  ///< the last failure was the lack of an answer
  Lister lister_;
  std::string resource_version_;
  bool version_unusable_ = false;  ///< the server refused resource_version_ at the beginning of a watch-list
  bool watch_list_;
  std::optional<WatchEnd> begun_watch_;  ///< how the watch that stood for a listing ended
  std::optional<ApiError> last_error_;   ///< why the last cycle ended
  bool given_up_ = false;
  mutable std::mutex mutex_;
  ReflectorHealth health_;
  std::string told_;  ///< the trouble that the log has, as long as it lasts; also the mutex's
};

}  // namespace tlswarden::kube
