#include "kube/reference_follower.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "kube/alarm.hpp"
#include "kube/backoff.hpp"
#include "kube/reference_book.hpp"
#include "kube/reference_get.hpp"
#include "kube/reference_watch.hpp"

namespace tlswarden::kube {
namespace {

constexpr int kForbidden = 403;
/// Between the beginnings of two GETs.
constexpr std::chrono::milliseconds kShortestGap{10};
/// Until content that may not be read any more is tried again; up to twice that.
constexpr base::Seconds kDoubt{15};
/// Until one that may not be read is tried again, on average: who has just granted it is looking.
constexpr base::Seconds kAfterGrant{30};
/// Many of these share so many requests: the next try of each is that much later for every other one.
constexpr base::Seconds kForEachForbidden{1};
/// Until an object that the server did not give is tried again; up to twice that.
constexpr base::Seconds kAfterFailure{30};

using Term = ReferenceBook::Term;

/// How one object is followed.
struct Followed {
  Term term = 0;
  std::unique_ptr<ReferenceWatch> watch;  ///< null: it is read by GET
  base::MonoTime due{};                   ///< when; its place in the queue
  bool denied = false;                    ///< to list or to watch, since it was last read
  bool doubted = false;                   ///< may not be read, though its content is known
  bool forbidden = false;                 ///< may not be read, and that was told
  int broken = 0;                         ///< how often on end
};

}  // namespace

struct ReferenceFollower::Impl {
  Impl(const Services& given, ReferenceFollowerOptions the_options)
      : services(given),
        options(the_options),
        own(&given.cancellation),
        bell(given.pause, own),
        backoff(given.clock, given.random),
        worker([this] { work(); }) {}

  void nudge();
  void work();
  bool wait_until(base::MonoTime due);

  void reconcile();
  void drop_unwanted(const std::map<ReferencedObject, Term>& wanted);
  void take_denied();
  void begin(const ReferencedObject& object, Term term);
  bool begin_watch(const ReferencedObject& object, Followed& followed);
  void enqueue(const ReferencedObject& object, Followed& followed, std::chrono::nanoseconds after);

  void read_next();
  void take_read(const ReferencedObject& object, Followed& followed, ReferenceContent content);
  void take_forbidden(const ReferencedObject& object, Followed& followed);
  void take_failure(const ReferencedObject& object, Followed& followed, const ApiError& error);
  void tell(const ReferencedObject& object, const Followed& followed, ReferenceContent content);
  std::chrono::nanoseconds jittered(std::chrono::nanoseconds shortest, std::chrono::nanoseconds more) {
    return shortest + std::chrono::nanoseconds(static_cast<std::int64_t>(services.random.unit() *
                                                                         static_cast<double>(more.count())));
  }
  std::chrono::nanoseconds around(std::chrono::nanoseconds span) { return jittered(span / 2, span); }
  std::chrono::nanoseconds until_poll() { return around(options.poll); }
  void set_forbidden(Followed& how, bool is) {
    if (std::exchange(how.forbidden, is) != is) forbidden += is ? 1 : -1;
  }

  const Services services;
  const ReferenceFollowerOptions options;
  Cancellation own;
  ReferenceBook book;

  std::atomic<bool> nudged{false};  ///< there is something to reconcile
  Alarm bell;                       ///< rings then

  // The worker's alone.
  std::map<ReferencedObject, Followed> followed;
  std::set<std::pair<base::MonoTime, ReferencedObject>> queue;
  base::MonoTime resume_at{};  ///< no GET before
  Backoff backoff;
  std::int64_t forbidden = 0;  ///< of `followed`
  std::atomic<std::size_t> watches{0};

  std::mutex stopping;
  std::thread worker, teller;
};

void ReferenceFollower::Impl::nudge() {
  nudged = true;
  bell.ring();
}

/// False when there is something else to do first.
bool ReferenceFollower::Impl::wait_until(base::MonoTime due) {
  const auto span = due - services.clock.monotonic();
  return span <= span.zero() || bell.wait(span);
}

void ReferenceFollower::Impl::work() {
  constexpr std::chrono::hours kLong{1};
  while (!own.cancelled()) {
    if (nudged.exchange(false)) reconcile();
    if (queue.empty()) {
      bell.wait(kLong);
    } else if (wait_until(std::max(queue.begin()->first, resume_at))) {
      read_next();
    }
  }
  drop_unwanted({});
}

void ReferenceFollower::Impl::reconcile() {
  const auto wanted = book.wanted();
  drop_unwanted(wanted);
  take_denied();
  for (const auto& [object, term] : wanted)
    if (!followed.contains(object)) begin(object, term);
}

void ReferenceFollower::Impl::drop_unwanted(const std::map<ReferencedObject, Term>& wanted) {
  std::list<Followed> leaving;
  for (auto entry = followed.begin(); entry != followed.end();) {
    auto& [object, how] = *entry;
    const auto still = wanted.find(object);
    if (still != wanted.end() && still->second == how.term) {
      ++entry;
      continue;
    }
    if (how.watch) {
      // All of them first, and only then the waiting for each.
      how.watch->cancel();
      --watches;
    } else {
      queue.erase({how.due, object});
    }
    set_forbidden(how, false);
    leaving.push_back(std::move(how));
    entry = followed.erase(entry);
  }
}

void ReferenceFollower::Impl::take_denied() {
  for (auto& [object, how] : followed) {
    if (!how.watch || !how.watch->denied()) continue;
    how.watch.reset();
    --watches;
    how.denied = true;
    enqueue(object, how, {});
  }
}

void ReferenceFollower::Impl::begin(const ReferencedObject& object, Term term) {
  if (!can_exist(object)) {
    book.put(object, term, {});
    return;
  }
  Followed& fresh = followed[object];
  fresh.term = term;
  if (!begin_watch(object, fresh)) enqueue(object, fresh, {});
}

bool ReferenceFollower::Impl::begin_watch(const ReferencedObject& object, Followed& how) {
  if (watches >= options.most_watches) return false;
  try {
    const ReferenceWatch::Services shared{
        services.client, services.clock, services.random, services.pause, own, book};
    how.watch = std::make_unique<ReferenceWatch>(shared, object, how.term, [this] { nudge(); });
  } catch (const std::system_error& error) {
    spdlog::warn(
        "{} {} is read now and then rather than watched, for there is no thread or descriptor left: {}",
        object.ns, object.name, error.what());
    return false;
  }
  ++watches;
  return true;
}

void ReferenceFollower::Impl::enqueue(const ReferencedObject& object, Followed& how,
                                      std::chrono::nanoseconds after) {
  how.due = services.clock.monotonic() + std::chrono::duration_cast<base::MonoTime::duration>(after);
  queue.emplace(how.due, object);
}

void ReferenceFollower::Impl::read_next() {
  const ReferencedObject object = queue.begin()->second;
  queue.erase(queue.begin());
  Followed& how = followed.at(object);
  resume_at = services.clock.monotonic() + kShortestGap;
  auto content = get_reference(services.client, object, own);
  if (!content && content.error().code != kForbidden) return take_failure(object, how, content.error());
  backoff.reset();
  if (content) {
    take_read(object, how, std::move(*content));
  } else {
    take_forbidden(object, how);
  }
}

void ReferenceFollower::Impl::take_read(const ReferencedObject& object, Followed& how,
                                        ReferenceContent content) {
  tell(object, how, std::move(content));
  how.doubted = false;
  set_forbidden(how, false);
  how.broken = 0;
  // Whoever may get but not watch it is asked again next time, and not in a circle.
  if (!std::exchange(how.denied, false) && begin_watch(object, how)) return;
  enqueue(object, how, until_poll());
}

void ReferenceFollower::Impl::take_forbidden(const ReferencedObject& object, Followed& how) {
  how.denied = false;
  how.broken = 0;
  if (!how.doubted && book.read(object)) {
    how.doubted = true;
    enqueue(object, how, jittered(kDoubt, kDoubt));
    return;
  }
  how.doubted = false;
  set_forbidden(how, true);
  tell(object, how, forbidden_reference(object));
  const std::chrono::nanoseconds patience = std::max(kAfterGrant, forbidden * kForEachForbidden);
  enqueue(object, how, around(std::min(patience, options.poll)));
}

void ReferenceFollower::Impl::take_failure(const ReferencedObject& object, Followed& how,
                                           const ApiError& error) {
  enqueue(object, how, jittered(kAfterFailure, kAfterFailure));
  if (error.kind == ApiError::Kind::kCancelled) return;
  how.broken = object_is_broken(error) ? how.broken + 1 : 0;
  if (how.broken >= kBrokenOnEnd && !book.read(object)) {
    tell(object, how, ungiven_reference(object, error.message));
  }
  // The server may be away or busy: the others wait, too.
  resume_at =
      services.clock.monotonic() + std::chrono::duration_cast<base::MonoTime::duration>(backoff.next());
}

void ReferenceFollower::Impl::tell(const ReferencedObject& object, const Followed& how,
                                   ReferenceContent content) {
  const std::string problem = content.problem;
  if (book.put(object, how.term, std::move(content)) && !problem.empty()) spdlog::warn("{}", problem);
}

ReferenceFollower::ReferenceFollower(Services services, ReferenceFollowerOptions options)
    : impl_(std::make_unique<Impl>(services, options)) {}

ReferenceFollower::~ReferenceFollower() {
  stop();
}

void ReferenceFollower::follow(std::set<ReferencedObject> wanted) {
  if (impl_->book.want(wanted)) impl_->nudge();
}

bool ReferenceFollower::settled(const ReferencedObject& object) const {
  return impl_->book.settled(object);
}

ObjectContentsPtr ReferenceFollower::contents() const {
  return impl_->book.contents();
}

void ReferenceFollower::watch(Listener listener) {
  impl_->teller = std::thread([this, listener = std::move(listener)] {
    Impl& impl = *impl_;
    while (impl.book.await_news() && impl.services.pause.wait(impl.options.gather, impl.own)) {
      const auto news = impl.book.take_news();
      if (!news.empty()) listener(news);
    }
  });
}

void ReferenceFollower::stop() {
  const std::scoped_lock lock(impl_->stopping);
  impl_->own.cancel();
  impl_->book.close();
  impl_->nudge();
  if (impl_->worker.joinable()) impl_->worker.join();
  if (impl_->teller.joinable()) impl_->teller.join();
}

std::size_t ReferenceFollower::watches() const {
  return impl_->watches;
}

}  // namespace tlswarden::kube
