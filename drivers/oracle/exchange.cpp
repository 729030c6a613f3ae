#include "drivers/oracle/exchange.hpp"

#include <utility>

#include "drivers/oracle/connect_request.hpp"
#include "drivers/oracle/server_error.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using probe::Stage;
using State = ListenerDialogue::State;
using Kind = ListenerAnswer::Kind;

constexpr std::size_t kDataFlags = 2;
constexpr std::uint16_t kEndOfStream = 0x0040;
constexpr std::size_t kMarkerKindAt = 2;
constexpr std::uint8_t kReset = 2;

/// What keeps the answer of the listener from being a session; nothing where it is one.
std::optional<probe::Failure> no_session(const ListenerAnswer& answer) {
  switch (answer.kind) {
    case Kind::kAccepted:
      if (answer.version >= kTnsLongLengths) return std::nullopt;
      return session_failure(Cause::kUnsupported,
                             "The database is older than 12.1; this build cannot log in to it.");
    case Kind::kRefused:
      return notice_of(answer, true, Stage::kSession);
    case Kind::kRedirected:
      return session_failure(Cause::kUnsupported,
                             "The listener sends clients on to another address, and this build logs in only "
                             "where it checked; declare that address instead.");
    case Kind::kRenegotiates:
      break;  // connect() has seen to it
  }
  return std::nullopt;
}

}  // namespace

Exchange::Exchange(probe::SessionChannel& channel, probe::SessionContext& context, std::string_view service)
    : channel_(channel),
      context_(context),
      deadline_(context.deadline()),
      peer_(net::to_string(context.address())),
      dialogue_(service) {}

Lengths Exchange::lengths() const {
  return dialogue_.answer().version >= kTnsLongLengths ? Lengths::kLong : Lengths::kShort;
}

net::Awaitable<std::optional<probe::Failure>> Exchange::write(base::Bytes bytes) {
  const auto written = co_await channel_.stream->write_all(bytes, deadline_);
  if (written) co_return std::nullopt;
  co_return probe::failure_from(written.error(), Stage::kSession, peer_);
}

net::Awaitable<base::Result<std::size_t, probe::Failure>> Exchange::read() {
  const auto count = co_await channel_.stream->read_some(buffer_, deadline_);
  if (count) co_return *count;
  co_return tl::unexpected(probe::failure_from(count.error(), Stage::kSession, peer_));
}

net::Awaitable<std::optional<probe::Failure>> Exchange::connect() {
  State state = State::kSendAgain;
  while (true) {
    if (state == State::kSendAgain) {
      auto failure = co_await write(dialogue_.request());
      if (failure) co_return failure;
    }
    const auto count = co_await read();
    if (!count) co_return count.error();
    state = dialogue_.feed(base::ByteView(buffer_).first(*count));
    if (state == State::kAnswered && dialogue_.answer().kind == Kind::kRenegotiates) {
      auto failure = co_await renew();
      if (failure) co_return failure;
      state = State::kSendAgain;
    }
    if (state == State::kAnswered) co_return no_session(dialogue_.answer());
    if (state == State::kBroken) co_return broken_answer(dialogue_.broken(), Stage::kSession);
  }
}

net::Awaitable<std::optional<probe::Failure>> Exchange::renew() {
  if (!dialogue_.start_again()) co_return broken_answer(Cause::kMalformedMessage, Stage::kSession);
  auto renewed = co_await context_.renew_channel(std::move(channel_));
  if (!renewed) co_return renewed.error();
  channel_ = *std::move(renewed);
  co_return std::nullopt;
}

net::Awaitable<base::Result<Packet, probe::Failure>> Exchange::receive() {
  while (true) {
    auto next = dialogue_.reader().next();
    if (!next) co_return tl::unexpected(broken_message(next.error()));
    auto& packet = *next;
    if (packet) co_return *std::move(packet);
    const auto count = co_await read();
    if (!count) co_return tl::unexpected(count.error());
    dialogue_.reader().feed(base::ByteView(buffer_).first(*count));
  }
}

net::Awaitable<base::Result<TtcAnswer, probe::Failure>> Exchange::ask(base::Bytes message, Asked asked) {
  collected_.clear();
  reset_sent_ = resetting_ = false;
  message.insert(message.begin(), kDataFlags, 0);
  auto failure = co_await write(to_wire(PacketType::kData, message, lengths()));
  while (!failure) {
    failure = co_await collect();
    if (failure) break;
    auto answer = parse_answer(collected_, asked, fields_);
    if (!answer) co_return tl::unexpected(broken_message(answer.error()));
    auto& whole = *answer;
    if (whole) co_return *std::move(whole);
  }
  co_return tl::unexpected(*std::move(failure));
}

net::Awaitable<std::optional<probe::Failure>> Exchange::collect() {
  const auto packet = co_await receive();
  if (!packet) co_return packet.error();
  const auto& body = packet->body;
  if (packet->type == PacketType::kMarker) co_return co_await take_marker(body);
  if (packet->type == PacketType::kControl) co_return std::nullopt;
  if (packet->type != PacketType::kData || body.size() < kDataFlags)
    co_return broken_message(Cause::kMalformedMessage);
  if (body.size() == kDataFlags) co_return broken_message(Cause::kPeerClosed);
  if (!resetting_)
    collected_.insert(collected_.end(), body.begin() + static_cast<std::ptrdiff_t>(kDataFlags), body.end());
  co_return std::nullopt;
}

/// The server breaks off before it tells an error: its reset answers ours, and only then come words.
net::Awaitable<std::optional<probe::Failure>> Exchange::take_marker(base::ByteView body) {
  resetting_ = body.size() <= kMarkerKindAt || body[kMarkerKindAt] != kReset;
  collected_.clear();
  if (std::exchange(reset_sent_, true)) co_return std::nullopt;
  const base::Bytes marker{1, 0, kReset};
  co_return co_await write(to_wire(PacketType::kMarker, marker, lengths()));
}

net::Awaitable<void> Exchange::leave() {
  base::Bytes flags;
  append16(flags, kEndOfStream);
  co_await write(to_wire(PacketType::kData, flags, lengths()));
}

}  // namespace tlswarden::drivers::oracle
