#include "kube/event_recorder.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "kube/api_paths.hpp"
#include "kube/event_series.hpp"
#include "kube/loss_log.hpp"
#include "reconcile/event_log.hpp"

namespace tlswarden::kube {
namespace {

using Kind = EventWrite::Kind;
using Answer = base::Result<std::string, ApiError>;

constexpr std::size_t kMostQueued = 1000;
constexpr int kMostTries = 30;  ///< about five minutes
constexpr int kMostRefusedTries = 3;
constexpr std::chrono::nanoseconds kBetweenTries = std::chrono::seconds(10);
constexpr std::chrono::seconds kLook{60};  ///< how often series are looked through, at least
constexpr std::chrono::seconds kRest{1};   ///< and at most, for there may be thousands

ApiRequest request_of(const EventWrite& write) {
  const bool create = write.kind == Kind::kCreate;
  const std::string path = events_path(write.event.ns);
  const nlohmann::ordered_json body = create ? event_json(write.event) : series_patch(write.event);
  return {.verb = create ? Verb::kPost : Verb::kPatch,
          .path = create ? path : path + "/" + path_segment(write.event.name),
          .content_type = create ? kJson : kMergePatch,
          .body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

/// Whether the server, once it is there and has time, may take what it has not taken now.
bool of_the_moment(const ApiError& error) {
  if (error.kind == ApiError::Kind::kMalformed || error.kind == ApiError::Kind::kCancelled) return false;
  if (error.kind != ApiError::Kind::kStatus) return true;
  return error.code == 401 || error.code == 408 || error.code == 429 || error.code > 500;
}

/// A server that has just started refuses everything until it has read its roles.
bool forbidden(const ApiError& error) {
  return error.kind == ApiError::Kind::kStatus && error.code == 403;
}

std::string clause_of(const ApiError& error) {
  return error.message + (error.peer_text.empty() ? "" : "; the API server said: " + error.peer_text);
}

}  // namespace

struct EventRecorder::Impl {
  Impl(Services given, EventRecorderOptions options)
      : services(given),
        series(given.clock, std::move(options.instance),
               static_cast<std::uint32_t>(given.random.unit() * 4294967296.0)),
        losses(given.clock, "events of endpoints that this log has and the cluster has not"),
        requests(&given.cancellation),
        pauses(&given.cancellation) {}

  void run();
  bool next(EventWrite& write);
  void look();
  void push(std::vector<EventWrite> writes);
  void deliver(EventWrite write);
  Answer attempt(const EventWrite& write);
  bool worth_another(const ApiError& error, int tries, int& refused) const;

  const Services services;
  reconcile::EventLog log;
  std::mutex mutex;
  std::condition_variable changed;
  EventSeries series;                    ///< under the mutex, as all down to `over`
  std::optional<base::MonoTime> looked;  ///< through the series
  std::deque<EventWrite> queue;
  bool stopping = false, over = false;
  LossLog losses;
  bool no_right = false;  ///< the thread's: the last one was refused for good, so the next need not wait
  Cancellation requests;  ///< ends what is under way when the grace is over
  Cancellation pauses;    ///< ends waiting for another try as soon as the recorder is to stop
  std::thread thread;
};

EventRecorder::EventRecorder(Services services, EventRecorderOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(options))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

EventRecorder::~EventRecorder() {
  stop(std::chrono::nanoseconds(0));
}

void EventRecorder::record(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event) {
  impl_->log.record(endpoint, event);
  EventSeries::Outcome outcome;
  {
    const std::scoped_lock lock(impl_->mutex);
    if (impl_->stopping) return;
    outcome = impl_->series.observe(endpoint, event);
    if (outcome.write) impl_->push({std::move(*outcome.write)});
  }
  impl_->changed.notify_all();
  if (outcome.refused) impl_->losses.add("too many different ones of " + endpoint.key() + " in a short time");
}

void EventRecorder::stop(std::chrono::nanoseconds grace) {
  if (!impl_->thread.joinable()) return;
  {
    std::unique_lock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->push(impl_->series.finish());
    impl_->pauses.cancel();
    impl_->changed.notify_all();
    impl_->changed.wait_for(lock, grace, [this] { return impl_->over; });
  }
  impl_->requests.cancel();
  impl_->thread.join();
  if (!impl_->queue.empty()) impl_->losses.add("the agent ends", impl_->queue.size());
  impl_->losses.tell(true);
}

void EventRecorder::Impl::run() {
  EventWrite write;
  while (next(write))
    deliver(std::move(write));
  const std::scoped_lock lock(mutex);
  over = true;
  changed.notify_all();
}

bool EventRecorder::Impl::next(EventWrite& write) {
  std::unique_lock lock(mutex);
  while (!requests.cancelled()) {
    if (!stopping) look();
    losses.tell();
    if (!queue.empty()) {
      write = std::move(queue.front());
      queue.pop_front();
      return true;
    }
    if (stopping) return false;
    changed.wait_for(lock, kLook, [this] { return stopping || !queue.empty(); });
  }
  return false;
}

void EventRecorder::Impl::look() {
  const base::MonoTime now = services.clock.monotonic();
  if (looked && now - *looked < kRest) return;
  looked = now;
  push(series.due());
}

void EventRecorder::Impl::push(std::vector<EventWrite> writes) {
  for (EventWrite& write : writes) {
    if (queue.size() == kMostQueued)
      losses.add("the API server does not take them fast enough");
    else
      queue.push_back(std::move(write));
  }
}

void EventRecorder::Impl::deliver(EventWrite write) {
  Answer answer = attempt(write);
  if (!answer && write.kind == Kind::kPatch && answer.error().not_found()) {
    // Its hour was over, or it never came to be.
    write.kind = Kind::kCreate;
    answer = attempt(write);
  }
  // A try whose answer was lost had come through.
  if (!answer && !answer.error().already_exists()) losses.add(clause_of(answer.error()));
}

Answer EventRecorder::Impl::attempt(const EventWrite& write) {
  ApiRequest request = request_of(write);
  request.cancellation = &requests;
  Answer answer = services.client.call(request);
  int refused = 0;
  for (int tries = 1; !answer && worth_another(answer.error(), tries, refused); ++tries) {
    const std::chrono::duration<double, std::nano> wait = kBetweenTries * (1.0 + services.random.unit() / 4);
    if (!services.pause.wait(std::chrono::duration_cast<std::chrono::nanoseconds>(wait), pauses)) break;
    answer = services.client.call(request);
  }
  no_right = !answer && forbidden(answer.error());
  return answer;
}

/// `refused`: how often it was for want of the right, this time included afterwards.
bool EventRecorder::Impl::worth_another(const ApiError& error, int tries, int& refused) const {
  if (forbidden(error)) return !no_right && ++refused < kMostRefusedTries && tries < kMostTries;
  return of_the_moment(error) && tries < kMostTries;
}

}  // namespace tlswarden::kube
