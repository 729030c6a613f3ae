#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "base/clock.hpp"
#include "kube/cancellation.hpp"

namespace tlswarden::test_support {

/// A clock that stands still until it is moved on, and the waits that go by it: they end when the clock has
/// come far enough, on the threads that wait.
class SteppedTime final : public base::Clock, public kube::Pause {
 public:
  explicit SteppedTime(base::WallTime start) : start_(start) {}

  base::WallTime now() const override {
    const std::scoped_lock lock(mutex_);
    return start_ + std::chrono::floor<std::chrono::seconds>(passed_);
  }
  base::MonoTime monotonic() const override {
    const std::scoped_lock lock(mutex_);
    return base::MonoTime(kBoot + passed_);
  }
  bool wait(std::chrono::nanoseconds span, const kube::Cancellation& cancellation) override {
    const int bell = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    begin(bell, span);
    while (!cancellation.cancelled() && !over(bell)) {
      std::array<pollfd, 2> waited{{{cancellation.descriptor(), POLLIN, 0}, {bell, POLLIN, 0}}};
      ::poll(waited.data(), waited.size(), -1);
      eventfd_t count = 0;
      static_cast<void>(::eventfd_read(bell, &count));
    }
    const std::scoped_lock lock(mutex_);
    waits_.erase(bell);
    ::close(bell);
    return !cancellation.cancelled();
  }

  void advance(std::chrono::nanoseconds span) {
    const std::scoped_lock lock(mutex_);
    passed_ += span;
    for (const auto& [bell, until] : waits_)
      static_cast<void>(::eventfd_write(bell, 1));
  }
  /// As advance(), once `count` threads wait for later than now; false when that takes too long.
  bool advance_when_waiting(std::size_t count, std::chrono::nanoseconds span) {
    {
      std::unique_lock lock(mutex_);
      const auto all_wait = [&] {
        std::size_t waiting = 0;
        for (const auto& [bell, until] : waits_)
          waiting += until > passed_ ? 1 : 0;
        return waiting >= count;
      };
      if (!began_.wait_for(lock, std::chrono::seconds(60), all_wait)) return false;
    }
    advance(span);
    return true;
  }

 private:
  static constexpr std::chrono::hours kBoot{24};

  void begin(int bell, std::chrono::nanoseconds span) {
    const std::scoped_lock lock(mutex_);
    waits_[bell] = passed_ + span;
    began_.notify_all();
  }
  bool over(int bell) const {
    const std::scoped_lock lock(mutex_);
    return waits_.at(bell) <= passed_;
  }

  const base::WallTime start_;
  mutable std::mutex mutex_;
  std::condition_variable began_;
  std::chrono::nanoseconds passed_{0};
  std::map<int, std::chrono::nanoseconds>
      waits_;  ///< by the descriptor that ends a sleep; when they are over
};

}  // namespace tlswarden::test_support
