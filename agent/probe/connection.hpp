#pragma once

#include <vector>

#include "base/clock.hpp"
#include "net/byte_stream.hpp"
#include "probe/failure.hpp"

namespace tlswarden::probe {

struct Connected {
  net::ByteStreamPtr stream;
  net::Address address;
};

/// Connects to the first of `addresses` that accepts, trying them in order; each that is not the last gets
/// only its share of the time. The failure is that of the address that came closest to answering.
net::Awaitable<base::Result<Connected, Failure>> connect_first(net::Connector& connector,
                                                               const base::Clock& clock,
                                                               const std::vector<net::Address>& addresses,
                                                               base::Deadline deadline);

}  // namespace tlswarden::probe
