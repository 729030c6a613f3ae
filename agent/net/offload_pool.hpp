#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/awaitable.hpp"
#include "net/wakeup.hpp"

namespace tlswarden::net {

/// A bounded set of threads for libraries that block (libpq, Connector/C, getaddrinfo). A call that is
/// waiting for a thread holds nothing else. The function must enforce its own deadline: a running one cannot
/// be stopped. Destruction drops what is queued and waits for what runs, so stop the loops that wait for
/// results first. Safe from any thread.
class OffloadPool {
 public:
  explicit OffloadPool(std::size_t threads) : pool_(threads) {}

  /// Runs `function` on a pool thread and resumes the caller on its own loop with the result. `function` must
  /// not throw and must own, or outlive the call with, everything it touches; it is destroyed before the
  /// caller resumes. A cancelled caller still waits for the result; a caller whose loop is destroyed
  /// meanwhile is not resumed. Name a closure that owns anything before the co_await: GCC 12 destroys one
  /// that is written inside the expression twice.
  template <class Function>
  Awaitable<std::invoke_result_t<std::decay_t<Function>&>> run(Function&& function) {
    auto call = std::make_shared<Call<std::decay_t<Function>>>();
    call->work.emplace(std::forward<Function>(function));
    return finish(std::move(call));
  }

  /// Runs `function` on a pool thread; nobody is told when it is over.
  template <class Function>
  void post(Function function) {
    boost::asio::post(pool_, std::move(function));
  }

 private:
  template <class Function>
  struct Call {
    std::shared_ptr<Wakeup> wakeup;
    std::optional<Function> work;
    std::optional<std::invoke_result_t<Function&>> result;
  };

  template <class Function>
  Awaitable<std::invoke_result_t<Function&>> finish(std::shared_ptr<Call<Function>> call) {
    call->wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    post([call] {
      call->result.emplace((*call->work)());
      call->work.reset();
      call->wakeup->notify();
    });
    const bool throwing = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    while (co_await call->wakeup->wait() != Wakeup::Woken::kNotified) {
    }
    co_await boost::asio::this_coro::throw_if_cancelled(throwing);
    co_return std::move(*call->result);
  }

  boost::asio::thread_pool pool_;
};

}  // namespace tlswarden::net
