#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "drivers/oracle/logon.hpp"

/// The messages of a login and of one query, byte for byte those of python-oracledb 1.2 in thin mode, which
/// servers from 12.1 to 23 are known to take.
namespace tlswarden::drivers::oracle {

base::Bytes protocol_request();
/// `fields`: how much the server's messages may hold, as negotiated.
base::Bytes data_types_request(std::uint8_t fields);
/// Asks for the challenge. Carries the user's name.
base::Bytes login_request(std::string_view user);
/// Answers it. Carries the password under the session's key.
base::Bytes login_answer(std::string_view user, const LogonAnswer& answer);
base::Bytes query_request(std::string_view sql, std::uint8_t fields);
base::Bytes logoff_request();

/// The most fields that we know of in the server's messages: those of 19c.
inline constexpr std::uint8_t kMostFields = 13;

}  // namespace tlswarden::drivers::oracle
