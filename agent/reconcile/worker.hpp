#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "net/rate_limit.hpp"
#include "reconcile/reconciler.hpp"
#include "reconcile/scheduler.hpp"

namespace tlswarden::reconcile {

/// What a worker has before it at one moment.
struct Load {
  std::size_t endpoints = 0;
  std::size_t waiting = 0;  ///< due, but held back by a limit
  std::size_t running = 0;  ///< checks under way
  /// When the oldest check that has not begun is or was due.
  std::optional<base::MonoTime> next_due{};
  /// When the loop last looked for work, which it does every half minute at least until it is drained; of
  /// several workers, the one that did longest ago.
  base::MonoTime last_turn{};
};

/// One thread with its own event loop that checks the endpoints given to it, when they are due and the limits
/// let it. Public functions are safe from any thread but one: the worker's own.
class Worker {
 public:
  /// Each reference outlives the worker.
  struct Services {
    const base::Clock& clock;
    base::Random& random;
    net::ProbeLimiter& limiter;
    MaterialSource& materials;
    Store& store;
    Board& board;
    MetricsSink& metrics;
    EventSink& events;
  };
  Worker(Services services, std::unique_ptr<Observer> observer);
  /// Ends at once: what still runs is dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  struct Change {
    std::vector<EndpointPtr> endpoints;  ///< new ones, and new versions of known ones
    std::vector<std::string> removed;
    /// They are checked anew within this span.
    std::chrono::nanoseconds spread{};
    std::function<void()> taken_over;  ///< called on the worker's thread when all of it holds; may be empty
  };
  void apply(Change change);

  /// Begins nothing more and ends when the checks under way have.
  void drain();
  /// Whether the worker ended before `until` (on the real clock).
  bool ended_by(std::chrono::steady_clock::time_point until);
  /// Cancels the checks under way; their endpoints keep the status they have.
  void cancel();

  Load load() const;

 private:
  /// One check that is waiting for its turn or under way.
  struct Running {
    Scheduler::Due due;
    base::MonoTime due_at{};
    bool waiting = true;
    boost::asio::cancellation_signal stop;
  };
  using RunningAt = std::list<Running>::iterator;

  void take_over(const Change& change);
  void work();
  void begin(Scheduler::Due due);
  net::Awaitable<std::optional<Scheduler::Report>> one_check(RunningAt running);
  void end(RunningAt running, const std::exception_ptr& error, std::optional<Scheduler::Report> report);
  void arm_timer();
  void end_if_drained();
  void publish_load();

  const Services services_;
  const std::unique_ptr<Observer> observer_;
  Reconciler reconciler_;
  Scheduler scheduler_;
  std::list<Running> running_;
  std::multiset<base::MonoTime> waiting_since_;
  bool draining_ = false;

  mutable std::mutex mutex_;  ///< guards load_ and ended_
  std::condition_variable end_reached_;
  Load load_;
  bool ended_ = false;

  // Last, so that the loop and the coroutines in it go before what they refer to.
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer timer_;
  std::thread thread_;
};

}  // namespace tlswarden::reconcile
