#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Text laid out for people. Pure.
namespace tlswarden::cli {

/// Columns that UTF-8 text takes, one for each code point.
std::size_t display_width(std::string_view text);

/// Breaks at blanks so that no line is wider than `width`; a word that is wider stands alone, uncut. Without
/// a width the text is one line. Never empty.
std::vector<std::string> wrap(std::string_view text, std::optional<std::size_t> width);

/// `text` indented, wrapped so that it fits `width`; lines after the first are indented by `hanging` more,
/// its own line ends are kept. Ends with a line end.
std::string paragraph(std::string_view text, std::size_t indent, std::optional<std::size_t> width,
                      std::size_t hanging = 0);
/// A numbered list. What begins with "Source: " only names where the rest is written down, and gets no
/// number.
std::string numbered_steps(const std::vector<std::string>& steps, std::size_t indent,
                           std::optional<std::size_t> width);

enum class Colour { kNone, kGreen, kYellow, kRed, kMagenta, kBold };
std::string coloured(std::string_view text, Colour colour, bool enabled);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

/// Rows under headings. The last column is prose: it alone may take more than one line. Line ends count as
/// blanks.
struct Table {
  std::vector<std::string> headings;
  std::vector<std::vector<Cell>> rows;
};

struct Layout {
  std::optional<std::size_t> width;  ///< none: one line for each row
  bool colour = false;
};

/// Columns are two blanks apart. Where the prose has too little room beside its row it stands below it,
/// indented.
std::string render(const Table& table, const Layout& layout);

}  // namespace tlswarden::cli
