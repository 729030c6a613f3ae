#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::cassandra {

/// The rows of a RESULT (native_protocol_v4.spec, section 4.2.5). Raw values of the peer.
struct Rows {
  using Row = std::vector<std::optional<std::string>>;  ///< nothing for null
  std::vector<std::string> columns;
  std::vector<Row> rows;

  /// The value in that row and column; nothing where there is no such row or column, or it is null.
  std::optional<std::string> value(std::size_t row, std::string_view column) const;
  /// A boolean of that row and column; nothing too where it is not one.
  std::optional<bool> flag(std::size_t row, std::string_view column) const;
};

/// Reads the body of a RESULT. Hostile input: more than 16 columns or rows, columns that are no scalars (we
/// ask for none), or a length beyond the message are malformed. A RESULT without rows (USE) has none.
base::Result<Rows, probe::Cause> read_rows(base::ByteView body);

}  // namespace tlswarden::drivers::cassandra
