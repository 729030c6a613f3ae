#include "cli/explain_page.hpp"

#include <ostream>

namespace tlswarden::cli {

void ExplainPage::title(std::string_view text) {
  out_ << coloured(text, Colour::kBold, colour_) << "\n";
}

void ExplainPage::section(std::string_view heading, std::string_view text) {
  if (!text.empty()) out_ << "\n" << heading << "\n" << paragraph(text, 2, width_);
}

void ExplainPage::steps(std::string_view heading, const std::vector<std::string>& items) {
  if (items.empty()) return;
  out_ << "\n" << heading << "\n";
  out_ << numbered_steps(items, 2, width_);
}

void ExplainPage::list(std::string_view heading, const std::vector<std::string>& items) {
  if (items.empty()) return;
  out_ << "\n" << heading << "\n";
  for (const std::string& item : items)
    out_ << paragraph(item, 2, width_);
}

void ExplainPage::table(std::string_view heading, const Table& table) {
  if (!table.rows.empty()) out_ << "\n" << heading << "\n" << render(table, {width_, false});
}

void ExplainPage::heading(std::string_view text) {
  out_ << "\n" << coloured(text, Colour::kBold, colour_) << "\n";
}

void ExplainPage::verbatim(std::string_view text) {
  out_ << "\n" << text;
}

void ExplainPage::remark(std::string_view text) {
  out_ << "\n" << paragraph("Note: " + std::string(text), 0, width_, 2);
}

}  // namespace tlswarden::cli
