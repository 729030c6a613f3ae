#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"

/// What a listener sends, built apart from the code under test.
namespace tlswarden::drivers::oracle::fixtures {

inline base::Bytes packet(std::uint8_t type, const base::Bytes& body, std::uint8_t flags = 0) {
  const std::size_t length = 8 + body.size();
  base::Bytes out{
      static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), 0, 0, type, flags, 0, 0};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

inline base::Bytes refusal(const std::string& text) {
  base::Bytes body{34, 0, static_cast<std::uint8_t>(text.size() >> 8),
                   static_cast<std::uint8_t>(text.size())};
  body.insert(body.end(), text.begin(), text.end());
  return packet(4, body);
}

inline std::string refusal_text(const std::string& version, const std::string& error) {
  return "(DESCRIPTION=(TMP=)(VSNNUM=" + version + ")(ERR=" + error + ")(ERROR_STACK=(ERROR=(CODE=" + error +
         ")(EMFI=4))))";
}

inline base::Bytes refusal(const std::string& version, const std::string& error) {
  return refusal(refusal_text(version, error));
}

/// ACCEPT of TNS `version`.
inline base::Bytes accept(std::uint16_t version = 318) {
  base::Bytes body(37, 0);
  body[0] = static_cast<std::uint8_t>(version >> 8);
  body[1] = static_cast<std::uint8_t>(version);
  return packet(2, body);
}

inline base::Bytes redirect() {
  const std::string address = "(ADDRESS=(PROTOCOL=tcps)(HOST=node2)(PORT=1522))";
  base::Bytes body{0, static_cast<std::uint8_t>(address.size())};
  body.insert(body.end(), address.begin(), address.end());
  return packet(5, body);
}

inline const base::Bytes kResend = packet(11, {});
inline const base::Bytes kResendAfterHandshake = packet(11, {}, 0x08);
inline const base::Bytes kMarker = packet(12, {1, 0, 1});
inline const base::Bytes kFarewell{0, 0, 0, 10, 6, 0, 0, 0, 0, 0x40};
inline const base::Bytes kOldFarewell{0, 10, 0, 0, 6, 0, 0, 0, 0, 0x40};

}  // namespace tlswarden::drivers::oracle::fixtures
