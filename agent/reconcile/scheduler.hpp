#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace tlswarden::reconcile {

/// Decides when each endpoint is looked at. Does nothing by itself: the owner asks pop() and reports back. No
/// I/O; time and randomness are passed in. Not thread-safe: one worker owns it.
class Scheduler {
 public:
  /// Both must outlive it.
  Scheduler(const base::Clock& clock, base::Random& random) : clock_(clock), random_(random) {}

  struct Plan {
    base::Seconds interval{300};
    bool suspended = false;  ///< known, but never due
  };
  enum class Work {
    kCheck,  ///< look at the database
    kJudge,  ///< judge the last observation again: a date passed
  };
  struct Due {
    std::string key;
    Work work = Work::kCheck;
    std::chrono::nanoseconds lag{};  ///< how long after it was due
  };
  /// What came of a check.
  struct Report {
    int consecutive_failures = 0;
    /// When the verdict may change without anything being looked at.
    std::optional<base::WallTime> next_date;
    /// The next check is due within this, however long the interval.
    std::optional<std::chrono::nanoseconds> at_latest{};
  };

  /// Adds an endpoint, or changes the plan of a known one. Its first check is due within `spread` from now,
  /// at a random instant of it; for zero, at once. One that is being checked meanwhile is due again when that
  /// check has ended.
  void put(const std::string& key, Plan plan, std::chrono::nanoseconds spread);
  void remove(const std::string& key);

  /// The endpoint that is most overdue, which then counts as being worked on until finished() or put_back();
  /// nothing when none is due. Overdue checks come before judgements.
  std::optional<Due> pop();
  /// The work is done. After a check the next one is due after the interval, give or take a tenth; after a
  /// failed one within 15 s, doubling with each further failure up to the interval. Unknown keys are ignored.
  void finished(const std::string& key, Work work, const Report& report);

  /// How long to sleep before pop() may answer; at most 30 s, so that a clock set forward is noticed.
  std::chrono::nanoseconds until_next() const;

  /// When the next check is or became due, of those not being worked on; nothing when there is none.
  std::optional<base::MonoTime> next_due() const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Plan plan;
    base::MonoTime due{};
    std::optional<base::WallTime> next_date;
    bool busy = false;
    bool again = false;  ///< the plan changed while it was being worked on
  };

  base::MonoTime now() const { return clock_.monotonic(); }
  std::chrono::nanoseconds portion(std::chrono::nanoseconds span, double from, double to);
  void enqueue(const std::string& key, const Entry& entry);
  void dequeue(const std::string& key, const Entry& entry);
  std::optional<Due> pop_check();
  std::optional<Due> pop_judgement();

  const base::Clock& clock_;
  base::Random& random_;
  std::map<std::string, Entry> entries_;
  std::set<std::pair<base::MonoTime, std::string>>
      checks_;                                              ///< those neither busy nor suspended, by due time
  std::set<std::pair<base::WallTime, std::string>> dates_;  ///< those of them with a next_date
};

}  // namespace tlswarden::reconcile
