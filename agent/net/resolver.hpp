#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "net/address.hpp"
#include "net/awaitable.hpp"
#include "net/io_error.hpp"

namespace tlswarden::net {

class OffloadPool;

/// Turns names into addresses. Passed by reference; used from the worker's own loop only.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// All addresses of `host`, in the system's order of preference, without duplicates, never empty on
  /// success. An IP literal resolves to itself without I/O.
  virtual Awaitable<IoResult<std::vector<Address>>> resolve(std::string host, std::uint16_t port,
                                                            base::Deadline deadline) = 0;
};

/// The addresses of `host`, without ports, in the system's order, by getaddrinfo. Blocks for as long as the
/// system's resolver was set up to try.
IoResult<std::vector<std::string>> look_up_host(const std::string& host);

/// getaddrinfo on the offload pool, several look-ups at a time (Boost.Asio's own resolver serialises them on
/// one thread per context). `clock` and `pool` must outlive it.
std::unique_ptr<Resolver> make_system_resolver(OffloadPool& pool, const base::Clock& clock);

}  // namespace tlswarden::net
