#include "drivers/oracle/listener_dialogue.hpp"

#include "drivers/oracle/connect_request.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using Kind = ListenerAnswer::Kind;

constexpr std::uint8_t kAnotherHandshake = 0x08;
constexpr int kMostResends = 3;
constexpr std::size_t kAcceptLength = 16;
constexpr std::size_t kRefusalTextAt = 4;
constexpr std::size_t kDataFlags = 2;
constexpr std::uint16_t kEndOfStream = 0x0040;

}  // namespace

ListenerDialogue::ListenerDialogue(std::string_view service) : request_(connect_request(service)) {}

ListenerDialogue::State ListenerDialogue::broken(Cause cause) {
  broken_ = cause;
  return State::kBroken;
}

ListenerDialogue::State ListenerDialogue::feed(base::ByteView bytes) {
  reader_.feed(bytes);
  while (true) {
    const auto next = reader_.next();
    if (!next) return broken(next.error());
    if (!*next) return State::kReading;
    spoken_ = true;
    if (const auto state = take(**next)) return *state;
  }
}

ListenerDialogue::State ListenerDialogue::close() {
  const State state = feed({});
  if (state == State::kAnswered || state == State::kBroken) return state;
  return text_follows_ ? take_refusal({}) : broken(Cause::kPeerClosed);
}

bool ListenerDialogue::start_again() {
  reader_ = {};
  answer_ = {};
  return ++resends_ <= kMostResends;
}

std::optional<ListenerDialogue::State> ListenerDialogue::take(const Packet& packet) {
  if (text_follows_) {
    if (packet.type != PacketType::kData || packet.body.size() < kDataFlags)
      return broken(Cause::kMalformedMessage);
    return take_refusal(base::ByteView(packet.body).subspan(kDataFlags));
  }
  switch (packet.type) {
    case PacketType::kAccept:
      if (packet.body.size() < kAcceptLength) return broken(Cause::kMalformedMessage);
      answer_.kind = Kind::kAccepted;
      answer_.version = number16(packet.body, 0);
      if (answer_.version >= kTnsLongLengths) reader_.expect(Lengths::kLong);
      return State::kAnswered;
    case PacketType::kRefuse:
      if (packet.body.size() < kRefusalTextAt) return broken(Cause::kMalformedMessage);
      text_follows_ = packet.body.size() == kRefusalTextAt && number16(packet.body, 2) > 0;
      if (text_follows_) return std::nullopt;
      return take_refusal(base::ByteView(packet.body).subspan(kRefusalTextAt));
    case PacketType::kRedirect:
      answer_.kind = Kind::kRedirected;
      return State::kAnswered;
    case PacketType::kResend:
      return take_resend(packet);
    case PacketType::kMarker:
    case PacketType::kControl:
      return std::nullopt;
    default:
      return broken(Cause::kMalformedMessage);
  }
}

std::optional<ListenerDialogue::State> ListenerDialogue::take_resend(const Packet& packet) {
  if ((packet.flags & kAnotherHandshake) != 0) {
    answer_.kind = Kind::kRenegotiates;
    return State::kAnswered;
  }
  if (++resends_ > kMostResends) return broken(Cause::kMalformedMessage);
  return State::kSendAgain;
}

ListenerDialogue::State ListenerDialogue::take_refusal(base::ByteView text) {
  answer_ = parse_refusal(base::as_text(text));
  return State::kAnswered;
}

base::Bytes ListenerDialogue::farewell() const {
  if (answer_.kind != Kind::kAccepted) return {};
  base::Bytes flags;
  append16(flags, kEndOfStream);
  return to_wire(PacketType::kData, flags,
                 answer_.version >= kTnsLongLengths ? Lengths::kLong : Lengths::kShort);
}

}  // namespace tlswarden::drivers::oracle
