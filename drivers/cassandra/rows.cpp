#include "drivers/cassandra/rows.hpp"

#include <algorithm>

#include "drivers/cassandra/body.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

constexpr std::uint32_t kKindRows = 2;
constexpr std::uint32_t kLastKind = 5;

constexpr std::uint32_t kGlobalTable = 0x01;
constexpr std::uint32_t kMorePages = 0x02;
constexpr std::uint32_t kNoMetadata = 0x04;

constexpr std::uint16_t kCustomType = 0x0000;
constexpr std::uint16_t kLastScalarType = 0x0015;

constexpr std::uint32_t kMaxColumns = 16;
constexpr std::uint32_t kMaxRows = 16;

/// A type without parameters, or a custom one, which is named by a string.
bool skip_scalar_type(Body& body) {
  const auto type = body.u16();
  if (type == kCustomType) body.string();
  return type <= kLastScalarType && body.sound();
}

bool read_columns(Body& body, std::vector<std::string>& columns) {
  const auto flags = body.u32();
  const auto count = body.u32();
  if (!body.sound() || count > kMaxColumns || (flags & kNoMetadata) != 0) return false;
  if ((flags & kMorePages) != 0) body.value();
  const auto skip_table = [&body] {
    body.string();
    body.string();
  };
  if ((flags & kGlobalTable) != 0) skip_table();
  for (std::uint32_t i = 0; i < count; ++i) {
    if ((flags & kGlobalTable) == 0) skip_table();
    columns.push_back(body.string());
    if (!skip_scalar_type(body)) return false;
  }
  return body.sound();
}

}  // namespace

base::Result<Rows, probe::Cause> read_rows(base::ByteView bytes) {
  const auto malformed = tl::unexpected(probe::Cause::kMalformedMessage);
  Body body(bytes);
  const auto kind = body.u32();
  if (!body.sound() || kind == 0 || kind > kLastKind) return malformed;
  Rows result;
  if (kind != kKindRows) return result;
  if (!read_columns(body, result.columns)) return malformed;
  const auto count = body.u32();
  if (!body.sound() || count > kMaxRows) return malformed;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& row = result.rows.emplace_back();
    for (std::size_t column = 0; column < result.columns.size(); ++column)
      row.push_back(body.value());
  }
  if (!body.sound()) return malformed;
  return result;
}

std::optional<std::string> Rows::value(std::size_t row, std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (row >= rows.size() || found == columns.end()) return std::nullopt;
  return rows[row][static_cast<std::size_t>(found - columns.begin())];
}

std::optional<bool> Rows::flag(std::size_t row, std::string_view column) const {
  const auto byte = value(row, column);
  if (!byte || byte->size() != 1) return std::nullopt;
  return byte->front() != 0;
}

}  // namespace tlswarden::drivers::cassandra
