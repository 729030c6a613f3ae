#include "pki/der.hpp"

#include <algorithm>

namespace tlswarden::pki {

std::optional<DerElement> take_der_element(base::ByteView& input) {
  if (input.size() < 2) return std::nullopt;
  const std::uint8_t tag = input[0];
  std::size_t length = input[1];
  std::size_t header = 2;
  if (length == 0x80) {
    length = input.size() - header;
  } else if (length > 0x80) {
    const std::size_t count = length - 0x80;
    if (count > 4 || input.size() < header + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i)
      length = (length << 8U) | input[header + i];
    header += count;
  }
  const bool complete = length <= input.size() - header;
  length = std::min(length, input.size() - header);
  const DerElement element{tag, input.subspan(header, length), input.first(header + length), complete};
  input = input.subspan(header + length);
  return element;
}

}  // namespace tlswarden::pki
