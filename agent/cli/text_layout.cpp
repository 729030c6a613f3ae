#include "cli/text_layout.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastProse = 40;  ///< below this many columns prose is unreadable beside its row
constexpr std::size_t kProseIndent = 4;

const char* escape_of(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return "";
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kMagenta:
      return "\x1b[35m";
    case Colour::kBold:
      return "\x1b[1m";
  }
  return "";
}

std::vector<std::size_t> column_widths(const Table& table) {
  std::vector<std::size_t> widths;
  widths.reserve(table.headings.size());
  for (const std::string& heading : table.headings)
    widths.push_back(display_width(heading));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  return widths;
}

void trim_line(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

class Renderer {
 public:
  Renderer(const Table& table, const Layout& layout) : layout_(layout), widths_(column_widths(table)) {
    prose_at_ =
        std::accumulate(widths_.begin(), widths_.end() - 1, std::size_t{0}) + kGap * (widths_.size() - 1);
    beside_ = !layout.width || *layout.width >= prose_at_ + kLeastProse ||
              *layout.width >= prose_at_ + widths_.back();
  }

  std::string headings(const std::vector<std::string>& names) const {
    std::string line;
    for (std::size_t i = 0; i + (beside_ ? 0 : 1) < names.size(); ++i)
      append(line, Cell{names[i]}, i);
    trim_line(line);
    return line + "\n";
  }

  std::string row(const std::vector<Cell>& cells) const {
    std::string text;
    for (std::size_t i = 0; i + 1 < cells.size(); ++i)
      append(text, cells[i], i);
    Cell prose = cells.back();
    std::replace(prose.text.begin(), prose.text.end(), '\n', ' ');
    if (!beside_) {
      trim_line(text);
      return text + "\n" + (prose.text.empty() ? "" : paragraph(prose.text, kProseIndent, layout_.width));
    }
    const auto room = layout_.width ? std::optional(*layout_.width - prose_at_) : std::nullopt;
    const std::vector<std::string> lines = wrap(prose.text, room);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) text.append(prose_at_, ' ');
      text += coloured(lines[i], prose.colour, layout_.colour);
      trim_line(text);
      text += '\n';
    }
    return text;
  }

 private:
  void append(std::string& line, const Cell& cell, std::size_t column) const {
    line += coloured(cell.text, cell.colour, layout_.colour);
    line.append(widths_[column] - display_width(cell.text) + kGap, ' ');
  }

  Layout layout_;
  std::vector<std::size_t> widths_;
  std::size_t prose_at_ = 0;
  bool beside_ = true;
};

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::string> wrap(std::string_view text, std::optional<std::size_t> width) {
  if (!width) return {std::string(text)};
  std::vector<std::string> lines;
  std::string line;
  for (const std::string_view word : base::split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && display_width(line) + 1 + display_width(word) > *width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::string paragraph(std::string_view text, std::size_t indent, std::optional<std::size_t> width,
                      std::size_t hanging) {
  constexpr std::size_t kLeast = 20;
  const std::size_t margin = indent + hanging;
  if (width) width = std::max(*width > margin ? *width - margin : 0, kLeast);
  std::string out;
  for (const std::string_view part : base::split(text, '\n')) {
    for (const std::string& line : wrap(part, width)) {
      out.append(out.empty() ? indent : margin, ' ');
      out += line;
      out += '\n';
    }
  }
  return out;
}

std::string numbered_steps(const std::vector<std::string>& steps, std::size_t indent,
                           std::optional<std::size_t> width) {
  std::string text;
  std::size_t number = 0;
  for (const std::string& step : steps) {
    const std::string mark = step.starts_with("Source: ") ? "" : std::to_string(++number) + ". ";
    text += paragraph(mark + step, indent, width, mark.size());
  }
  return text;
}

std::string coloured(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::kNone || text.empty()) return std::string(text);
  return escape_of(colour) + std::string(text) + "\x1b[0m";
}

std::string render(const Table& table, const Layout& layout) {
  const Renderer renderer(table, layout);
  std::string text = renderer.headings(table.headings);
  for (const auto& row : table.rows)
    text += renderer.row(row);
  return text;
}

}  // namespace tlswarden::cli
