#include "kube/server_warnings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLongestText = std::size_t{4} << 10U;  // what an API server sends in all
constexpr std::size_t kMostTexts = 64;

/// Reads `code SP agent SP "text" [SP "date"]`, and what stands between two of them.
class WarningReader {
 public:
  explicit WarningReader(std::string_view header) : rest_(base::trimmed(header)) {}

  bool over() const { return rest_.empty(); }

  /// The code and the text of the next one; nothing when it makes no sense.
  std::optional<std::pair<std::string, std::string>> next() {
    std::string code(word());
    const bool three_digits = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                              [](char c) { return c >= '0' && c <= '9'; });
    if (!three_digits || word().empty()) return std::nullopt;
    auto text = quoted();
    if (!text) return std::nullopt;
    // The date is of no use to anybody.
    if (rest_.starts_with('"') && !quoted()) return std::nullopt;
    if (!rest_.empty() && !rest_.starts_with(',')) return std::nullopt;
    skip(1);
    return std::pair{std::move(code), std::move(*text)};
  }

 private:
  /// Up to the next blank, which is passed over.
  std::string_view word() {
    const std::string_view found = rest_.substr(0, rest_.find(' '));
    skip(found.size());
    return found;
  }

  /// RFC 9110, section 5.6.4.
  std::optional<std::string> quoted() {
    if (!rest_.starts_with('"')) return std::nullopt;
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        skip(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text += rest_[i];
    }
    return std::nullopt;
  }

  void skip(std::size_t count) {
    rest_.remove_prefix(std::min(count, rest_.size()));
    rest_ = base::trimmed(rest_);
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> warning_texts(std::string_view header) {
  std::vector<std::string> texts;
  WarningReader reader(header);
  while (!reader.over() && texts.size() < kMostTexts) {
    const auto warning = reader.next();
    if (!warning) break;
    std::string text = base::printable(warning->second, kLongestText);
    if (warning->first == "299" && !text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

void DistinctWarnings::take(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (shown_.size() >= most_ || !shown_.insert(text).second) return;
  show_(text);
}

}  // namespace tlswarden::kube
