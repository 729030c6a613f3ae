#include "kube/membership.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "kube/alarm.hpp"
#include "kube/api_paths.hpp"
#include "kube/lease_keeper.hpp"
#include "kube/lease_watch.hpp"
#include "kube/member_view.hpp"

namespace tlswarden::kube {
namespace {

using Outcome = LeaseKeeper::Outcome;

/// What the leader is the owner of. No uid looks like that.
constexpr const char* kLeaderKey = "leader";
constexpr base::Seconds kLeaveTimeout{2};
constexpr base::Seconds kAbandonedAfter{3600};
constexpr base::Seconds kSweepInterval{600};
constexpr std::size_t kMostSwept = 20;

LeaseKeeper::Terms terms_of(const MembershipOptions& options, base::Random& random) {
  return {.ns = options.ns,
          .group = options.group,
          .name = lease_name(options.group, options.identity),
          .holder = process_holder(options.identity, random),
          .duration = options.duration,
          .pod = options.pod};
}

}  // namespace

/// Three threads: one follows the Leases, one keeps the own, one tells of changes, also of those that time
/// alone brings about.
struct Membership::Impl {
  Impl(Services given, MembershipOptions chosen)
      : services(given),
        options(std::move(chosen)),
        terms(terms_of(options, services.random)),
        keeper(services.client, services.clock, terms,
               [this](const std::string& renewed) { begun(renewed); }),
        view({.lease = terms.name, .holder = terms.holder, .duration = terms.duration}),
        watch({services.client, services.clock, services.random, services.pause, stop}, options.ns,
              options.group, seen()) {}

  void start(Listener listener);
  void stop_threads();

  LeaseWatch::Told seen();
  void listed(std::vector<MemberLease> leases, const std::vector<std::string>& gone);
  void look_for_change();

  void keep();
  Outcome renew();
  std::chrono::nanoseconds until_next(int failures);
  void note(Outcome outcome);
  void begun(const std::string& renewed);
  void sweep();

  void tell(const Listener& listener);
  void log_members(const std::vector<std::string>& members) const;

  bool owns(std::string_view key);

  const Services services;
  const MembershipOptions options;
  const LeaseKeeper::Terms terms;
  Cancellation stop{&services.cancellation};
  Alarm due{services.pause, stop};      ///< for the thread that renews
  Alarm changed{services.pause, stop};  ///< for the one that tells
  LeaseKeeper keeper;                   ///< the renewing thread's, after it leave()'s
  Outcome noted = Outcome::kRenewed;    ///< this and the next are the renewing thread's
  base::MonoTime next_sweep{};

  std::mutex mutex;  ///< for the next three
  MemberView view;
  std::vector<std::string> told;  ///< the Leases of those who share the work, as the listener knows
  bool left = false;

  LeaseWatch watch;
  std::mutex leave_mutex;  ///< for the threads
  std::thread following, keeping, telling;
};

void Membership::Impl::start(Listener listener) {
  const std::scoped_lock lock(leave_mutex);
  following = std::thread([this] { watch.run(); });
  keeping = std::thread([this] { keep(); });
  telling = std::thread([this, listener = std::move(listener)] { tell(listener); });
}

void Membership::Impl::stop_threads() {
  stop.cancel();
  for (std::thread* thread : {&following, &keeping, &telling}) {
    if (thread->joinable()) thread->join();
  }
}

LeaseWatch::Told Membership::Impl::seen() {
  return {.begins =
              [this] {
                const std::scoped_lock lock(mutex);
                view.watch_begins(services.clock.monotonic());
              },
          .listed = [this](std::vector<MemberLease> leases,
                           const std::vector<std::string>& gone) { listed(std::move(leases), gone); },
          .put =
              [this](MemberLease lease) {
                {
                  const std::scoped_lock lock(mutex);
                  view.put(std::move(lease), services.clock.monotonic());
                }
                look_for_change();
              },
          .removed =
              [this](const std::string& name) {
                {
                  const std::scoped_lock lock(mutex);
                  view.remove(name);
                }
                look_for_change();
              }};
}

void Membership::Impl::listed(std::vector<MemberLease> leases, const std::vector<std::string>& gone) {
  {
    const std::scoped_lock lock(mutex);
    const base::MonoTime now = services.clock.monotonic();
    const bool before = view.may_renew(now);
    view.listed(std::move(leases), gone, now);
    if (!before && view.may_renew(now)) due.ring();
  }
  look_for_change();
}

/// Whether there is something to tell; a renewal is nothing.
void Membership::Impl::look_for_change() {
  bool news = false;
  {
    const std::scoped_lock lock(mutex);
    const MemberView::Standing& now = view.standing(services.clock.monotonic());
    news = now.in ? now.ring.members() != told : !told.empty();
  }
  if (news) changed.ring();
}

void Membership::Impl::keep() {
  int failures = 0;
  while (!stop.cancelled()) {
    const base::MonoTime now = services.clock.monotonic();
    bool may = false;
    bool dead = false;
    {
      const std::scoped_lock lock(mutex);
      due.heard();
      may = view.may_renew(now);
      dead = view.watch_is_dead(now);
    }
    if (dead) {
      spdlog::warn("the watch of the replicas' Leases is silent though they change; it is begun anew");
      watch.begin_anew();
    }
    if (may) failures = renew() == Outcome::kFailed ? failures + 1 : 0;
    sweep();
    due.wait(until_next(failures));
  }
}

Outcome Membership::Impl::renew() {
  // A server that hangs must be noticed while there is time for another attempt.
  const base::Seconds duration = options.duration;
  const auto timeout =
      std::max<std::chrono::nanoseconds>(std::chrono::nanoseconds(duration) / 4, std::chrono::seconds(1));
  const Outcome outcome = keeper.renew(timeout, stop);
  if (outcome == Outcome::kRenewed) {
    const std::scoped_lock lock(mutex);
    view.renewal_succeeded(keeper.renewed(), services.clock.monotonic());
  }
  if (!stop.cancelled()) note(outcome);
  return outcome;
}

std::chrono::nanoseconds Membership::Impl::until_next(int failures) {
  // The first that fail are repeated soon, for the Lease runs; a server that stays away is not pressed.
  constexpr int kHurried = 2;
  const std::chrono::nanoseconds interval = options.renewal;
  const auto span = failures != 0 && failures <= kHurried ? interval / 4 : interval;
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(span.count()) * (0.9 + 0.2 * services.random.unit())));
}

/// Says what is new, and the same trouble once: a server that is away fails in one way after another.
void Membership::Impl::note(Outcome outcome) {
  if (outcome == std::exchange(noted, outcome)) return;
  switch (outcome) {
    case Outcome::kFailed:
      spdlog::warn("this replica's Lease {} cannot be written; without it others do the work: {}", terms.name,
                   keeper.problem());
      return;
    case Outcome::kHeldByAnother:
      spdlog::warn(
          "the Lease {} is held by {}, a process of the same identity as this one, which owns nothing until "
          "that one has been silent for {} s; give each replica an identity of its own, unless this one was "
          "just started again",
          terms.name, keeper.other(), options.duration.count());
      return;
    case Outcome::kRenewed:
      spdlog::info("this replica keeps its Lease {} from now on", terms.name);
      return;
  }
}

void Membership::Impl::begun(const std::string& renewed) {
  const std::scoped_lock lock(mutex);
  view.renewal_begins(renewed, services.clock.monotonic());
}

/// The leader removes what members left behind that never left.
void Membership::Impl::sweep() {
  const base::MonoTime now = services.clock.monotonic();
  if (now < next_sweep || !owns(kLeaderKey)) return;
  next_sweep = now + kSweepInterval;
  std::vector<MemberLease> abandoned;
  {
    const std::scoped_lock lock(mutex);
    abandoned = view.abandoned(now, kAbandonedAfter);
  }
  if (abandoned.size() > kMostSwept) abandoned.resize(kMostSwept);
  for (const MemberLease& lease : abandoned) {
    const auto removed =
        services.client.call({.verb = Verb::kDelete,
                              .path = leases_path(options.ns) + "/" + path_segment(lease.name),
                              .content_type = kJson,
                              .body = delete_options(lease),
                              .timeout = std::chrono::seconds(1),
                              .cancellation = &stop});
    // Whatever went wrong: the next time is soon enough.
    if (!removed) return;
    spdlog::info("the Lease {} of a replica that is gone was deleted", lease.name);
  }
}

void Membership::Impl::tell(const Listener& listener) {
  constexpr std::chrono::hours kLong{1};
  while (!stop.cancelled()) {
    const base::MonoTime now = services.clock.monotonic();
    std::chrono::nanoseconds span = kLong;
    std::vector<std::string> members;
    bool news = false;
    {
      const std::scoped_lock lock(mutex);
      const MemberView::Standing& standing = view.standing(now);
      std::vector<std::string> names;
      if (standing.in) names = standing.ring.members();
      news = names != std::exchange(told, names);
      members = standing.members;
      if (standing.until) span = *standing.until - now;
    }
    if (!news) {
      changed.wait(span);
      continue;
    }
    log_members(members);
    listener();
  }
}

void Membership::Impl::log_members(const std::vector<std::string>& members) const {
  if (members.empty()) {
    spdlog::warn("this replica is not among those that share the work, and owns nothing for now");
    return;
  }
  constexpr std::size_t kLongest = 1000;
  spdlog::info("{} {} the work: {}", members.size(), members.size() == 1 ? "replica does" : "replicas share",
               base::printable(base::join(members, ", "), kLongest));
}

bool Membership::Impl::owns(std::string_view key) {
  const std::scoped_lock lock(mutex);
  return !left && view.owns(key, services.clock.monotonic());
}

Membership::Membership(Services services, MembershipOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(options))) {}

Membership::~Membership() {
  impl_->stop_threads();
}

bool Membership::owns(const std::string& uid) const {
  return impl_->owns(uid);
}

bool Membership::leads() const {
  return impl_->owns(kLeaderKey);
}

void Membership::watch(Listener changed) {
  impl_->start(std::move(changed));
}

std::vector<std::string> Membership::members() const {
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->left) return {};
  return impl_->view.standing(impl_->services.clock.monotonic()).members;
}

ReflectorHealth Membership::watch_health() const {
  return impl_->watch.health();
}

void Membership::leave() {
  const std::scoped_lock one_at_a_time(impl_->leave_mutex);
  {
    const std::scoped_lock lock(impl_->mutex);
    if (std::exchange(impl_->left, true)) return;
  }
  impl_->stop_threads();
  if (!impl_->keeper.give_up(kLeaveTimeout, impl_->services.cancellation)) {
    spdlog::warn("this replica's Lease {} could not be given up: others take over when it ends",
                 impl_->terms.name);
  }
}

}  // namespace tlswarden::kube
