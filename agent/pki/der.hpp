#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace tlswarden::pki {

inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;

struct DerElement {
  std::uint8_t tag = 0;
  base::ByteView content;  ///< cut short where the input is
  base::ByteView whole;    ///< with its header
  bool complete = false;   ///< not cut short
};

/// Takes one DER or BER element off the front of `input` (X.690 section 8.1); an indefinite length reaches to
/// the end. Nothing, and `input` as it was, where there is no readable header. For telling forms apart and
/// for finding where one ends: what is inside is OpenSSL's to decode.
std::optional<DerElement> take_der_element(base::ByteView& input);

}  // namespace tlswarden::pki
