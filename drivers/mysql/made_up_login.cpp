#include "drivers/mysql/made_up_login.hpp"

#include "drivers/mysql/handshake.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{16} * 1024;
constexpr int kMaxRounds = 8;
constexpr std::size_t kMinOkSize = 7;
constexpr std::uint8_t kFastAuthAccepted = 3;  // caching_sha2_password: an OK packet follows by itself

}  // namespace

MadeUpLogin::MadeUpLogin(Greeting greeting, bool tls, probe::Stage stage)
    : greeting_(std::move(greeting)),
      tls_(tls),
      stage_(stage),
      reader_(kMaxAnswer),
      plugin_(greeting_.plugin) {}

probe::Action MadeUpLogin::start() {
  return probe::Send{.bytes = made_up_login(greeting_, tls_)};
}

probe::Action MadeUpLogin::fail(probe::Cause cause, std::string message) const {
  return probe::Fail{
      {.stage = stage_, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}}};
}

probe::Action MadeUpLogin::receive(base::ByteView bytes) {
  reader_.feed(bytes);
  if (reader_.too_large())
    return fail(probe::Cause::kMessageTooLarge,
                "The server's answer to the handshake is longer than it may be.");
  const auto packet = reader_.next();
  if (!packet) return probe::NeedMore{};
  if (reader_.pending() > 0 && packet->payload != base::Bytes{kAuthMoreMarker, kFastAuthAccepted})
    return fail(probe::Cause::kMalformedMessage,
                "The server answered the handshake with more than one packet.");
  return handle(*packet);
}

probe::Action MadeUpLogin::handle(const Packet& packet) {
  if (packet.payload.empty() || ++rounds_ > kMaxRounds)
    return fail(probe::Cause::kMalformedMessage, "The server's answer to the handshake makes no sense.");
  switch (packet.payload.front()) {
    case kErrorMarker:
      refusal_ = parse_error(packet.payload);
      if (!refusal_) break;
      answered_ = true;
      return probe::Done{};
    case kOkMarker:
      if (packet.payload.size() < kMinOkSize) break;
      answered_ = true;
      return probe::Send{.bytes = quit(), .next = probe::Send::Next::kDone};
    case kAuthSwitchMarker:
      answered_ = true;
      return answer_switch(packet);
    case kAuthMoreMarker: {
      answered_ = true;
      if (packet.payload.size() == 2 && packet.payload[1] == kFastAuthAccepted) return receive({});
      const auto answer = passwordless_answer(plugin_);
      return probe::Send{.bytes = encode_packet(static_cast<std::uint8_t>(packet.sequence + 1), answer)};
    }
    default:
      break;
  }
  return fail(probe::Cause::kMalformedMessage, "The server's answer to the handshake makes no sense.");
}

probe::Action MadeUpLogin::answer_switch(const Packet& packet) {
  Cursor cursor(packet.payload);
  cursor.u8();
  // A bare marker asks for the password hash of before MySQL 4.1.
  plugin_ = cursor.left() == 0 ? "mysql_old_password" : std::string(cursor.text_to_end());
  return probe::Send{
      .bytes = encode_packet(static_cast<std::uint8_t>(packet.sequence + 1), passwordless_answer(plugin_))};
}

probe::Action MadeUpLogin::peer_closed() const {
  return fail(probe::Cause::kPeerClosed,
              "The server closed the connection instead of answering the handshake.");
}

}  // namespace tlswarden::drivers::mysql
