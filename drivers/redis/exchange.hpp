#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "drivers/redis/reply.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::redis {

/// Commands and replies on a stream, one at a time. `stream` outlives it.
class Exchange {
 public:
  Exchange(net::ByteStream& stream, const probe::SessionContext& context);

  /// The reply, be it an error reply, or why there is none.
  net::Awaitable<base::Result<Reply, probe::Failure>> ask(base::Secret command);

 private:
  net::ByteStream& stream_;
  base::Deadline deadline_;
  std::string peer_;
  ReplyReader reader_;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace tlswarden::drivers::redis
