#include "drivers/sqlserver/login_reply.hpp"

#include <cstddef>
#include <cstdint>

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr std::uint8_t kError = 0xaa, kInfo = 0xab, kLoginAck = 0xad, kFeatureAck = 0xae, kEnvChange = 0xe3,
                       kSessionState = 0xe4, kDone = 0xfd;
constexpr std::uint8_t kRouting = 20;  ///< the kind of ENVCHANGE by which a server sends clients elsewhere
constexpr std::size_t kDoneSize = 13;

std::size_t little_endian(base::ByteView bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8U | bytes[i - 1];
  return value;
}

/// A list of features: number, length in four bytes, data; ended by 0xff. 0 when it is not whole.
std::size_t size_of_features(base::ByteView tokens) {
  constexpr std::uint8_t kTerminator = 0xff;
  constexpr std::size_t kEntrySize = 5;
  for (std::size_t at = 1; at < tokens.size();) {
    if (tokens[at] == kTerminator) return at + 1;
    if (tokens.size() - at < kEntrySize) return 0;
    const std::size_t length = little_endian(tokens.subspan(at + 1, kEntrySize - 1));
    if (length > tokens.size() - at - kEntrySize) return 0;
    at += kEntrySize + length;
  }
  return 0;
}

/// The size of the token at the beginning; 0 when it is none that may be there, or not whole.
std::size_t size_of_token(base::ByteView tokens) {
  std::size_t prefix = 0;
  switch (tokens[0]) {
    case kDone:
      return tokens.size() < kDoneSize ? 0 : kDoneSize;
    case kFeatureAck:
      return size_of_features(tokens);
    case kError:
    case kInfo:
    case kLoginAck:
    case kEnvChange:
      prefix = 2;
      break;
    case kSessionState:
      prefix = 4;
      break;
    default:
      return 0;
  }
  if (tokens.size() < 1 + prefix) return 0;
  const std::size_t length = little_endian(tokens.subspan(1, prefix));
  return length > tokens.size() - 1 - prefix ? 0 : 1 + prefix + length;
}

}  // namespace

LoginReply examine_login_reply(base::ByteView tokens) {
  bool done = false;
  while (!tokens.empty()) {
    const std::size_t size = size_of_token(tokens);
    if (size == 0) return LoginReply::kBroken;
    done = tokens[0] == kDone;
    if (tokens[0] == kEnvChange && size > 3 && tokens[3] == kRouting) return LoginReply::kRedirected;
    tokens = tokens.subspan(size);
  }
  return done ? LoginReply::kFinal : LoginReply::kBroken;
}

}  // namespace tlswarden::drivers::sqlserver
