#include "kube/status_writer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/api_paths.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::nanoseconds;

constexpr int kMostConflicts = 5;
constexpr nanoseconds kAfterConflict = std::chrono::milliseconds(50);
constexpr nanoseconds kAfterContention = std::chrono::seconds(2);
/// A server that has just started refuses everything until it has read its roles.
constexpr nanoseconds kAfterFirstForbidden = std::chrono::seconds(3);
constexpr nanoseconds kAfterRefusal = std::chrono::minutes(1);
constexpr int kMostDoublings = 5;  ///< of kAfterRefusal: about half an hour
/// While so few wait it stays at minutes, so that who grants the right soon sees the statuses.
constexpr std::size_t kFew = 100;
constexpr int kMostDoublingsOfFew = 1;
constexpr nanoseconds kLongestRetryAfter = std::chrono::seconds(60);
/// Of the wait for a server that is away. One attempt at a time and replica is no storm, and people read what
/// is held back.
constexpr nanoseconds kLongestHold = std::chrono::seconds(8);
/// A first check that goes well takes less, and one that does not is worth telling of while it lasts.
constexpr std::chrono::seconds kSuccessorIsNear{3};
constexpr nanoseconds kWhileFlushing = std::chrono::milliseconds(500);

/// The text of the status is put in as it is: it was JSON when it was made.
std::string body_of(const ObjectId& id, const std::string& resource_version, const std::string& status) {
  const Json head = {
      {"apiVersion", resource::kApiVersion},
      {"kind", resource::kKind},
      {"metadata", {{"name", id.name}, {"namespace", id.ns}, {"resourceVersion", resource_version}}}};
  std::string body = head.dump(-1, ' ', false, Json::error_handler_t::replace);
  body.pop_back();
  return body + ",\"status\":" + status + "}";
}

ApiRequest patch_of(const ObjectId& id, std::string body, const Cancellation& until) {
  ApiRequest request{.verb = Verb::kPatch, .path = endpoint_status_path(id.ns, id.name)};
  request.query = {{"fieldManager", kFieldManager}, {"force", "true"}};
  request.content_type = kApplyPatch;
  request.body = std::move(body);
  request.cancellation = &until;
  return request;
}

}  // namespace

StatusWriter::StatusWriter(Services services, std::size_t writers)
    : services_(services),
      own_(&services.cancellation),
      away_(services.clock, services.random, kLongestHold) {
  for (std::size_t i = 0; i < std::max<std::size_t>(writers, 1); ++i)
    threads_.emplace_back([this] { run(); });
}

StatusWriter::~StatusWriter() {
  own_.cancel();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void StatusWriter::put(const ObjectId& id, StatusText text) {
  const std::scoped_lock lock(mutex_);
  queue_.put(id, std::move(text));
  if (nap_ != nullptr) nap_->cancel();
  work_.notify_one();
}

void StatusWriter::put_provisional(const ObjectId& id, StatusText text) {
  const std::scoped_lock lock(mutex_);
  queue_.put_provisional(id, std::move(text), services_.clock.monotonic() + kSuccessorIsNear);
  if (nap_ != nullptr) nap_->cancel();
  work_.notify_one();
}

void StatusWriter::forget(const std::string& uid) {
  const std::scoped_lock lock(mutex_);
  queue_.forget(uid);
  if (queue_.size() == 0) drained_.notify_all();
}

StatusText StatusWriter::waiting(const std::string& uid) const {
  const std::scoped_lock lock(mutex_);
  return queue_.find(uid);
}

std::size_t StatusWriter::pending() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

std::size_t StatusWriter::flush(nanoseconds grace) {
  std::unique_lock lock(mutex_);
  flushing_ = true;
  queue_.hasten(services_.clock.monotonic());
  wake_all();
  drained_.wait_for(lock, grace, [this] { return queue_.size() == 0 || own_.cancelled(); });
  flushing_ = false;
  return queue_.size();
}

void StatusWriter::wake_all() {
  if (nap_ != nullptr) nap_->cancel();
  work_.notify_all();
}

void StatusWriter::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !own_.cancelled()) {
    const auto item = queue_.take(services_.clock.monotonic());
    if (!item) {
      await(lock);
      continue;
    }
    lock.unlock();
    const Outcome outcome = attempt(*item);
    lock.lock();
    settle(*item, outcome);
  }
  drained_.notify_all();
}

/// One thread waits for time to pass, the others for something to do.
void StatusWriter::await(std::unique_lock<std::mutex>& lock) {
  const auto due = queue_.next_due();
  if (!due || nap_ != nullptr) {
    work_.wait(lock);
    return;
  }
  Cancellation nap(&own_);
  nap_ = &nap;
  const nanoseconds span = std::max<nanoseconds>(*due - services_.clock.monotonic(), nanoseconds(0));
  lock.unlock();
  services_.pause.wait(span, nap);
  lock.lock();
  nap_ = nullptr;
  work_.notify_all();
}

StatusWriter::Outcome StatusWriter::attempt(const WriteQueue::Item& item) {
  const ObjectId& id = item.id;
  for (int count = 1;; ++count) {
    const auto known = services_.endpoints.find(id.ns, id.name);
    if (!known || known->metadata().uid != id.uid) return {Kind::kDropped};
    if (says_the_same(known->status, *item.text)) return {Kind::kDropped};
    if (!services_.ownership.owns(id.uid)) return {Kind::kDropped};
    auto answer =
        services_.client.call_json(patch_of(id, body_of(id, known->resource_version, *item.text), own_));
    if (answer) {
      // What follows is written over this version; an answer without one shows at the next conflict.
      if (auto object = make_object(std::move(*answer))) note(*object);
      return {Kind::kWritten};
    }
    if (!answer.error().conflict()) return judged(std::move(answer.error()));
    if (auto end = look_again(item)) return std::move(*end);
    if (count == kMostConflicts) return {Kind::kContended};
    if (!services_.pause.wait(jittered(kAfterConflict * count), own_)) return {Kind::kCancelled};
  }
}

std::optional<StatusWriter::Outcome> StatusWriter::look_again(const WriteQueue::Item& item) {
  ApiRequest request{.path = endpoint_path(item.id.ns, item.id.name)};
  request.cancellation = &own_;
  auto answer = services_.client.call_json(request);
  if (!answer) return judged(std::move(answer.error()));
  const auto object = make_object(std::move(*answer));
  if (!object || object->id.uid != item.id.uid) return Outcome{Kind::kDropped};
  note(*object);
  return std::nullopt;
}

void StatusWriter::note(const Object& object) {
  // The watch may have told of it before the answer was here.
  const auto known = services_.endpoints.find(object.id.ns, object.id.name);
  if (known && known->resource_version == object.resource_version) return;
  services_.endpoints.update(object.id, object.resource_version, status_text_of(object.document));
}

StatusWriter::Outcome StatusWriter::judged(ApiError error) {
  if (error.kind == ApiError::Kind::kCancelled) return {Kind::kCancelled};
  if (error.not_found()) return {Kind::kDropped};
  const bool answered = error.kind == ApiError::Kind::kStatus;
  const bool of_the_server = error.code == 401 || error.code == 408 || error.code == 429 || error.code >= 500;
  return {answered && !of_the_server ? Kind::kRefused : Kind::kAway, std::move(error)};
}

void StatusWriter::settle(const WriteQueue::Item& item, const Outcome& outcome) {
  const base::MonoTime now = services_.clock.monotonic();
  const auto put_off = [&](nanoseconds span) {
    queue_.later(item, now + std::chrono::duration_cast<base::MonoTime::duration>(jittered(span)));
  };
  const bool heard =
      outcome.kind == Kind::kWritten || outcome.kind == Kind::kContended || outcome.kind == Kind::kRefused;
  // One that was under way when the first one failed may have been answered before that.
  if (heard && item.alone) {
    spdlog::info("the API server takes statuses again; {} wait", queue_.size());
    queue_.resume();
    away_.reset();
  }
  switch (outcome.kind) {
    case Kind::kWritten:
    case Kind::kDropped:
      queue_.done(item);
      break;
    case Kind::kContended:
      put_off(kAfterContention);
      break;
    case Kind::kRefused:
      if (outcome.error.code == 403 && item.refusals == 0) {
        put_off(kAfterFirstForbidden);
        break;
      }
      note_refusal(outcome.error);
      put_off(kAfterRefusal *
              (1 << std::min(item.refusals, queue_.size() < kFew ? kMostDoublingsOfFew : kMostDoublings)));
      break;
    case Kind::kAway:
      queue_.again(item);
      // Those that were under way when the first one failed say nothing new.
      if (item.alone || !queue_.holding()) hold(outcome.error);
      break;
    case Kind::kCancelled:
      queue_.again(item);
      break;
  }
  if (outcome.kind == Kind::kWritten) services_.metrics.status_saved(true);
  if (outcome.kind == Kind::kRefused || outcome.kind == Kind::kAway) services_.metrics.status_saved(false);
  if (queue_.size() == 0) drained_.notify_all();
  wake_all();
}

void StatusWriter::hold(const ApiError& error) {
  if (!queue_.holding()) {
    spdlog::warn("statuses wait until the API server takes them: {}{}{}", error.message,
                 error.peer_text.empty() ? "" : "; it said: ", error.peer_text);
  }
  nanoseconds span = flushing_ ? jittered(kWhileFlushing) : away_.next();
  if (error.retry_after)
    span = std::max<nanoseconds>(span, std::min<nanoseconds>(*error.retry_after, kLongestRetryAfter));
  queue_.hold(services_.clock.monotonic() + std::chrono::duration_cast<base::MonoTime::duration>(span));
}

void StatusWriter::note_refusal(const ApiError& error) {
  if (!refusals_told_.insert(error.code).second) return;
  const char* const what_to_do =
      error.code == 422 ? "; bring the CustomResourceDefinition to the version of this agent" : "";
  spdlog::error("a status was refused, as others may be, and will be tried again now and then: {}{}{}{}",
                error.message, what_to_do, error.peer_text.empty() ? "" : "; it said: ", error.peer_text);
}

/// From [1, 1.5) spans, so that many do not act as one.
nanoseconds StatusWriter::jittered(nanoseconds span) {
  const std::chrono::duration<double, std::nano> longer = span * (1.0 + services_.random.unit() / 2);
  return std::chrono::duration_cast<nanoseconds>(longer);
}

}  // namespace tlswarden::kube
