#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "drivers/cassandra/frame.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::cassandra {

/// Requests and answers on a channel, one at a time. `channel` outlives it.
class Exchange {
 public:
  Exchange(const probe::SessionChannel& channel, const probe::SessionContext& context);

  /// The answer to a whole frame, be it an ERROR, or why there is none. A port that insists on TLS and hangs
  /// up on the first request without it, or sends an alert, is kTlsRequired.
  net::Awaitable<base::Result<Frame, probe::Failure>> ask(base::Secret request);

 private:
  net::Awaitable<base::Result<void, probe::Failure>> read_more();

  net::ByteStream& stream_;
  base::Deadline deadline_;
  std::string peer_;
  bool may_be_tls_only_;  ///< without TLS, and nothing has been answered yet
  FrameReader reader_;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace tlswarden::drivers::cassandra
