#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "drivers/cassandra/frame.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::cassandra {

/// Requests and answers on a stream, one at a time. `stream` outlives it.
class Exchange {
 public:
  Exchange(net::ByteStream& stream, const probe::SessionContext& context);

  /// The answer to a whole frame, be it an ERROR, or why there is none.
  net::Awaitable<base::Result<Frame, probe::Failure>> ask(base::Secret request);

 private:
  net::ByteStream& stream_;
  base::Deadline deadline_;
  std::string peer_;
  FrameReader reader_;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace tlswarden::drivers::cassandra
