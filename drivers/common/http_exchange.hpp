#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "drivers/common/http_message.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::common {

/// Requests and answers on a stream, one at a time, for a login. `stream` outlives it.
class HttpExchange {
 public:
  HttpExchange(net::ByteStream& stream, const probe::SessionContext& context);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// The answer, whatever its status, or why there is none. Another one may be asked for only where this one
  /// keeps_open.
  net::Awaitable<base::Result<HttpResponse, probe::Failure>> ask(base::Secret request);

 private:
  net::ByteStream& stream_;
  base::Deadline deadline_;
  std::string peer_;
  HttpReader reader_;
  bool asked_ = false;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace tlswarden::drivers::common
