#include "reconcile/worker.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace tlswarden::reconcile {
namespace {

/// Longer than any queue should ever be; a check that waited so long is simply planned anew.
constexpr std::chrono::hours kLongestWait{1};

std::string words(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

}  // namespace

Worker::Worker(Services services, std::unique_ptr<Observer> observer)
    : services_(services),
      observer_(std::move(observer)),
      reconciler_({services.clock, services.materials, services.store, *observer_, services.board,
                   services.metrics, services.events}),
      scheduler_(services.clock, services.random),
      load_{.last_turn = services.clock.monotonic()},
      loop_(1),
      guard_(loop_.get_executor()),
      timer_(loop_),
      thread_([this] {
        loop_.run();
        const std::scoped_lock lock(mutex_);
        ended_ = true;
        end_reached_.notify_all();
      }) {}

Worker::~Worker() {
  loop_.stop();
  thread_.join();
  // A blocking call that is still under way will post its result to the loop: the loop has to be there for
  // it.
  observer_->join();
}

void Worker::apply(Change change) {
  boost::asio::post(loop_, [this, change = std::move(change)] { take_over(change); });
}

void Worker::take_over(const Change& change) {
  for (const std::string& key : change.removed) {
    scheduler_.remove(key);
    reconciler_.forget(key);
  }
  for (const EndpointPtr& endpoint : change.endpoints) {
    reconciler_.adopt(endpoint);
    scheduler_.put(endpoint->key(), {endpoint->spec.check_interval, endpoint->spec.suspend}, change.spread);
  }
  if (change.taken_over) change.taken_over();
  work();
}

void Worker::work() {
  while (!draining_) {
    auto due = scheduler_.pop();
    if (!due) break;
    if (due->work == Scheduler::Work::kCheck) {
      begin(std::move(*due));
    } else {
      scheduler_.finished(due->key, due->work,
                          reconciler_.judge_again(due->key).value_or(Scheduler::Report{}));
    }
  }
  arm_timer();
  publish_load();
}

void Worker::begin(Scheduler::Due due) {
  running_.emplace_front();
  const RunningAt running = running_.begin();
  running->due_at =
      services_.clock.monotonic() - std::chrono::duration_cast<base::MonoTime::duration>(due.lag);
  running->due = std::move(due);
  waiting_since_.insert(running->due_at);
  boost::asio::co_spawn(loop_, one_check(running),
                        boost::asio::bind_cancellation_slot(
                            running->stop.slot(), [this, running](const std::exception_ptr& error,
                                                                  std::optional<Scheduler::Report> report) {
                              end(running, error, report);
                            }));
}

net::Awaitable<std::optional<Scheduler::Report>> Worker::one_check(RunningAt running) {
  const EndpointPtr endpoint = reconciler_.find(running->due.key);
  if (!endpoint) co_return std::nullopt;
  const auto patience = base::Deadline::after(services_.clock, kLongestWait);
  const auto permit = co_await services_.limiter.acquire(endpoint->spec.host, patience);
  running->waiting = false;
  waiting_since_.erase(waiting_since_.find(running->due_at));
  if (!permit || draining_) co_return std::nullopt;
  services_.metrics.check_started(services_.clock.monotonic() - running->due_at);
  publish_load();
  co_return co_await reconciler_.check(running->due.key);
}

void Worker::end(RunningAt running, const std::exception_ptr& error,
                 std::optional<Scheduler::Report> report) {
  if (error && !draining_) spdlog::error("{}: the check broke off: {}", running->due.key, words(error));
  if (running->waiting) waiting_since_.erase(waiting_since_.find(running->due_at));
  // Without a conclusion the next attempt comes as soon as after a first failure.
  scheduler_.finished(running->due.key, Scheduler::Work::kCheck,
                      report.value_or(Scheduler::Report{.consecutive_failures = 1, .next_date = {}}));
  running_.erase(running);
  work();
  end_if_drained();
}

void Worker::arm_timer() {
  if (draining_) return;
  timer_.expires_after(scheduler_.until_next());
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) work();
  });
}

void Worker::drain() {
  boost::asio::post(loop_, [this] {
    draining_ = true;
    timer_.cancel();
    // Emitting may end a check at once, which takes it off the list.
    std::vector<RunningAt> waiting;
    for (auto running = running_.begin(); running != running_.end(); ++running) {
      if (running->waiting) waiting.push_back(running);
    }
    for (const RunningAt running : waiting)
      running->stop.emit(boost::asio::cancellation_type::terminal);
    end_if_drained();
  });
}

void Worker::cancel() {
  boost::asio::post(loop_, [this] {
    std::vector<RunningAt> all;
    for (auto running = running_.begin(); running != running_.end(); ++running)
      all.push_back(running);
    for (const RunningAt running : all)
      running->stop.emit(boost::asio::cancellation_type::terminal);
  });
}

void Worker::end_if_drained() {
  if (draining_ && running_.empty()) guard_.reset();
}

bool Worker::ended_by(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  return end_reached_.wait_until(lock, until, [this] { return ended_; });
}

void Worker::publish_load() {
  Load load;
  load.endpoints = scheduler_.size();
  load.waiting = waiting_since_.size();
  load.running = running_.size() - waiting_since_.size();
  load.last_turn = services_.clock.monotonic();
  load.next_due = waiting_since_.empty() ? scheduler_.next_due() : std::optional(*waiting_since_.begin());
  const std::scoped_lock lock(mutex_);
  load_ = load;
}

Load Worker::load() const {
  const std::scoped_lock lock(mutex_);
  return load_;
}

}  // namespace tlswarden::reconcile
