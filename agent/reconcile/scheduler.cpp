#include "reconcile/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tlswarden::reconcile {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestSleep = std::chrono::seconds(30);
constexpr nanoseconds kFirstRetry = std::chrono::seconds(15);
constexpr int kMostDoublings = 16;

nanoseconds retry_after(int failures, nanoseconds interval) {
  const int doublings = std::min(failures - 1, kMostDoublings);
  return std::min(interval, kFirstRetry * (std::int64_t{1} << doublings));
}

}  // namespace

nanoseconds Scheduler::portion(nanoseconds span, double from, double to) {
  const double share = from + (to - from) * random_.unit();
  return nanoseconds(std::llround(static_cast<double>(span.count()) * share));
}

void Scheduler::enqueue(const std::string& key, const Entry& entry) {
  if (entry.busy || entry.plan.suspended) return;
  checks_.emplace(entry.due, key);
  if (entry.next_date) dates_.emplace(*entry.next_date, key);
}

void Scheduler::dequeue(const std::string& key, const Entry& entry) {
  checks_.erase({entry.due, key});
  if (entry.next_date) dates_.erase({*entry.next_date, key});
}

void Scheduler::put(const std::string& key, Plan plan, nanoseconds spread) {
  Entry& entry = entries_[key];
  dequeue(key, entry);
  entry.plan = plan;
  entry.next_date.reset();
  entry.due = now() + std::chrono::duration_cast<base::MonoTime::duration>(portion(spread, 0, 1));
  entry.again = entry.busy;
  enqueue(key, entry);
}

void Scheduler::remove(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  dequeue(key, found->second);
  entries_.erase(found);
}

std::optional<Scheduler::Due> Scheduler::pop_check() {
  if (checks_.empty() || checks_.begin()->first > now()) return std::nullopt;
  const auto [due, key] = *checks_.begin();
  return Due{key, Work::kCheck, now() - due};
}

std::optional<Scheduler::Due> Scheduler::pop_judgement() {
  if (dates_.empty() || dates_.begin()->first > clock_.now()) return std::nullopt;
  const auto [date, key] = *dates_.begin();
  return Due{key, Work::kJudge, clock_.now() - date};
}

std::optional<Scheduler::Due> Scheduler::pop() {
  std::optional<Due> due = pop_check();
  if (!due) due = pop_judgement();
  if (!due) return std::nullopt;
  Entry& entry = entries_.at(due->key);
  dequeue(due->key, entry);
  entry.busy = true;
  return due;
}

void Scheduler::finished(const std::string& key, Work work, const Report& report) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.busy) return;
  Entry& entry = found->second;
  entry.busy = false;
  entry.next_date = report.next_date;
  if (entry.again) {
    entry.again = false;
  } else if (work == Work::kCheck) {
    const nanoseconds interval = entry.plan.interval;
    nanoseconds span = report.consecutive_failures > 0
                           ? portion(retry_after(report.consecutive_failures, interval), 0.8, 1.0)
                           : portion(interval, 0.9, 1.1);
    if (report.at_latest) span = std::min(span, *report.at_latest);
    entry.due = now() + std::chrono::duration_cast<base::MonoTime::duration>(span);
  }
  enqueue(key, entry);
}

nanoseconds Scheduler::until_next() const {
  nanoseconds wait = kLongestSleep;
  if (!checks_.empty()) wait = std::min(wait, nanoseconds(checks_.begin()->first - now()));
  if (!dates_.empty()) wait = std::min(wait, nanoseconds(dates_.begin()->first - clock_.now()));
  return std::max(wait, nanoseconds(0));
}

std::optional<base::MonoTime> Scheduler::next_due() const {
  if (checks_.empty()) return std::nullopt;
  return checks_.begin()->first;
}

}  // namespace tlswarden::reconcile
