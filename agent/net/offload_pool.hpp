#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "net/awaitable.hpp"

namespace tlswarden::net {

/// A bounded set of threads for libraries that block (libpq, Connector/C, getaddrinfo). A call that is waiting for a
/// thread holds nothing else. The function must enforce its own deadline: a running one cannot be stopped. Joined on
/// destruction. Safe from any thread.
class OffloadPool {
 public:
  explicit OffloadPool(std::size_t threads) : pool_(threads) {}

  /// Runs `function` on a pool thread and resumes the caller on its own loop with the result. `function` must not
  /// throw and must own, or outlive the call with, everything it touches.
  template <class Function>
  Awaitable<std::invoke_result_t<Function>> run(Function function) {
    const auto executor = pool_.get_executor();
    co_return co_await boost::asio::co_spawn(
        executor,
        [work = std::move(function)]() mutable -> Awaitable<std::invoke_result_t<Function>> { co_return work(); },
        boost::asio::use_awaitable);
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace tlswarden::net
