#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/awaitable.hpp"
#include "net/byte_stream.hpp"
#include "net/offload_pool.hpp"
#include "probe/failure.hpp"

/// Lets a blocking client library speak over a connection of ours: the library connects to a private local
/// socket and the relay carries the bytes between it and a ByteStream that was verified before.
namespace tlswarden::drivers::common {

/// What happens to the bytes on their way. The default lets them pass. Called on the relay's loop only. A
/// Failure ends the relay at once; the bytes that caused it go nowhere.
class RelayFilter {
 public:
  RelayFilter() = default;
  RelayFilter(const RelayFilter&) = delete;
  RelayFilter& operator=(const RelayFilter&) = delete;
  virtual ~RelayFilter() = default;

  /// Given to the library as soon as it has connected.
  virtual base::Result<base::Bytes, probe::Failure> opening() { return base::Bytes{}; }
  virtual base::Result<base::Bytes, probe::Failure> to_server(base::ByteView bytes) {
    return base::Bytes(bytes.begin(), bytes.end());
  }
  virtual base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) {
    return base::Bytes(bytes.begin(), bytes.end());
  }
};

struct RelayOptions {
  enum class Listen {
    kUnix,      ///< a socket in a new directory that only this user may enter; only this process may connect
    kLoopback,  ///< TCP on 127.0.0.1, for libraries that treat a Unix socket as confidential when the wire is
                ///< not. Any local process may win the race to connect; it gains a stream without
                ///< credentials, nothing more
  };
  Listen listen = Listen::kUnix;
  std::string file_name = "relay";                       ///< of the Unix socket: libpq needs ".s.PGSQL.5432"
  std::size_t max_bytes = std::size_t{4} * 1024 * 1024;  ///< in each direction; more is kMessageTooLarge
};

/// How the relay ended, when it was not the library that closed.
using RelayOutcome = std::optional<probe::Failure>;

/// One local listener for one connection. Belongs to the loop of `executor`; everything it made in the file
/// system is gone once it has accepted, or at the latest with the object.
class Relay {
 public:
  static base::Result<std::unique_ptr<Relay>> open(const net::Executor& executor, const base::Clock& clock,
                                                   RelayOptions options = {});
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Where the library must connect: directory and path for kUnix, port for kLoopback.
  const std::string& directory() const;
  const std::string& path() const;
  std::uint16_t port() const;

  /// Accepts one connection and carries bytes until the library closes, the bound or the deadline is reached,
  /// the filter objects or stop() is called. When the server closes, the library still gets all that came
  /// before. At the deadline the library's side is closed, so a library call that waits there returns. Call
  /// once; `upstream` and `filter` must outlive the coroutine. Does not close `upstream`.
  net::Awaitable<RelayOutcome> run(net::ByteStream& upstream, RelayFilter& filter, base::Deadline deadline);
  /// Ends run() where the library never connected. On the loop.
  void stop();

 private:
  struct Impl;
  explicit Relay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs `function` (the library's calls, ended by closing its connection) on the pool while the relay serves
/// it, and returns what both had to say. `function` must own, or outlive the call with, everything that it
/// touches.
template <class Function>
net::Awaitable<std::pair<RelayOutcome, std::invoke_result_t<Function>>> serve(
    Relay& relay, net::ByteStream& upstream, RelayFilter& filter, base::Deadline deadline,
    net::OffloadPool& pool, Function function) {
  using Outcome = std::invoke_result_t<Function>;
  using boost::asio::experimental::awaitable_operators::operator&&;
  auto call = [](Relay& served, net::OffloadPool& threads, Function work) -> net::Awaitable<Outcome> {
    Outcome outcome = co_await threads.run(std::move(work));
    served.stop();
    co_return outcome;
  };
  auto relaying = relay.run(upstream, filter, deadline);
  auto calling = call(relay, pool, std::move(function));
  auto [relayed, outcome] = co_await (std::move(relaying) && std::move(calling));
  co_return std::make_pair(std::move(relayed), std::move(outcome));
}

}  // namespace tlswarden::drivers::common
