#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/oracle/tns_packet.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::oracle {

/// What a listener makes of a CONNECT.
struct ListenerAnswer {
  enum class Kind {
    kAccepted,
    kRefused,
    kRedirected,    ///< to another address, which is not looked at
    kRenegotiates,  ///< wants another TLS handshake, with the database behind it, on this TCP connection
  };
  Kind kind{};
  std::uint16_t version = 0;  ///< of TNS, as accepted
  // Of a refusal:
  std::string text;                  ///< raw
  std::string error;                 ///< "12514"; empty where none is told
  std::uint32_t packed_version = 0;  ///< VSNNUM; 0 where it is hidden or not told
};

/// The answer that a refusal's text is: "(DESCRIPTION=(TMP=)(VSNNUM=352321536)(ERR=12514)...)".
ListenerAnswer parse_refusal(std::string_view text);

/// What is worth telling of an answer that does not speak against TLS; nothing where it is as expected, such
/// as the refusal of a service that was not meant to exist. `service_declared`: spec.auth.database was asked
/// for.
std::optional<probe::Failure> notice_of(const ListenerAnswer& answer, bool service_declared,
                                        probe::Stage stage);

/// Whether the listener turns this client's address away, whatever the transport.
bool turns_away(const ListenerAnswer& answer);

/// The failure for an answer that is not TNS, that is too long or that never came (kPeerClosed).
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::oracle
