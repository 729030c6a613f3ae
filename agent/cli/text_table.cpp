#include "cli/text_table.hpp"

#include <algorithm>

#include "cli/text_layout.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kGap = 3;
constexpr std::size_t kNarrowest = 6;  // with its gap, as kubectl's

}  // namespace

std::string TextTable::print(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    widths_.resize(std::max(widths_.size(), row.size()), kNarrowest);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths_[i] = std::max(widths_[i], display_width(row[i]) + kGap);
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths_[i] - display_width(row[i]), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace tlswarden::cli
