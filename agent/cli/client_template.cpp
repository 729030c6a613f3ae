#include "cli/client_template.hpp"

#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/quoting.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}", kMode = "{{mode}}";

bool is_section_tag(std::string_view line) {
  return line.size() > 5 && line.starts_with(kOpen) && line.find(kClose) == line.size() - 2 &&
         (line[2] == '#' || line[2] == '^' || line[2] == '/');
}

std::string without_tag_lines(std::string_view text) {
  std::string joined;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool tag = is_section_tag(base::trimmed(line));
    joined.append(tag ? base::trimmed(line) : line);
    if (!tag && end != std::string_view::npos) joined.push_back('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return joined;
}

class Filling {
 public:
  Filling(std::string_view text, const TemplateValues& values, std::string_view quoting)
      : rest_(text), values_(values), quoting_(quoting) {}

  /// Up to the end of section `name`, or of the text when it is empty.
  base::Result<std::string> section(std::string_view name, bool shown) {
    std::string filled;
    for (;;) {
      const std::size_t open = rest_.find(kOpen);
      if (shown) filled.append(rest_.substr(0, open));
      if (open == std::string_view::npos) {
        if (!name.empty()) return base::fail("the section '" + std::string(name) + "' does not end");
        return filled;
      }
      const std::size_t close = rest_.find(kClose, open);
      if (close == std::string_view::npos) return base::fail("a placeholder does not end");
      const std::string_view tag = rest_.substr(open + 2, close - open - 2);
      rest_.remove_prefix(close + 2);
      if (tag.starts_with('/')) {
        if (tag.substr(1) != name) return base::fail("'" + std::string(tag) + "' ends another section");
        return filled;
      }
      const auto piece = tag.starts_with('#') || tag.starts_with('^') ? inner(tag, shown) : value(tag, shown);
      if (!piece) return tl::unexpected(piece.error());
      filled.append(*piece);
    }
  }

 private:
  base::Result<std::string> inner(std::string_view tag, bool shown) {
    const bool wanted = tag.front() == '#';
    const std::string_view name = tag.substr(1);
    if (is_quoting(name)) return quoted_section(name, shown);
    return section(name, shown && (values_.find(name) != values_.end()) == wanted);
  }

  base::Result<std::string> quoted_section(std::string_view rule, bool shown) {
    const std::string_view outer = std::exchange(quoting_, {});
    auto inside = section(rule, shown);
    quoting_ = outer;
    if (!inside || !shown) return inside;
    return through(std::move(*inside), {rule, rule == outer ? std::string_view() : outer});
  }

  static base::Result<std::string> through(std::string text, const std::vector<std::string_view>& rules) {
    for (const std::string_view rule : rules) {
      if (rule.empty()) continue;
      auto next = quoted(rule, text);
      if (!next) return base::fail("'" + base::printable(text, 120) + "' cannot be written there");
      text = std::move(*next);
    }
    return text;
  }

  base::Result<std::string> value(std::string_view tag, bool shown) const {
    auto rules = base::split(tag, '|');
    const std::string_view name = rules.front();
    rules.erase(rules.begin());
    rules.push_back(quoting_);
    for (const std::string_view rule : rules) {
      if (!rule.empty() && !is_quoting(rule))
        return base::fail("there is no quoting '" + std::string(rule) + "'");
    }
    if (!shown) return std::string();
    const auto found = values_.find(name);
    if (found == values_.end()) return base::fail("'" + std::string(name) + "' has no value");
    return through(found->second, rules);
  }

  std::string_view rest_;
  const TemplateValues& values_;
  std::string_view quoting_;
};

}  // namespace

base::Result<std::string> fill_template(std::string_view text, const TemplateValues& values,
                                        std::string_view quoting) {
  const std::string compact = without_tag_lines(text);
  return Filling(compact, values, quoting).section("", true);
}

std::string insert_spelling(std::string_view part, std::string_view spelling) {
  while (spelling.ends_with('\n'))
    spelling.remove_suffix(1);
  std::string text;
  for (;;) {
    const std::size_t at = part.find(kMode);
    if (at == std::string_view::npos) return text.append(part);
    const std::size_t line = part.substr(0, at).rfind('\n') + 1;
    const std::string_view before = part.substr(line, at - line);
    std::string_view after = part.substr(at + kMode.size());
    const bool alone = base::trimmed(before).empty() && (after.empty() || after.front() == '\n');
    std::size_t kept = alone && spelling.empty() ? line : at;
    // Nothing between two blanks leaves one of them.
    if (spelling.empty() && !alone && before.ends_with(' ')) --kept;
    text.append(part.substr(0, kept));
    for (const char c : spelling) {
      text.push_back(c);
      if (alone && c == '\n') text.append(before);
    }
    if (alone && spelling.empty() && !after.empty()) after.remove_prefix(1);
    part = after;
  }
}

}  // namespace tlswarden::cli
