#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace tlswarden::net {

/// A coroutine on the event loop. One worker thread runs one loop; a coroutine never leaves its loop except
/// through OffloadPool::run.
template <class T>
using Awaitable = boost::asio::awaitable<T>;
using Executor = boost::asio::any_io_executor;

}  // namespace tlswarden::net
