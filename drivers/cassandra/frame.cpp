#include "drivers/cassandra/frame.hpp"

#include <algorithm>

#include "drivers/cassandra/body.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;

constexpr std::uint8_t kAnswer = 0x80;
constexpr std::uint8_t kNewestVersion = 6;
constexpr std::size_t kMaxBody = std::size_t{64} * 1024;
// Nobody sends more than this before it is asked again.
constexpr std::size_t kMaxBuffered = std::size_t{256} * 1024;

constexpr std::uint8_t kCompressed = 0x01;
constexpr std::uint8_t kTracing = 0x02;
constexpr std::uint8_t kCustomPayload = 0x04;
constexpr std::uint8_t kWarning = 0x08;

constexpr std::size_t kTracingIdSize = 16;

bool is_answer(std::uint8_t opcode) {
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::kError:
    case Opcode::kReady:
    case Opcode::kAuthenticate:
    case Opcode::kSupported:
    case Opcode::kResult:
    case Opcode::kEvent:
    case Opcode::kAuthChallenge:
    case Opcode::kAuthSuccess:
      return true;
    default:
      return false;
  }
}

/// Version, flags, stream, opcode and length; the stream had one byte before version 3.
struct Header {
  std::uint8_t flags = 0, opcode = 0;
  std::size_t size = 0, body_size = 0;
};

std::optional<Header> read_header(base::ByteView bytes) {
  const std::size_t stream_size = (bytes[0] & ~kAnswer) < 3 ? 1 : 2;
  Body body(bytes);
  body.skip(1);
  Header header;
  header.flags = body.u8();
  body.skip(stream_size);
  header.opcode = body.u8();
  header.body_size = body.u32();
  header.size = stream_size + 7;
  if (!body.sound()) return std::nullopt;
  return header;
}

/// Section 2.2: what the flags announce stands before the message, in this order.
bool skip_preamble(Body& body, std::uint8_t flags) {
  if ((flags & kTracing) != 0) body.skip(kTracingIdSize);
  if ((flags & kWarning) != 0) {
    for (auto left = body.u16(); left > 0 && body.sound(); --left)
      body.skip(body.u16());
  }
  if ((flags & kCustomPayload) != 0) {
    for (auto left = body.u16(); left > 0 && body.sound(); --left) {
      body.skip(body.u16());
      body.value();
    }
  }
  return body.sound();
}

}  // namespace

void FrameReader::feed(base::ByteView bytes) {
  if (broken_) return;
  if (bytes.size() > kMaxBuffered - std::min(kMaxBuffered, buffer_.size())) {
    broken(Cause::kMessageTooLarge);
    return;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

base::Result<std::optional<Frame>, probe::Cause> FrameReader::broken(probe::Cause cause) {
  broken_ = cause;
  buffer_.clear();
  return tl::unexpected(cause);
}

base::Result<std::optional<Frame>, probe::Cause> FrameReader::next() {
  if (broken_) return tl::unexpected(*broken_);
  if (buffer_.empty()) return std::nullopt;
  // What is no frame at all is another protocol, unless it was this one a moment ago.
  const auto unknown = any_ ? Cause::kMalformedMessage : Cause::kNotThisProtocol;
  const auto version = static_cast<std::uint8_t>(buffer_.front() & ~kAnswer);
  if ((buffer_.front() & kAnswer) == 0 || version == 0 || version > kNewestVersion) return broken(unknown);
  const auto header = read_header(buffer_);
  if (!header) return std::nullopt;
  if (!is_answer(header->opcode)) return broken(unknown);
  if (header->body_size > kMaxBody) return broken(Cause::kMessageTooLarge);
  if ((header->flags & kCompressed) != 0) return broken(Cause::kMalformedMessage);
  if (buffer_.size() - header->size < header->body_size) return std::nullopt;
  Body body(base::ByteView(buffer_).subspan(header->size, header->body_size));
  if (!skip_preamble(body, header->flags)) return broken(Cause::kMalformedMessage);
  const auto message = body.rest();
  Frame frame{static_cast<Opcode>(header->opcode), base::Bytes(message.begin(), message.end())};
  const auto end = static_cast<std::ptrdiff_t>(header->size + header->body_size);
  buffer_.erase(buffer_.begin(), buffer_.begin() + end);
  any_ = true;
  return frame;
}

}  // namespace tlswarden::drivers::cassandra
