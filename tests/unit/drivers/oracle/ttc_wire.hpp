#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// What a database answers, built apart from the code under test.
namespace tlswarden::drivers::oracle::fixtures {

inline base::Bytes hex(const std::string& digits) {
  base::Bytes out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return out;
}

inline base::Bytes operator+(base::Bytes a, const base::Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline base::Bytes number(std::uint32_t value) {
  if (value == 0) return {0};
  base::Bytes digits;
  for (; value != 0; value >>= 8)
    digits.insert(digits.begin(), static_cast<std::uint8_t>(value));
  return base::Bytes{static_cast<std::uint8_t>(digits.size())} + digits;
}

inline base::Bytes text(const std::string& value) {
  return base::Bytes{static_cast<std::uint8_t>(value.size())} + base::to_bytes(value);
}

inline base::Bytes zeros(std::size_t count) {
  return base::Bytes(count, 0);
}

inline const base::Bytes kStatus{9, 0, 0};

inline base::Bytes protocol(std::uint8_t fields = 13) {
  base::Bytes compiled = zeros(45);
  compiled[7] = fields;
  return base::Bytes{1, 6, 0} + base::to_bytes("x86_64/Linux 2.4.xx") +
         hex("00"
             "6903"
             "01"
             "0000"
             "000b") +
         zeros(9) + hex("07d0") + base::Bytes{45} + compiled + base::Bytes{7} + zeros(7);
}

inline const base::Bytes kDataTypes =
    hex("02"
        "0001"
        "0001"
        "00010000"
        "0002"
        "0000"
        "0000");

struct Parameter {
  std::string key, value;
  std::uint32_t flags = 0;
};

inline base::Bytes parameters(const std::vector<Parameter>& all) {
  base::Bytes out = base::Bytes{8} + number(static_cast<std::uint32_t>(all.size()));
  for (const auto& [key, value, flags] : all) {
    out = std::move(out) + number(static_cast<std::uint32_t>(key.size())) + text(key) +
          number(static_cast<std::uint32_t>(value.size()));
    if (!value.empty()) out = std::move(out) + text(value);
    out = std::move(out) + number(flags);
  }
  return out;
}

inline base::Bytes error(std::uint32_t code, const std::string& words) {
  return base::Bytes{4} + hex("0101") + zeros(2) + number(code) + zeros(4 + 6 + 5 + 1 + 2 + 2 + 1 + 3) +
         number(code) + number(1) + (code != 0 ? text(words) : base::Bytes{});
}

inline base::Bytes description(std::uint8_t fields = 13, std::uint8_t type = 1, std::uint32_t columns = 1) {
  return base::Bytes{16, 0} + number(4000) + number(columns) + base::Bytes{0, type, 0, 0, 0} + number(4000) +
         zeros(4) + number(873) + base::Bytes{1} + number(4000) + (fields >= 8 ? zeros(1) : base::Bytes{}) +
         hex("0106") + number(6) + text("RESULT") + zeros(4) + zeros(6);
}

inline base::Bytes row(const std::string& value) {
  return base::Bytes{6, 0} + zeros(6) + base::Bytes{7} + text(value);
}

}  // namespace tlswarden::drivers::oracle::fixtures
