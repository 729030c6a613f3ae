#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net/awaitable.hpp"

namespace tlswarden::test_support {

/// Runs a coroutine to its end on a loop of its own and returns its result. A coroutine that takes longer
/// than any test may is an exception.
template <class T>
T run_loop(boost::asio::io_context& loop, net::Awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr thrown;
  // By way of a coroutine without a result: co_spawn asks of a result that it can be made out of nothing.
  auto keep = [](net::Awaitable<T> source, std::optional<T>& target) -> net::Awaitable<void> {
    target.emplace(co_await std::move(source));
  };
  boost::asio::co_spawn(loop, keep(std::move(work), result), [&](std::exception_ptr error) {
    thrown = std::move(error);
    loop.stop();
  });
  loop.restart();
  loop.run_for(std::chrono::seconds(60));
  if (thrown) std::rethrow_exception(thrown);
  if (!result) throw std::runtime_error("the coroutine did not end");
  return *std::move(result);
}

template <class T>
T run_loop(net::Awaitable<T> work) {
  boost::asio::io_context loop(1);
  return run_loop(loop, std::move(work));
}

}  // namespace tlswarden::test_support
