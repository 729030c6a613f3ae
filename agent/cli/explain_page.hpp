#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/surroundings.hpp"
#include "cli/text_layout.hpp"

namespace tlswarden::cli {

/// Text under headings, as kubectl explain lays it out.
class ExplainPage {
 public:
  explicit ExplainPage(const Surroundings& surroundings)
      : out_(surroundings.out), width_(surroundings.terminal.width), colour_(surroundings.terminal.colour) {}

  void title(std::string_view text) { out_ << coloured(text, Colour::kBold, colour_) << "\n"; }
  void section(std::string_view heading, std::string_view text) {
    if (!text.empty()) out_ << "\n" << heading << "\n" << paragraph(text, 2, width_);
  }
  void steps(std::string_view heading, const std::vector<std::string>& items) {
    if (items.empty()) return;
    out_ << "\n" << heading << "\n";
    for (std::size_t i = 0; i < items.size(); ++i)
      out_ << numbered(i + 1, items[i], 2, width_);
  }
  void list(std::string_view heading, const std::vector<std::string>& items) {
    if (items.empty()) return;
    out_ << "\n" << heading << "\n";
    for (const std::string& item : items)
      out_ << paragraph(item, 2, width_);
  }
  void table(std::string_view heading, const Table& table) {
    if (!table.rows.empty()) out_ << "\n" << heading << "\n" << render(table, {width_, false});
  }

 private:
  std::ostream& out_;
  std::optional<std::size_t> width_;
  bool colour_;
};

}  // namespace tlswarden::cli
