#include "drivers/mysql/login_filter.hpp"

#include <utility>

#include "base/secret.hpp"
#include "drivers/mysql/handshake.hpp"
#include "drivers/mysql/server_error.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::size_t kMaxAuthPacket = std::size_t{64} * 1024;
constexpr std::size_t kFixedResponseSize = 32;
constexpr std::size_t kExtendedResponseOffset = 28;
constexpr std::uint8_t kFirstPasswordPrompt = 4,
                       kLastPasswordPrompt = 5;  // dialog plugin: PASSWORD, LAST_PASSWORD
constexpr std::string_view kClearPlugin = "mysql_clear_password", kSha256Plugin = "sha256_password";

probe::Failure failure(probe::Cause cause, std::string message) {
  return {.stage = probe::Stage::kSession,
          .cause = cause,
          .message = std::move(message),
          .peer_text = {},
          .code = {}};
}

probe::Failure malformed() {
  return failure(probe::Cause::kMalformedMessage,
                 "The server's side of the login is no valid MySQL protocol.");
}

void store_u16(base::Bytes& payload, std::size_t at, std::uint32_t value) {
  payload[at] = static_cast<std::uint8_t>(value);
  payload[at + 1] = static_cast<std::uint8_t>(value >> 8U);
}

void store_u32(base::Bytes& payload, std::size_t at, std::uint32_t value) {
  store_u16(payload, at, value);
  store_u16(payload, at + 2, value >> 16U);
}

bool wants_clear_password(std::string_view plugin) {
  return plugin == kClearPlugin || plugin == "dialog";
}

}  // namespace

LoginFilter::LoginFilter(bool encrypted, base::Bytes greeting)
    : encrypted_(encrypted),
      greeting_bytes_(std::move(greeting)),
      from_server_(kMaxAuthPacket),
      from_library_(kMaxAuthPacket) {}

base::Result<base::Bytes, probe::Failure> LoginFilter::opening() {
  return to_library(std::exchange(greeting_bytes_, {}));
}

base::Result<base::Bytes, probe::Failure> LoginFilter::to_library(base::ByteView bytes) {
  if (phase_ == Phase::kThrough) return base::Bytes(bytes.begin(), bytes.end());
  from_server_.feed(bytes);
  base::Bytes out;
  while (auto packet = from_server_.next()) {
    auto rewritten = phase_ == Phase::kGreeting ? rewrite_greeting(std::move(*packet))
                                                : rewrite_answer(std::move(*packet));
    if (!rewritten) return rewritten;
    out.insert(out.end(), rewritten->begin(), rewritten->end());
    if (phase_ == Phase::kThrough) {
      const auto rest = from_server_.take_pending();
      out.insert(out.end(), rest.begin(), rest.end());
      return out;
    }
  }
  if (from_server_.too_large()) return tl::unexpected(malformed());
  return out;
}

base::Result<base::Bytes, probe::Failure> LoginFilter::rewrite_greeting(Packet packet) {
  auto greeting = parse_greeting(packet.payload, probe::Stage::kSession);
  if (!greeting) return tl::unexpected(std::move(greeting.error()));
  capabilities_ = client_capabilities(*greeting, encrypted_);
  plugin_ = greeting->plugin;
  auto& payload = packet.payload;
  const auto shown = greeting->capabilities & capabilities_ & ~kClientSsl;
  store_u16(payload, greeting->low_capabilities_at, shown);
  if (greeting->high_capabilities_at != 0) store_u16(payload, greeting->high_capabilities_at, shown >> 16U);
  if (greeting->extended_capabilities_at != 0) store_u32(payload, greeting->extended_capabilities_at, 0);
  if (encrypted_ && greeting->plugin == kSha256Plugin) {
    // Any other plugin makes the server ask again, and then the request is rewritten.
    payload.resize(greeting->plugin_at);
    put_text(payload, "mysql_native_password");
  }
  phase_ = Phase::kResponse;
  return encode_packet(packet.sequence, payload);
}

base::Result<base::Bytes, probe::Failure> LoginFilter::rewrite_answer(Packet packet) {
  if (packet.payload.empty()) return tl::unexpected(malformed());
  const auto kind = packet.payload.front();
  if (phase_ != Phase::kAuthentication && kind != kErrorMarker) return tl::unexpected(malformed());
  if (kind == kOkMarker || kind == kErrorMarker) phase_ = Phase::kThrough;
  if (kind == kAuthSwitchMarker) {
    if (auto rewritten = rewrite_switch(packet.payload); !rewritten)
      return tl::unexpected(std::move(rewritten.error()));
  }
  return encode_packet(static_cast<std::uint8_t>(packet.sequence - (encrypted_ ? 1 : 0)), packet.payload);
}

base::Result<void, probe::Failure> LoginFilter::rewrite_switch(base::Bytes& payload) {
  Cursor cursor(payload);
  cursor.u8();
  plugin_ = cursor.text_to_end();
  if (!encrypted_) {
    if (wants_clear_password(plugin_))
      return tl::unexpected(
          failure(probe::Cause::kChannelTooWeak,
                  "The account's login method sends the password in the clear and the connection is "
                  "not encrypted, so it was withheld; use tls.mode require or stronger."));
    return {};
  }
  const auto prompt = cursor.u8();
  const bool single_prompt =
      plugin_ == "dialog" && (prompt == kFirstPasswordPrompt || prompt == kLastPasswordPrompt);
  if (plugin_ != kSha256Plugin && !single_prompt) return {};
  base::Bytes asked{kAuthSwitchMarker};
  put_text(asked, kClearPlugin);
  payload = std::move(asked);
  return {};
}

base::Result<base::Bytes, probe::Failure> LoginFilter::to_server(base::ByteView bytes) {
  if (phase_ == Phase::kThrough) return base::Bytes(bytes.begin(), bytes.end());
  from_library_.feed(bytes);
  base::Bytes out;
  while (auto packet = from_library_.next()) {
    auto& payload = packet->payload;
    if (phase_ == Phase::kResponse && payload.size() >= kFixedResponseSize) {
      store_u32(payload, 0, capabilities_);
      store_u32(payload, kExtendedResponseOffset, 0);
      phase_ = Phase::kAuthentication;
    }
    const auto framed =
        encode_packet(static_cast<std::uint8_t>(packet->sequence + (encrypted_ ? 1 : 0)), payload);
    out.insert(out.end(), framed.begin(), framed.end());
    base::wipe_memory(payload.data(), payload.size());
  }
  return out;
}

}  // namespace tlswarden::drivers::mysql
