#include "drivers/mysql/policy.hpp"

#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::drivers::mysql {
namespace {

bool is_word(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

/// The position behind the quoted text that starts at `at`. A doubled quote is part of it, and in strings so
/// is whatever follows a backslash.
std::size_t skip_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  while (at < text.size()) {
    const bool escaped = text[at] == '\\' && quote != '`';
    const bool doubled = text[at] == quote && at + 1 < text.size() && text[at + 1] == quote;
    if (text[at] == quote && !doubled) return at + 1;
    at += escaped || doubled ? 2 : 1;
  }
  return text.size();
}

/// Words outside quotes, in lower case.
std::vector<std::string> bare_words(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\'' || text[at] == '"' || text[at] == '`') {
      at = skip_quoted(text, at);
    } else if (is_word(text[at])) {
      const auto begin = at;
      while (at < text.size() && is_word(text[at]))
        ++at;
      words.push_back(base::lower_ascii(text.substr(begin, at - begin)));
    } else {
      ++at;
    }
  }
  return words;
}

}  // namespace

AccountPolicy account_policy(std::string_view statement) {
  const auto words = bare_words(statement);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "require") continue;
    const auto& what = words[i + 1];
    if (what == "ssl" || what == "cipher") return AccountPolicy::kTls;
    if (what == "x509" || what == "issuer" || what == "subject") return AccountPolicy::kClientCertificate;
  }
  return AccountPolicy::kAnything;
}

probe::Tristate plaintext_allowed(std::optional<bool> everywhere, std::optional<AccountPolicy> account) {
  if (everywhere.value_or(false)) return probe::Tristate::kNo;
  if (account && *account != AccountPolicy::kAnything) return probe::Tristate::kNo;
  return everywhere && account ? probe::Tristate::kYes : probe::Tristate::kUnknown;
}

}  // namespace tlswarden::drivers::mysql
