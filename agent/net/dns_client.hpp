#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "net/address.hpp"
#include "net/awaitable.hpp"
#include "net/dns_answer.hpp"
#include "net/io_error.hpp"

namespace tlswarden::net {

class OffloadPool;

/// Asks the DNS for what getaddrinfo does not tell. Names are absolute, in A-label form, without the dot at
/// their end; no search domain is tried. Used from the worker's own loop only.
class DnsClient {
 public:
  DnsClient() = default;
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;
  virtual ~DnsClient() = default;

  /// The SRV records of `name`, in the server's order; none where the name has no such records,
  /// kNameNotFound where there is no such name, kResolverFailure where the answer is an error or broken.
  virtual Awaitable<IoResult<std::vector<SrvRecord>>> srv(std::string name, base::Deadline deadline) = 0;
  /// The same for TXT records.
  virtual Awaitable<IoResult<std::vector<std::string>>> txt(std::string name, base::Deadline deadline) = 0;
};

/// By the C library's resolver on the offload pool, with the servers of /etc/resolv.conf, or with `server`
/// alone, which must be an IPv4 address. A question that the deadline leaves behind holds its thread until
/// the resolver's own patience is over, which is about as long. `clock` and `pool` must outlive it.
std::unique_ptr<DnsClient> make_system_dns_client(OffloadPool& pool, const base::Clock& clock,
                                                  std::optional<Address> server = std::nullopt);

}  // namespace tlswarden::net
