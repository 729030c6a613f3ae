#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"

/// PRELOGIN: MS-TDS section 2.2.6.5. A table of options {token, offset, length} ended by 0xff, then their
/// data.
namespace tlswarden::drivers::sqlserver {

/// The ENCRYPTION option. Whoever reads it as a yes or a no is wrong: kOff answered by kOff encrypts the
/// login alone and nothing after it.
enum class Encryption : std::uint8_t {
  kOff = 0,           ///< can, but need not
  kOn = 1,            ///< wants it for everything
  kNotSupported = 2,  ///< cannot
  kRequired = 3,      ///< only a server's: does not go on without
};

struct PreloginReply {
  std::string version;  ///< "16.0.4191"; empty: not told
  Encryption encryption{};
  std::size_t encryption_at = 0;  ///< where its byte is in the payload
};

/// Our request, framed. The option list is never empty: Babelfish crashes over one.
base::Bytes prelogin_request(Encryption wanted);

/// None when the payload is no PRELOGIN response, or leaves out the encryption or gives it another value.
std::optional<PreloginReply> parse_prelogin_reply(base::ByteView payload);

}  // namespace tlswarden::drivers::sqlserver
