#include "net/rate_limit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/run_loop.hpp"

namespace tlswarden::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Permit = ProbeLimiter::Permit;

class Limiter : public testing::Test {
 protected:
  IoResult<Permit> acquire(ProbeLimiter& limiter, const std::string& host,
                           std::chrono::nanoseconds patience) {
    return test_support::run_loop(loop_, limiter.acquire(host, base::Deadline::after(clock_, patience)));
  }
  base::SystemClock clock_;
  boost::asio::io_context loop_{1};
};

TEST_F(Limiter, LetsOnlySoManyThroughAtATime) {
  ProbeLimiter limiter(clock_, {.total = 2, .per_host = 5});
  auto first = acquire(limiter, "a", seconds(5));
  const auto second = acquire(limiter, "b", seconds(5));
  ASSERT_TRUE(first && second);
  const auto third = acquire(limiter, "c", milliseconds(20));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, IoError::Kind::kTimedOut);
  EXPECT_EQ(limiter.active(), 2U);
  EXPECT_EQ(limiter.waiting(), 0U);
  {
    const Permit given_back = *std::move(first);
  }
  EXPECT_TRUE(acquire(limiter, "c", seconds(5)));
}

TEST_F(Limiter, CountsEachHostByItself) {
  ProbeLimiter limiter(clock_, {.total = 10, .per_host = 1});
  const auto a = acquire(limiter, "a", seconds(5));
  ASSERT_TRUE(a);
  EXPECT_FALSE(acquire(limiter, "a", milliseconds(20)));
  EXPECT_TRUE(acquire(limiter, "b", seconds(5)));
}

TEST_F(Limiter, SpacesTheChecksOfOneHost) {
  ProbeLimiter limiter(clock_, {.total = 10, .per_host = 5, .host_interval = milliseconds(60)});
  const base::MonoTime begin = clock_.monotonic();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(acquire(limiter, "a", seconds(5)));
  EXPECT_GE(clock_.monotonic() - begin, milliseconds(120));
}

TEST_F(Limiter, GivesUpWhereTheIntervalOutlastsTheDeadlineAndLetsOtherHostsThrough) {
  ProbeLimiter limiter(clock_, {.total = 10, .per_host = 5, .host_interval = std::chrono::hours(1)});
  ASSERT_TRUE(acquire(limiter, "a", seconds(5)));
  const auto too_soon = acquire(limiter, "a", milliseconds(5));
  ASSERT_FALSE(too_soon);
  EXPECT_EQ(too_soon.error().kind, IoError::Kind::kTimedOut);
  EXPECT_TRUE(acquire(limiter, "b", seconds(5)));
}

TEST_F(Limiter, ServesWaitersInTheOrderInWhichTheyCame) {
  ProbeLimiter limiter(clock_, {.total = 1, .per_host = 1});
  auto held = acquire(limiter, "a", seconds(5));
  ASSERT_TRUE(held);
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    boost::asio::co_spawn(
        loop_,
        [](ProbeLimiter& from, base::Deadline by, std::vector<int>& served, int number) -> Awaitable<void> {
          const auto permit = co_await from.acquire("a", by);
          if (permit) served.push_back(number);
        }(limiter, base::Deadline::after(clock_, seconds(20)), order, i),
        boost::asio::detached);
  }
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(limiter.waiting(), 4U);
  {
    const Permit given_back = *std::move(held);
  }
  loop_.restart();
  loop_.run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(limiter.active(), 0U);
}

TEST_F(Limiter, ForgetsAWaiterWhoseLoopIsGone) {
  ProbeLimiter limiter(clock_, {.total = 1, .per_host = 1});
  auto held = acquire(limiter, "a", seconds(5));
  {
    boost::asio::io_context other(1);
    boost::asio::co_spawn(
        other,
        [](ProbeLimiter& from, base::Deadline by) -> Awaitable<void> { co_await from.acquire("a", by); }(
                                                      limiter, base::Deadline::after(clock_, seconds(20))),
        boost::asio::detached);
    other.poll();
    ASSERT_EQ(limiter.waiting(), 1U);
  }
  EXPECT_EQ(limiter.waiting(), 0U);
  {
    const Permit given_back = *std::move(held);
  }
  EXPECT_TRUE(acquire(limiter, "a", seconds(5)));
}

/// How many were at work at the same time, at most.
struct Peak {
  void enter(const std::string& host) {
    const std::lock_guard lock(mutex);
    most = std::max(most, ++now);
    most_per_host = std::max(most_per_host, ++hosts[host]);
  }
  void leave(const std::string& host) {
    const std::lock_guard lock(mutex);
    --now;
    --hosts[host];
    ++done;
  }
  std::mutex mutex;
  int now = 0, most = 0, most_per_host = 0, done = 0;
  std::map<std::string, int> hosts;
};

Awaitable<void> work(ProbeLimiter& limiter, std::string host, base::Deadline deadline, Peak& peak) {
  const auto permit = co_await limiter.acquire(host, deadline);
  if (!permit) co_return;
  peak.enter(host);
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, milliseconds(1));
  co_await pause.async_wait(boost::asio::use_awaitable);
  peak.leave(host);
}

TEST_F(Limiter, HoldsItsBoundsOverSeveralThreads) {
  ProbeLimiter limiter(clock_, {.total = 6, .per_host = 2});
  Peak peak;
  constexpr int kThreads = 4, kEach = 60;
  std::vector<std::thread> workers;
  for (int t = 0; t < kThreads; ++t) {
    workers.emplace_back([&] {
      boost::asio::io_context loop(1);
      for (int i = 0; i < kEach; ++i) {
        boost::asio::co_spawn(
            loop,
            work(limiter, "host" + std::to_string(i % 5), base::Deadline::after(clock_, seconds(50)), peak),
            boost::asio::detached);
      }
      loop.run();
    });
  }
  for (std::thread& worker : workers)
    worker.join();
  EXPECT_EQ(peak.done, kThreads * kEach);
  EXPECT_LE(peak.most, 6);
  EXPECT_LE(peak.most_per_host, 2);
  EXPECT_EQ(limiter.active(), 0U);
}

}  // namespace
}  // namespace tlswarden::net
