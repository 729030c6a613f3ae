#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::oracle {

/// What a server answered to one message. Raw text of the peer.
struct TtcAnswer {
  std::uint32_t error = 0;  ///< "ORA-01017" is 1017; 0: none
  std::string error_text;
  std::uint8_t fields = 0;                                      ///< of the answer to protocol_request()
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of a login
  std::uint32_t verifier_type = 0;                              ///< told with AUTH_VFR_DATA
  std::optional<std::string> value;                             ///< the first column of the first row

  /// Empty where there is none of that name.
  std::string parameter(std::string_view name) const;
};

/// What was asked decides what some messages look like.
enum class Asked { kProtocol, kDataTypes, kLogin, kQuery, kLogoff };

/// Reads the answer out of what arrived so far, the data of one or more packets: nothing while its end is
/// missing, kMalformedMessage where it cannot be. `fields` as negotiated. Hostile input.
base::Result<std::optional<TtcAnswer>, probe::Cause> parse_answer(base::ByteView bytes, Asked asked,
                                                                  std::uint8_t fields);

}  // namespace tlswarden::drivers::oracle
