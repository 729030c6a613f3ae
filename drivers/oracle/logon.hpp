#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "drivers/oracle/ttc_answer.hpp"
#include "probe/failure.hpp"

/// O5LOGON, the client's half: each side proves that it knows the password, and neither sends anything that
/// it could be read from. As in python-oracledb (AuthMessage._generate_verifier) and node-oracledb.
namespace tlswarden::drivers::oracle {

/// How the server keeps the password, and its half of the session's key under that.
struct LogonChallenge {
  enum class Verifier { k11g, k12c };
  Verifier verifier{};
  base::Bytes salt, session_key;
  base::Bytes mixing_salt;  ///< empty from servers before 12
  std::uint32_t generations = 0, derivations = 0;
};

/// Reads the answer to the login's first message. kUnsupported where the account has only a verifier of
/// before 11g; kMalformedMessage where it cannot be, such as numbers of rounds that would take for ever.
base::Result<LogonChallenge, probe::Cause> read_challenge(const TtcAnswer& answer);

/// In hexadecimal, as it is sent; useless without the password.
struct LogonAnswer {
  std::string session_key, password, speedy_key;
  base::Secret key;  ///< which both sides have now
};

/// Fills with bytes that cannot be guessed.
using RandomBytes = std::function<void(std::span<std::uint8_t>)>;
void random_bytes(std::span<std::uint8_t> out);

/// Takes some milliseconds of computing. kInternal where the library for it fails.
base::Result<LogonAnswer, probe::Cause> answer_challenge(const LogonChallenge& challenge,
                                                         const base::Secret& password,
                                                         const RandomBytes& random);

/// Whether AUTH_SVR_RESPONSE shows that the server has the session's key as well.
bool proves_itself(std::string_view response, const base::Secret& key);

}  // namespace tlswarden::drivers::oracle
