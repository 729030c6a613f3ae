#pragma once

#include "base/bytes.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::cassandra {

/// What an ERROR frame says. native_protocol_v4.spec, section 9
struct ServerError {
  std::uint32_t code = 0;
  std::string text;  ///< raw, at most 2 KiB
};

inline constexpr std::uint32_t kProtocolError = 0x000A;
inline constexpr std::uint32_t kBadCredentials = 0x0100;
inline constexpr std::uint32_t kOverloaded = 0x1001;
inline constexpr std::uint32_t kBootstrapping = 0x1002;
inline constexpr std::uint32_t kUnauthorized = 0x2100;
inline constexpr std::uint32_t kInvalidQuery = 0x2200;

/// The body of an ERROR; what is missing in it is empty.
ServerError read_error(base::ByteView body);

/// An ERROR as a failure; its code is written "0x0100".
probe::Failure to_failure(const ServerError& error, probe::Stage stage);

/// The failure of a session without TLS at a port that insists on it: the peer hung up, or sent an alert.
probe::Failure tls_only(probe::Stage stage);
/// Whether an answer to a request without TLS begins with a TLS alert (RFC 8446, section 5.1).
bool is_tls_alert(base::ByteView answer);

/// The failure where there is no sound answer at all: the peer closed, or sent another protocol.
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::cassandra
