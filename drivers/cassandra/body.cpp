#include "drivers/cassandra/body.hpp"

namespace tlswarden::drivers::cassandra {

base::ByteView Body::take(std::size_t count) {
  if (!sound_ || count > rest_.size()) {
    sound_ = false;
    rest_ = {};
    return {};
  }
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint8_t Body::u8() {
  const auto bytes = take(1);
  return bytes.empty() ? std::uint8_t{0} : bytes[0];
}

std::uint16_t Body::u16() {
  const auto bytes = take(2);
  return bytes.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

std::uint32_t Body::u32() {
  const std::uint32_t high = u16();
  return high << 16U | u16();
}

std::string Body::string() {
  const auto size = u16();
  return std::string(base::as_text(take(size)));
}

std::optional<std::string> Body::value() {
  const auto size = i32();
  if (size < 0) return std::nullopt;
  return std::string(base::as_text(take(static_cast<std::size_t>(size))));
}

}  // namespace tlswarden::drivers::cassandra
