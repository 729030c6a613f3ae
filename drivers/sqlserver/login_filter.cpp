#include "drivers/sqlserver/login_filter.hpp"

#include <algorithm>
#include <utility>

#include "drivers/sqlserver/prelogin.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr std::size_t kMostLogin = 16384;
/// In LOGIN7: where the offset and the length of these fields stand, two bytes each, least significant first.
constexpr std::size_t kUsernameAt = 40, kPasswordAt = 44, kFixedSize = 94;

tl::unexpected<probe::Failure> defect(const char* message) {
  return tl::unexpected(probe::Failure{.stage = probe::Stage::kSession,
                                       .cause = probe::Cause::kInternal,
                                       .message = message,
                                       .peer_text = {},
                                       .code = {}});
}

std::size_t u16(base::ByteView bytes, std::size_t at) {
  return bytes[at] | std::size_t{bytes[at + 1]} << 8U;
}

/// Puts `value` where the field says that its placeholder is.
bool replace(base::Bytes& login, std::size_t field, base::ByteView value) {
  const std::size_t offset = u16(login, field), size = 2 * u16(login, field + 2);
  if (size != value.size() || (size > 0 && offset < kFixedSize)) return false;
  if (offset > login.size() || size > login.size() - offset) return false;
  std::copy(value.begin(), value.end(), login.begin() + static_cast<std::ptrdiff_t>(offset));
  return true;
}

}  // namespace

LoginFilter::LoginFilter(base::Bytes greeting, WireCredentials credentials)
    : greeting_(std::move(greeting)),
      credentials_(std::move(credentials)),
      prelogin_(kPreloginPacket, kMostPayload),
      login_(kLoginPacket, kMostLogin) {}

base::Result<base::Bytes, probe::Failure> LoginFilter::opening() {
  const auto reply = greeting_.size() < kHeaderSize
                         ? std::nullopt
                         : parse_prelogin_reply(base::ByteView(greeting_).subspan(kHeaderSize));
  if (!reply) return defect("The server's PRELOGIN reply was lost before the login.");
  greeting_[kHeaderSize + reply->encryption_at] = static_cast<std::uint8_t>(Encryption::kNotSupported);
  return std::move(greeting_);
}

base::Result<base::Bytes, probe::Failure> LoginFilter::to_server(base::ByteView bytes) {
  using State = MessageReader::State;
  if (phase_ == Phase::kThrough) return base::Bytes(bytes.begin(), bytes.end());
  if (phase_ == Phase::kPrelogin) {
    const State state = prelogin_.feed(bytes);
    if (state == State::kMore) return base::Bytes{};
    if (state != State::kComplete) return defect("The client library does not begin with PRELOGIN.");
    phase_ = Phase::kLogin;
    bytes = prelogin_.rest();
    if (bytes.empty()) return base::Bytes{};
  }
  const State state = login_.feed(bytes);
  if (state == State::kMore) return base::Bytes{};
  if (state != State::kComplete || !login_.rest().empty())
    return defect("The client library does not go on with a login.");
  phase_ = Phase::kThrough;
  return fill_in(login_.payload());
}

base::Result<base::Bytes, probe::Failure> LoginFilter::fill_in(base::ByteView login) const {
  base::Bytes filled(login.begin(), login.end());
  const bool placed = filled.size() >= kFixedSize &&
                      replace(filled, kUsernameAt, credentials_.username.bytes()) &&
                      replace(filled, kPasswordAt, credentials_.password.bytes());
  auto message = placed ? encode_message(kLoginPacket, filled) : base::Bytes();
  base::wipe_memory(filled.data(), filled.size());
  if (!placed) return defect("The client library's login has no room for the credentials.");
  return message;
}

}  // namespace tlswarden::drivers::sqlserver
