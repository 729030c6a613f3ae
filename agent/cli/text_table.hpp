#pragma once

#include <string>
#include <vector>

namespace tlswarden::cli {

/// Lines in columns as kubectl writes them: at least three blanks between two columns, and columns that never
/// become narrower from one call to the next, so that what a watch adds fits what is there.
class TextTable {
 public:
  using Row = std::vector<std::string>;

  /// The rows below each other. Cells are printable and of one line.
  std::string print(const std::vector<Row>& rows);

 private:
  std::vector<std::size_t> widths_;
};

}  // namespace tlswarden::cli
