#include "drivers/oracle/ttc_value.hpp"

#include <algorithm>

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::uint8_t kPieces = 0xFE;
constexpr std::uint8_t kNull = 0xFF;
constexpr std::size_t kLongestInOne = 252;
constexpr std::size_t kPiece = 32767;
constexpr std::uint8_t kNegative = 0x80;

}  // namespace

TtcWriter& TtcWriter::byte(std::uint8_t value) {
  out_.push_back(value);
  return *this;
}

TtcWriter& TtcWriter::bytes(base::ByteView value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

TtcWriter& TtcWriter::characters(std::string_view text) {
  return bytes(base::as_bytes(text));
}

TtcWriter& TtcWriter::number(std::uint64_t value) {
  std::uint8_t size = 0;
  while (size < sizeof value && value >> (8 * size) != 0)
    ++size;
  out_.push_back(size);
  for (int i = size - 1; i >= 0; --i)
    out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return *this;
}

TtcWriter& TtcWriter::text(std::string_view text) {
  if (text.size() <= kLongestInOne) {
    out_.push_back(static_cast<std::uint8_t>(text.size()));
    return characters(text);
  }
  out_.push_back(kPieces);
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kPiece)))
    number(std::min(text.size(), kPiece)).characters(text.substr(0, kPiece));
  return number(0);
}

TtcWriter& TtcWriter::pair(std::string_view key, std::string_view value, std::uint32_t flags) {
  number(key.size()).text(key).number(value.size());
  if (!value.empty()) text(value);
  return number(flags);
}

base::ByteView TtcReader::bytes(std::uint64_t count) {
  if (!good()) return {};
  if (count > rest_.size()) {
    short_ = true;
    return {};
  }
  const auto value = rest_.first(static_cast<std::size_t>(count));
  rest_ = rest_.subspan(value.size());
  return value;
}

std::uint8_t TtcReader::byte() {
  const auto value = bytes(1);
  return value.empty() ? std::uint8_t{0} : value.front();
}

std::uint16_t TtcReader::big_endian16() {
  const auto value = bytes(2);
  return value.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(value[0] << 8 | value[1]);
}

std::uint64_t TtcReader::number() {
  const auto size = static_cast<std::uint8_t>(byte() & ~kNegative);
  if (size > sizeof(std::uint64_t)) fail();
  std::uint64_t value = 0;
  for (const std::uint8_t digit : bytes(size))
    value = value << 8 | digit;
  return value;
}

std::string TtcReader::text() {
  const std::uint8_t size = byte();
  if (size == 0 || size == kNull) return {};
  if (size != kPieces) return std::string(base::as_text(bytes(size)));
  std::string whole;
  while (good()) {
    const std::uint64_t piece = number();
    if (piece == 0) break;
    whole += base::as_text(bytes(piece));
  }
  return whole;
}

void TtcReader::skip_values(std::string_view layout) {
  for (const char kind : layout) {
    if (kind == 'b') {
      byte();
    } else if (kind == 'n') {
      number();
    } else {
      optional_text();
    }
  }
}

}  // namespace tlswarden::drivers::oracle
