#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/surroundings.hpp"
#include "cli/text_layout.hpp"

namespace tlswarden::cli {

/// Text under headings, as kubectl explain lays it out. What is empty leaves no heading behind.
class ExplainPage {
 public:
  /// Writes to `surroundings.out`, which must outlive it.
  explicit ExplainPage(const Surroundings& surroundings)
      : out_(surroundings.out), width_(surroundings.terminal.width), colour_(surroundings.terminal.colour) {}

  void title(std::string_view text);
  void section(std::string_view heading, std::string_view text);
  void steps(std::string_view heading, const std::vector<std::string>& items);
  void list(std::string_view heading, const std::vector<std::string>& items);
  void table(std::string_view heading, const Table& table);
  /// A line of its own between other things.
  void heading(std::string_view text);
  /// To be copied: neither wrapped nor indented.
  void verbatim(std::string_view text);
  void remark(std::string_view text);

 private:
  std::ostream& out_;
  std::optional<std::size_t> width_;
  bool colour_;
};

}  // namespace tlswarden::cli
