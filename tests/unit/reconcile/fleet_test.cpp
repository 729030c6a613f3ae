#include "reconcile/fleet.hpp"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <set>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "tests/unit/reconcile/fakes.hpp"

namespace tlswarden::reconcile {
namespace {

using namespace std::chrono_literals;

/// What the observers of all workers have in common: tests wait here for checks to happen, and hold them
/// back.
class Stage {
 public:
  void began(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    ++checks_[key];
    ++under_way_;
    most_ = std::max(most_, under_way_);
    threads_.insert(std::this_thread::get_id());
    changed_.notify_all();
  }
  void ended() {
    const std::scoped_lock lock(mutex_);
    --under_way_;
  }
  bool await_checks(const std::string& key, int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return checks_[key] >= count; });
  }
  bool await_endpoints(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return checks_.size() >= count; });
  }
  int most() {
    const std::scoped_lock lock(mutex_);
    return most_;
  }
  std::size_t threads() {
    const std::scoped_lock lock(mutex_);
    return threads_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> checks_;
  std::set<std::thread::id> threads_;
  int under_way_ = 0, most_ = 0;
};

/// Takes `span` for each check, or for ever.
class SlowObserver final : public Observer {
 public:
  SlowObserver(Stage& stage, std::chrono::milliseconds span) : stage_(stage), span_(span) {}

  net::Awaitable<probe::Observation> observe(probe::Target target) override {
    stage_.began(target.key);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, span_);
    co_await timer.async_wait(boost::asio::use_awaitable);
    stage_.ended();
    co_return refused(clock_.now());
  }
  void join() override {}

 private:
  Stage& stage_;
  const std::chrono::milliseconds span_;
  base::SystemClock clock_;
};

class FleetTest : public ::testing::Test {
 protected:
  /// As the program does before it starts a thread. The logging library is not built for ThreadSanitizer,
  /// which takes the first thread's making of the logger for a race with the others' use of it.
  static void SetUpTestSuite() { spdlog::default_logger(); }

  std::unique_ptr<Fleet> make(std::size_t workers, std::chrono::milliseconds check_takes) {
    const Worker::Services services{clock_, random_, limiter_, materials_, store_, board_, metrics_, events_};
    return std::make_unique<Fleet>(services, workers, [this, check_takes] {
      return std::make_unique<SlowObserver>(stage_, check_takes);
    });
  }

  static EndpointSetPtr set_of(int count, std::int64_t generation = 1) {
    auto set = std::make_shared<EndpointSet>();
    for (int i = 0; i < count; ++i) {
      resource::DatabaseEndpoint endpoint = orders();
      endpoint.metadata.name = "orders-" + std::to_string(i);
      endpoint.metadata.generation = generation;
      endpoint.spec.host = "host-" + std::to_string(i % 2);
      set->endpoints[endpoint.key()] = shared(endpoint);
    }
    return set;
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  net::ProbeLimiter limiter_{clock_, {.total = 3, .per_host = 2}};
  FakeMaterials materials_{nullptr};
  FakeStore store_;
  Board board_;
  FakeMetrics metrics_;
  FakeEvents events_;
  Stage stage_;
};

TEST_F(FleetTest, every_endpoint_is_checked_and_shown) {
  const auto fleet = make(3, 0ms);
  fleet->apply(set_of(20));
  ASSERT_TRUE(stage_.await_endpoints(20));
  EXPECT_TRUE(fleet->stop(30s));
  EXPECT_TRUE(board_.synced());
  EXPECT_EQ(board_.all().size(), 20U);
  EXPECT_GT(stage_.threads(), 1U) << "the work is shared";
  EXPECT_EQ(store_.record("payments/orders-7").memory.consecutive_failures, 1);
}

TEST_F(FleetTest, no_more_checks_run_at_once_than_the_limits_let) {
  const auto fleet = make(3, 20ms);
  fleet->apply(set_of(12));
  ASSERT_TRUE(stage_.await_endpoints(12));
  EXPECT_LE(stage_.most(), 3);
  EXPECT_TRUE(fleet->stop(30s));
}

TEST_F(FleetTest, a_changed_endpoint_is_checked_again_at_once) {
  const auto fleet = make(2, 0ms);
  const EndpointSetPtr first = set_of(2);
  fleet->apply(first);
  ASSERT_TRUE(stage_.await_endpoints(2));
  auto second = std::make_shared<EndpointSet>(*first);
  second->endpoints["payments/orders-1"] = set_of(2, 2)->endpoints.at("payments/orders-1");
  fleet->apply(second);
  ASSERT_TRUE(stage_.await_checks("payments/orders-1", 2));
  EXPECT_TRUE(fleet->stop(30s));
}

TEST_F(FleetTest, a_removed_endpoint_leaves_the_board) {
  const auto fleet = make(2, 0ms);
  fleet->apply(set_of(2));
  ASSERT_TRUE(stage_.await_endpoints(2));
  fleet->apply(set_of(1));
  EXPECT_TRUE(fleet->stop(30s));
  EXPECT_TRUE(board_.find("payments/orders-0"));
  EXPECT_FALSE(board_.find("payments/orders-1"));
}

TEST_F(FleetTest, stopping_lets_a_check_under_way_finish) {
  const auto fleet = make(1, 200ms);
  fleet->apply(set_of(1));
  ASSERT_TRUE(stage_.await_checks("payments/orders-0", 1));
  EXPECT_TRUE(fleet->stop(30s));
  EXPECT_EQ(store_.record("payments/orders-0").memory.consecutive_failures, 1) << "its result was kept";
}

TEST_F(FleetTest, what_does_not_finish_in_time_is_cancelled_without_a_trace) {
  const auto fleet = make(2, 1h);
  fleet->apply(set_of(6));
  ASSERT_TRUE(stage_.await_endpoints(3));
  EXPECT_FALSE(fleet->stop(1ms));
  EXPECT_EQ(store_.record("payments/orders-0").memory.consecutive_failures, 0);
}

TEST_F(FleetTest, destruction_does_not_wait_for_checks) {
  auto fleet = make(2, 1h);
  fleet->apply(set_of(6));
  ASSERT_TRUE(stage_.await_endpoints(3));
  fleet.reset();
}

TEST_F(FleetTest, the_load_tells_what_waits_and_what_runs) {
  const auto fleet = make(1, 1h);
  fleet->apply(set_of(6));
  ASSERT_TRUE(stage_.await_endpoints(3));
  while (fleet->load().waiting < 3)
    std::this_thread::yield();
  const Load load = fleet->load();
  EXPECT_EQ(load.endpoints, 6U);
  EXPECT_EQ(load.running, 3U);
  ASSERT_TRUE(load.next_due);
  EXPECT_LT(*load.next_due, clock_.monotonic());
  fleet->stop(0s);
}

TEST_F(FleetTest, an_empty_set_counts_as_synced) {
  const auto fleet = make(2, 0ms);
  fleet->apply(std::make_shared<EndpointSet>());
  EXPECT_TRUE(fleet->stop(30s));
  EXPECT_TRUE(board_.synced());
}

}  // namespace
}  // namespace tlswarden::reconcile
