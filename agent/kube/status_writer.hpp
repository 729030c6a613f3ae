#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/backoff.hpp"
#include "kube/cancellation.hpp"
#include "kube/endpoint_register.hpp"
#include "kube/write_queue.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/ownership.hpp"

namespace tlswarden::kube {

/// Writes statuses by server-side apply, each over the resourceVersion that the register knows, with a few
/// threads. What is put is kept until it is written or has become pointless: its object was deleted or
/// replaced, belongs to another replica, or says the same already.
///
/// - Conflict: the object is looked at, and written over what was found if it is still the same and ours.
/// - No answer, 401, 408, 429, 5xx: nothing but one attempt at a time is made, ever more slowly, until one
///   succeeds.
/// - Any other refusal (403, 422): logged once, tried again after a minute, then every two to three, and ever
///   more rarely where a hundred or more wait; but a first 403 is tried again soon and silently.
///
/// Safe from any thread.
class StatusWriter {
 public:
  /// All must outlive it. `cancellation` is the client's.
  struct Services {
    ApiClient& client;
    EndpointRegister& endpoints;
    const reconcile::Ownership& ownership;
    reconcile::MetricsSink& metrics;
    const base::Clock& clock;
    base::Random& random;
    Pause& pause;
    Cancellation& cancellation;
  };
  StatusWriter(Services services, std::size_t writers);
  /// Breaks off what is under way.
  ~StatusWriter();
  StatusWriter(const StatusWriter&) = delete;
  StatusWriter& operator=(const StatusWriter&) = delete;

  /// Returns at once.
  void put(const ObjectId& id, StatusText text);
  /// The same for one that a newer one is soon to follow: it is written behind all others, and only if
  /// nothing newer comes within some seconds.
  void put_provisional(const ObjectId& id, StatusText text);
  /// What was put for this uid is not written any more, unless it is under way.
  void forget(const std::string& uid);
  /// What waits to be written for this uid; null when nothing does.
  StatusText waiting(const std::string& uid) const;
  std::size_t pending() const;
  /// Tries everything now, and waits until nothing is left or `grace` (of real time) is over. Returns how
  /// many are left.
  std::size_t flush(std::chrono::nanoseconds grace);

 private:
  /// How an attempt ended.
  enum class Kind { kWritten, kDropped, kContended, kRefused, kAway, kCancelled };
  struct Outcome {
    Kind kind = Kind::kDropped;
    ApiError error = {};  ///< of kRefused and kAway
  };

  void run();
  void await(std::unique_lock<std::mutex>& lock);
  void wake_all();
  Outcome attempt(const WriteQueue::Item& item);
  /// Looks at the object after a conflict; nothing when it may be written over what was found.
  std::optional<Outcome> look_again(const WriteQueue::Item& item);
  /// What the server holds now.
  void note(const Object& object);
  static Outcome judged(ApiError error);
  void settle(const WriteQueue::Item& item, const Outcome& outcome);
  void hold(const ApiError& error);
  void note_refusal(const ApiError& error);
  std::chrono::nanoseconds jittered(std::chrono::nanoseconds span);

  const Services services_;
  Cancellation own_;  ///< ends what these threads wait for
  mutable std::mutex mutex_;
  std::condition_variable work_, drained_;
  WriteQueue queue_;
  Backoff away_;
  Cancellation* nap_ = nullptr;  ///< of the one thread that waits for time to pass
  bool stopping_ = false, flushing_ = false;
  std::set<int> refusals_told_;  ///< codes
  std::vector<std::thread> threads_;
};

}  // namespace tlswarden::kube
