#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <future>

#include "net/offload_pool.hpp"
#include "tests/support/run_loop.hpp"

namespace tlswarden::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using Answer = IoResult<std::vector<Address>>;

class SystemResolver : public testing::Test {
 protected:
  Answer resolve(const std::string& host, std::chrono::nanoseconds patience = seconds(20)) {
    return test_support::run_loop(loop_,
                                  resolver_->resolve(host, 5432, base::Deadline::after(clock_, patience)));
  }

  base::SystemClock clock_;
  OffloadPool pool_{1};
  boost::asio::io_context loop_{1};
  std::unique_ptr<Resolver> resolver_ = make_system_resolver(pool_, clock_);
};

/// Keeps every thread of a one-thread pool busy until it dies.
class BusyPool {
 public:
  explicit BusyPool(OffloadPool& pool) {
    pool.post([open = gate_.get_future().share()] { open.wait(); });
  }
  ~BusyPool() { gate_.set_value(); }
  BusyPool(const BusyPool&) = delete;
  BusyPool& operator=(const BusyPool&) = delete;

 private:
  std::promise<void> gate_;
};

TEST_F(SystemResolver, AnswersLiteralsWithoutTheSystem) {
  const BusyPool busy(pool_);
  for (const char* literal : {"10.0.0.7", "::1", "fe80::1%lo", "2001:db8::7"}) {
    const Answer answer = resolve(literal, seconds(10));
    ASSERT_TRUE(answer) << literal << ": " << answer.error().message;
    EXPECT_THAT(*answer, ElementsAre(Address{literal, 5432}));
  }
}

TEST_F(SystemResolver, FindsLocalhostOnce) {
  const Answer answer = resolve("localhost");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(*answer, Contains(Address{"127.0.0.1", 5432}));
  auto sorted = *answer;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.ip < b.ip; });
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

TEST_F(SystemResolver, RefusesWhatCannotBeAName) {
  for (const std::string& host :
       {std::string(), std::string("localhost\0.example", 18), std::string("a..b"), std::string(300, 'a')}) {
    const Answer answer = resolve(host);
    EXPECT_FALSE(answer) << host;
  }
}

TEST_F(SystemResolver, GivesUpAtTheDeadlineWhileTheLookUpGoesOn) {
  const BusyPool busy(pool_);
  const Answer answer = resolve("localhost", milliseconds(30));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, IoError::Kind::kTimedOut);
}

TEST_F(SystemResolver, AnswersAgainOnceAHangingLookUpIsOver) {
  {
    const BusyPool busy(pool_);
    ASSERT_FALSE(resolve("localhost", milliseconds(30)));
    ASSERT_FALSE(resolve("localhost", milliseconds(30)));
  }
  EXPECT_TRUE(resolve("localhost"));
  EXPECT_TRUE(resolve("localhost"));
}

TEST_F(SystemResolver, SharesOneLookUpBetweenThoseWhoAskTogether) {
  using boost::asio::experimental::awaitable_operators::operator&&;
  const base::Deadline deadline = base::Deadline::after(clock_, seconds(20));
  const auto both = test_support::run_loop(
      loop_, [](Resolver& resolver, base::Deadline by) -> Awaitable<std::tuple<Answer, Answer>> {
        co_return co_await (resolver.resolve("localhost", 1, by) && resolver.resolve("localhost", 2, by));
      }(*resolver_, deadline));
  ASSERT_TRUE(std::get<0>(both));
  ASSERT_TRUE(std::get<1>(both));
  EXPECT_THAT(*std::get<0>(both), Contains(Address{"127.0.0.1", 1}));
  EXPECT_THAT(*std::get<1>(both), Contains(Address{"127.0.0.1", 2}));
}

TEST_F(SystemResolver, MayDieWhileALookUpIsUnderWay) {
  const BusyPool busy(pool_);
  ASSERT_FALSE(resolve("localhost", milliseconds(10)));
  resolver_.reset();
}

}  // namespace
}  // namespace tlswarden::net
