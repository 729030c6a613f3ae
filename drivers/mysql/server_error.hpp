#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::mysql {

inline constexpr std::uint8_t kOkMarker = 0x00;
inline constexpr std::uint8_t kAuthMoreMarker = 0x01;
inline constexpr std::uint8_t kAuthSwitchMarker = 0xfe;
inline constexpr std::uint8_t kErrorMarker = 0xff;

inline constexpr unsigned kAccessDenied = 1045;            ///< ER_ACCESS_DENIED_ERROR
inline constexpr unsigned kAccessDeniedNoPassword = 1698;  ///< ER_ACCESS_DENIED_NO_PASSWORD_ERROR
inline constexpr unsigned kSecureTransportRequired = 3159;

/// An ERR packet. Before the handshake it has no SQLSTATE.
struct ServerError {
  std::uint16_t code = 0;
  std::string text;  ///< the server's words, raw, at most 2 KiB
};

/// None when the payload is no ERR packet.
std::optional<ServerError> parse_error(base::ByteView payload);

/// What the error means for someone who runs a check: its cause and one sentence of ours.
probe::Failure describe_error(probe::Stage stage, const ServerError& error);

}  // namespace tlswarden::drivers::mysql
