#include "net/offload_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "tests/support/run_loop.hpp"

namespace tlswarden::net {
namespace {

TEST(OffloadPool, RunsElsewhereAndResumesOnTheCallersLoop) {
  OffloadPool pool(2);
  struct Threads {
    std::thread::id before, inside, after;
  };
  const Threads seen = test_support::run_loop([](OffloadPool& threads) -> Awaitable<Threads> {
    Threads ids;
    ids.before = std::this_thread::get_id();
    ids.inside = co_await threads.run([] { return std::this_thread::get_id(); });
    ids.after = std::this_thread::get_id();
    co_return ids;
  }(pool));
  EXPECT_EQ(seen.before, seen.after);
  EXPECT_NE(seen.before, seen.inside);
}

/// Neither copyable nor made without arguments.
class Token {
 public:
  explicit Token(std::string text) : text_(std::make_unique<std::string>(std::move(text))) {}
  const std::string& text() const { return *text_; }

 private:
  std::unique_ptr<std::string> text_;
};

TEST(OffloadPool, PassesResultsThatCanOnlyBeMoved) {
  OffloadPool pool(1);
  const std::string text = test_support::run_loop([](OffloadPool& threads) -> Awaitable<std::string> {
    auto input = std::make_unique<std::string>("moved");
    auto work = [in = std::move(input)] { return Token(*in + " back"); };
    const Token token = co_await threads.run(std::move(work));
    co_return token.text();
  }(pool));
  EXPECT_EQ(text, "moved back");
}

TEST(OffloadPool, ServesAnotherCoroutineWhileOneWaits) {
  OffloadPool pool(2);
  std::promise<void> gate;
  boost::asio::io_context loop(1);
  boost::asio::co_spawn(
      loop,
      [](OffloadPool& threads, std::promise<void>& open) -> Awaitable<void> {
        co_await threads.run([] { return 0; });
        open.set_value();
      }(pool, gate),
      boost::asio::detached);
  const int answer =
      test_support::run_loop(loop, [](OffloadPool& threads, std::promise<void>& open) -> Awaitable<int> {
        auto work = [waited = open.get_future().share()] {
          waited.wait();
          return 42;
        };
        co_return co_await threads.run(std::move(work));
      }(pool, gate));
  EXPECT_EQ(answer, 42);
}

TEST(OffloadPool, DropsTheResultOfACallerWhoseLoopIsGone) {
  std::promise<void> started, gate;
  OffloadPool pool(1);
  {
    boost::asio::io_context loop(1);
    boost::asio::co_spawn(
        loop,
        [](OffloadPool& threads, std::promise<void>& running,
           std::shared_future<void> open) -> Awaitable<void> {
          auto work = [&running, open] {
            running.set_value();
            open.wait();
            return 1;
          };
          co_await threads.run(std::move(work));
          ADD_FAILURE() << "resumed on a loop that is gone";
        }(pool, started, gate.get_future().share()),
        boost::asio::detached);
    loop.poll();
    started.get_future().wait();
  }
  gate.set_value();
}

}  // namespace
}  // namespace tlswarden::net
