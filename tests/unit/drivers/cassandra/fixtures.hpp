#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "drivers/cassandra/frame.hpp"

/// Answers of a node, put together independently of the code that reads them.
namespace tlswarden::drivers::cassandra::fixtures {

inline std::string number(std::uint32_t value, unsigned size) {
  std::string out;
  while (size-- > 0)
    out += static_cast<char>(value >> (8U * size) & 0xFFU);
  return out;
}
inline std::string text(const std::string& content) {
  return number(static_cast<std::uint32_t>(content.size()), 2) + content;
}
inline std::string value(const std::optional<std::string>& content) {
  if (!content) return number(0xFFFFFFFFU, 4);
  return number(static_cast<std::uint32_t>(content->size()), 4) + *content;
}

inline base::Bytes frame(Opcode opcode, const std::string& body, std::uint8_t flags = 0) {
  std::string out = "\x84";
  out += static_cast<char>(flags);
  out += number(0, 2);
  out += static_cast<char>(opcode);
  return base::to_bytes(out + number(static_cast<std::uint32_t>(body.size()), 4) + body);
}

using Options = std::map<std::string, std::vector<std::string>>;

inline std::string multimap(const Options& options) {
  auto out = number(static_cast<std::uint32_t>(options.size()), 2);
  for (const auto& [key, values] : options) {
    out += text(key) + number(static_cast<std::uint32_t>(values.size()), 2);
    for (const auto& each : values)
      out += text(each);
  }
  return out;
}

/// What Cassandra 5.0 answers to OPTIONS; `more` beside it.
inline base::Bytes supported(const Options& more = {}) {
  Options options{{"CQL_VERSION", {"3.4.7"}},
                  {"COMPRESSION", {"snappy", "lz4"}},
                  {"PROTOCOL_VERSIONS", {"3/v3", "4/v4", "5/v5", "6/v6-beta"}}};
  options.insert(more.begin(), more.end());
  return frame(Opcode::kSupported, multimap(options));
}
inline base::Bytes scylla_supported() {
  return supported({{"SCYLLA_SHARD", {"0"}}, {"SCYLLA_NR_SHARDS", {"2"}}});
}

inline base::Bytes error(std::uint32_t code, const std::string& words) {
  return frame(Opcode::kError, number(code, 4) + text(words));
}

enum class Type : std::uint16_t { kCustom = 0, kBoolean = 4, kVarchar = 0x0D, kInet = 0x10, kMap = 0x21 };
using Column = std::pair<std::string, Type>;
using Values = std::vector<std::optional<std::string>>;

/// The body of a RESULT with rows of one table.
inline std::string rows(const std::vector<Column>& columns, const std::vector<Values>& values) {
  auto out = number(2, 4) + number(1, 4) + number(static_cast<std::uint32_t>(columns.size()), 4) +
             text("system") + text("local");
  for (const auto& [name, type] : columns)
    out += text(name) + number(static_cast<std::uint32_t>(type), 2);
  out += number(static_cast<std::uint32_t>(values.size()), 4);
  for (const auto& row : values) {
    for (const auto& each : row)
      out += value(each);
  }
  return out;
}

inline const std::string kOptions("\x04\x00\x00\x00\x05\x00\x00\x00\x00", 9);

}  // namespace tlswarden::drivers::cassandra::fixtures
