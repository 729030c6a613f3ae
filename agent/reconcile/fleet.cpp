#include "reconcile/fleet.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

namespace tlswarden::reconcile {
namespace {

/// First checks start at no more than a hundred a second, however many endpoints appear at once.
constexpr std::chrono::milliseconds kSpreadPerEndpoint{10};
/// How long a cancelled check may take to notice.
constexpr std::chrono::seconds kLastMoments{1};

}  // namespace

Fleet::Fleet(const Worker::Services& services, std::size_t workers, const ObserverFactory& make_observer)
    : board_(services.board), current_(std::make_shared<const EndpointSet>()) {
  for (std::size_t i = 0; i < std::max<std::size_t>(workers, 1); ++i) {
    workers_.push_back(std::make_unique<Worker>(services, make_observer()));
  }
}

std::size_t Fleet::worker_of(const std::string& key) const {
  return std::hash<std::string>{}(key) % workers_.size();
}

void Fleet::apply(const EndpointSetPtr& set) {
  const std::scoped_lock lock(mutex_);
  const EndpointSetPtr before = std::exchange(current_, set);
  std::vector<Worker::Change> changes(workers_.size());
  std::size_t count = 0;
  for (const auto& [key, endpoint] : set->endpoints) {
    const auto known = before->endpoints.find(key);
    if (known != before->endpoints.end() && known->second == endpoint) continue;
    changes[worker_of(key)].endpoints.push_back(endpoint);
    ++count;
  }
  for (const auto& [key, endpoint] : before->endpoints) {
    if (!set->endpoints.contains(key)) changes[worker_of(key)].removed.push_back(key);
  }
  // One endpoint alone is checked at once.
  const std::chrono::nanoseconds spread =
      kSpreadPerEndpoint * static_cast<std::int64_t>(count - (count == 0 ? 0 : 1));
  auto outstanding = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    changes[i].spread = spread;
    changes[i].taken_over = [this, outstanding] {
      if (outstanding->fetch_sub(1) == 1) board_.set_synced();
    };
    workers_[i]->apply(std::move(changes[i]));
  }
}

bool Fleet::stop(std::chrono::nanoseconds grace) {
  const auto until = std::chrono::steady_clock::now() + grace;
  for (const auto& worker : workers_)
    worker->drain();
  bool orderly = true;
  for (const auto& worker : workers_)
    orderly = worker->ended_by(until) && orderly;
  if (orderly) return true;
  for (const auto& worker : workers_)
    worker->cancel();
  const auto last = std::chrono::steady_clock::now() + kLastMoments;
  for (const auto& worker : workers_)
    worker->ended_by(last);
  return false;
}

Load Fleet::load() const {
  Load sum;
  sum.last_turn = base::MonoTime::max();
  for (const auto& worker : workers_) {
    const Load one = worker->load();
    sum.last_turn = std::min(sum.last_turn, one.last_turn);
    sum.endpoints += one.endpoints;
    sum.waiting += one.waiting;
    sum.running += one.running;
    if (one.next_due && (!sum.next_due || *one.next_due < *sum.next_due)) sum.next_due = one.next_due;
  }
  return sum;
}

}  // namespace tlswarden::reconcile
