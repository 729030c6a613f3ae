#include "kube/lease_watch.hpp"

#include <system_error>
#include <utility>

#include "kube/api_paths.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kMostMembers = 1000;
/// A Lease says little; what people may hang on it is bounded.
constexpr std::size_t kLargestLease = std::size_t{256} << 10U;
/// Nobody owns anything until the Leases are seen again, so an outage must not outlive itself.
constexpr base::Seconds kLongestWait{5};

ReflectorHealth sum(const ReflectorHealth& past, ReflectorHealth now) {
  now.lists += past.lists;
  now.watches += past.watches;
  now.failures += past.failures;
  return now;
}

}  // namespace

LeaseWatch::LeaseWatch(Services services, std::string ns, std::string group, Told told)
    : services_(services), ns_(std::move(ns)), group_(std::move(group)), told_(std::move(told)) {}

void LeaseWatch::run() {
  constexpr base::Seconds kPatience{1};
  while (!services_.cancellation.cancelled()) {
    try {
      run_once();
    } catch (const std::system_error&) {
      // The process has no file descriptor left.
      services_.pause.wait(kPatience, services_.cancellation);
    }
  }
}

void LeaseWatch::run_once() {
  Cancellation until(&services_.cancellation);
  Reflector current(services_.client,
                    {.path = leases_path(ns_),
                     .selectors = {{"labelSelector", std::string(kMemberLabel) + "=" + group_}},
                     .longest_wait = kLongestWait,
                     .largest_object = kLargestLease,
                     .most_objects = kMostMembers},
                    *this, services_.clock, services_.random, services_.pause, until);
  // The one before may have ended in the middle of a listing.
  staged_.clear();
  told_.begins();
  {
    const std::scoped_lock lock(mutex_);
    reflector_ = &current;
    until_ = &until;
  }
  current.run();
  const std::scoped_lock lock(mutex_);
  past_ = sum(past_, current.health());
  reflector_ = nullptr;
  until_ = nullptr;
}

void LeaseWatch::begin_anew() {
  const std::scoped_lock lock(mutex_);
  if (until_ != nullptr) until_->cancel();
}

ReflectorHealth LeaseWatch::health() const {
  const std::scoped_lock lock(mutex_);
  return reflector_ == nullptr ? past_ : sum(past_, reflector_->health());
}

void LeaseWatch::replace(std::vector<ObjectId> gone) {
  std::vector<std::string> names;
  for (ObjectId& id : gone)
    names.push_back(std::move(id.name));
  told_.listed(std::exchange(staged_, {}), names);
}

}  // namespace tlswarden::kube
