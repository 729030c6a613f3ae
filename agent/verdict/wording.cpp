#include "verdict/wording.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::verdict {
namespace {

constexpr std::string_view kAnything = "...";
// Typographic quotes and the ellipsis, as web pages and word processors put them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypography{
    {{"\u2018", ""}, {"\u2019", ""}, {"\u201c", ""}, {"\u201d", ""}, {"\u2026", kAnything}}};
constexpr std::size_t kLongestText = 4096;

/// What is left of a text when everything is gone that people change when they quote.
std::string bare(std::string_view text) {
  std::string out;
  text = text.substr(0, kLongestText);
  while (!text.empty()) {
    const auto* mark = std::find_if(kTypography.begin(), kTypography.end(),
                                    [&](const auto& each) { return text.starts_with(each.first); });
    if (mark != kTypography.end()) {
      out += mark->second;
      text.remove_prefix(mark->first.size());
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    if (blank) {
      out += ' ';
    } else if (std::string_view("\"'`,\\").find(c) == std::string_view::npos) {
      out += c;
    }
  }
  return std::string(base::trimmed(base::lower_ascii(out)));
}

/// Whether the pieces of `pattern` between its "..." occur in `text` one after the other.
bool occurs(std::string_view pattern, std::string_view text) {
  std::size_t from = 0;
  for (;;) {
    const std::size_t end = pattern.find(kAnything);
    const std::string_view piece = base::trimmed(pattern.substr(0, end));
    const std::size_t at = text.find(piece, from);
    if (at == std::string_view::npos) return false;
    from = at + piece.size();
    if (end == std::string_view::npos) return true;
    pattern.remove_prefix(end + kAnything.size());
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(text, ' ')) {
    if (!word.empty() && word != kAnything) words.push_back(word);
  }
  return words;
}

bool in_order(const std::vector<std::string_view>& some, const std::vector<std::string_view>& all) {
  auto next = some.begin();
  for (const std::string_view word : all) {
    if (next != some.end() && word.starts_with(*next)) ++next;
  }
  return next == some.end();
}

}  // namespace

WordingFit fit_wording(std::string_view text, std::string_view wording) {
  const std::string said = bare(text), known = bare(wording);
  const auto length = static_cast<std::ptrdiff_t>(known.size());
  if (occurs(known, said)) return {WordingFit::Kind::kWhole, length};
  const auto words = words_of(said);
  const bool is_code = words.size() == 1 && words.front().find('_') != std::string_view::npos;
  if (words.size() < 2 && !is_code) return {};
  if (occurs(said, known)) return {WordingFit::Kind::kShortened, -length};
  if (in_order(words, words_of(known))) return {WordingFit::Kind::kWordsInOrder, -length};
  return {};
}

}  // namespace tlswarden::verdict
