#include "drivers/sqlserver/login_filter.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "drivers/sqlserver/login_reply.hpp"
#include "drivers/sqlserver/prelogin.hpp"
#include "drivers/sqlserver/unicode.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr std::size_t kMostLogin = 16384, kMostReply = 32768;
/// In LOGIN7: where the offset and the length of these fields stand, two bytes each, least significant first.
constexpr std::size_t kUsernameAt = 40, kPasswordAt = 44, kProgramAt = 48, kFixedSize = 94;
/// What the server is told instead of the token, in as many characters.
constexpr std::string_view kProgram = "tlswarden certificate monitoring";
constexpr std::size_t kTokenBytes = kProgram.size() / 2;

tl::unexpected<probe::Failure> stop(probe::Cause cause, const char* message) {
  return tl::unexpected(probe::Failure{
      .stage = probe::Stage::kSession, .cause = cause, .message = message, .peer_text = {}, .code = {}});
}

tl::unexpected<probe::Failure> defect(const char* message) {
  return stop(probe::Cause::kInternal, message);
}

std::size_t u16(base::ByteView bytes, std::size_t at) {
  return bytes[at] | std::size_t{bytes[at + 1]} << 8U;
}

/// The text of a field; none where it leads out of the login.
std::optional<std::span<std::uint8_t>> text_of(base::Bytes& login, std::size_t field) {
  const std::size_t offset = u16(login, field), size = 2 * u16(login, field + 2);
  if (size > 0 && offset < kFixedSize) return std::nullopt;
  if (offset > login.size() || size > login.size() - offset) return std::nullopt;
  return std::span(login).subspan(offset, size);
}

/// Puts `value` where its placeholder is.
bool replace(base::Bytes& login, std::size_t field, base::ByteView value) {
  const auto text = text_of(login, field);
  if (!text || text->size() != value.size()) return false;
  std::copy(value.begin(), value.end(), text->begin());
  return true;
}

bool holds(base::Bytes& login, std::size_t field, base::ByteView value) {
  const auto text = text_of(login, field);
  return text && std::equal(text->begin(), text->end(), value.begin(), value.end());
}

/// Empty, which no login is given for, when the system has no randomness.
std::string make_token() {
  std::array<std::uint8_t, kTokenBytes> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return {};
  return base::to_hex(random);
}

}  // namespace

LoginFilter::LoginFilter(base::Bytes greeting, WireCredentials credentials)
    : greeting_(std::move(greeting)),
      credentials_(std::move(credentials)),
      token_(make_token()),
      prelogin_(kPreloginPacket, kMostPayload),
      login_(kLoginPacket, kMostLogin),
      reply_(kReplyPacket, kMostReply) {}

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

base::Result<base::Bytes, probe::Failure> LoginFilter::to_library(base::ByteView bytes) {
  using State = MessageReader::State;
  if (replied_) return base::Bytes(bytes.begin(), bytes.end());
  const State state = phase_ == Phase::kThrough ? reply_.feed(bytes) : State::kStranger;
  if (state == State::kMore) return base::Bytes{};
  const auto reply = state == State::kComplete ? examine_login_reply(reply_.payload()) : LoginReply::kBroken;
  if (reply == LoginReply::kBroken)
    return stop(probe::Cause::kMalformedMessage, "The server's answer to the login is no valid TDS.");
  if (reply == LoginReply::kRedirected)
    return stop(probe::Cause::kUnsupported,
                "The server sends clients on to another server; check that one as an endpoint of its own, or "
                "set the connection policy of Azure SQL to Proxy.");
  replied_ = true;
  auto out = encode_message(kReplyPacket, reply_.payload());
  out.insert(out.end(), reply_.rest().begin(), reply_.rest().end());
  return out;
}

base::Result<base::Bytes, probe::Failure> LoginFilter::fill_in(base::ByteView login) const {
  base::Bytes filled(login.begin(), login.end());
  const auto token = to_utf16(token_), program = to_utf16(kProgram);
  if (filled.size() < kFixedSize || token_.empty() || !holds(filled, kProgramAt, *token))
    return defect("Another process came to the connection that was made for the client library.");
  const bool placed = replace(filled, kProgramAt, *program) &&
                      replace(filled, kUsernameAt, credentials_.username.bytes()) &&
                      replace(filled, kPasswordAt, credentials_.password.bytes());
  auto message = placed ? encode_message(kLoginPacket, filled) : base::Bytes();
  base::wipe_memory(filled.data(), filled.size());
  if (!placed) return defect("The client library's login has no room for the credentials.");
  return message;
}

}  // namespace tlswarden::drivers::sqlserver
