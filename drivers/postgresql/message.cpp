#include "drivers/postgresql/message.hpp"

#include <algorithm>
#include <cctype>

namespace tlswarden::drivers::postgresql {
namespace {

constexpr std::uint32_t kSslRequestCode = 80877103;
constexpr std::uint32_t kProtocolVersion3 = 0x00030000;
constexpr std::size_t kHeaderSize = 5;
constexpr std::uint32_t kMaxMessage = 64 * 1024;
constexpr std::size_t kMaxTotal = std::size_t{256} * 1024;
constexpr std::size_t kMaxText = 2048;
// Authentication, BackendKeyData, ErrorResponse, NoticeResponse, ParameterStatus, ReadyForQuery and
// NegotiateProtocolVersion: all that may come before the first query.
constexpr std::string_view kExpectedTypes = "RKENSZv";

void put_uint32(base::Bytes& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0})
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t get_uint32(base::ByteView bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | static_cast<std::uint32_t>(bytes[3]);
}

void put_string(base::Bytes& out, std::string_view text) {
  text = text.substr(0, text.find('\0'));
  out.insert(out.end(), text.begin(), text.end());
  out.push_back(0);
}

/// Takes the string up to the next NUL, or to the end where there is none.
std::string_view take_string(std::string_view& rest) {
  const auto end = std::min(rest.find('\0'), rest.size());
  const auto text = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return text;
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

base::Bytes ssl_request() {
  base::Bytes out;
  put_uint32(out, 8);
  put_uint32(out, kSslRequestCode);
  return out;
}

base::Bytes startup_message(std::string_view user, std::string_view database) {
  base::Bytes body;
  put_uint32(body, kProtocolVersion3);
  put_string(body, "user");
  put_string(body, user);
  if (!database.empty()) {
    put_string(body, "database");
    put_string(body, database);
  }
  put_string(body, "application_name");
  put_string(body, "tlswarden");
  body.push_back(0);
  base::Bytes out;
  put_uint32(out, static_cast<std::uint32_t>(body.size() + 4));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

base::Bytes terminate_message() {
  return {'X', 0, 0, 0, 4};
}

ServerError parse_error(base::ByteView body) {
  ServerError error;
  auto rest = base::as_text(body);
  while (!rest.empty() && rest.front() != '\0') {
    const char field = rest.front();
    rest.remove_prefix(1);
    const auto value = take_string(rest);
    if (field == 'C' && is_sqlstate(value)) error.sqlstate = value;
    if (field == 'M') error.message = value.substr(0, kMaxText);
  }
  return error;
}

ServerError parse_old_error(base::ByteView text) {
  auto rest = base::as_text(text);
  return {.sqlstate = {}, .message = std::string(take_string(rest).substr(0, kMaxText))};
}

std::optional<std::uint32_t> authentication_code(const Message& message) {
  if (message.type != 'R' || message.body.size() < 4) return std::nullopt;
  return get_uint32(message.body);
}

std::optional<std::pair<std::string, std::string>> parameter_status(const Message& message) {
  if (message.type != 'S') return std::nullopt;
  auto rest = base::as_text(message.body);
  std::string name(take_string(rest));
  std::string value(take_string(rest));
  return std::pair(std::move(name), std::move(value));
}

void MessageReader::feed(base::ByteView bytes) {
  total_ += bytes.size();
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

base::Result<std::optional<Message>, probe::Cause> MessageReader::next() {
  if (total_ > kMaxTotal)
    return tl::unexpected(any_ ? probe::Cause::kMessageTooLarge : probe::Cause::kNotThisProtocol);
  if (buffer_.empty()) return std::nullopt;
  const char type = static_cast<char>(buffer_[0]);
  if (kExpectedTypes.find(type) == std::string_view::npos) {
    return tl::unexpected(any_ ? probe::Cause::kMalformedMessage : probe::Cause::kNotThisProtocol);
  }
  if (buffer_.size() < kHeaderSize) return std::nullopt;
  const auto length = get_uint32(base::ByteView(buffer_).subspan(1, 4));
  if (length < 4) return tl::unexpected(probe::Cause::kMalformedMessage);
  if (length > kMaxMessage) {
    return tl::unexpected(any_ ? probe::Cause::kMessageTooLarge : probe::Cause::kNotThisProtocol);
  }
  const std::size_t whole = std::size_t{1} + length;
  if (buffer_.size() < whole) return std::nullopt;
  const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(whole);
  Message message{.type = type, .body = base::Bytes(buffer_.begin() + kHeaderSize, end)};
  buffer_.erase(buffer_.begin(), end);
  any_ = true;
  return message;
}

}  // namespace tlswarden::drivers::postgresql
