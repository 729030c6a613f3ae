#include "resource/version_constraint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

constexpr std::size_t kMaxParts = 8;
constexpr std::size_t kMaxDigits = 9;
constexpr std::size_t kMaxConstraint = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Digits and single dots at the start of `text`: "15.20" of "15.20 (Debian)". Empty when there are none.
std::string_view leading_version(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (is_digit(text[end]) || (text[end] == '.' && end > 0 && is_digit(text[end - 1]) &&
                                  end + 1 < text.size() && is_digit(text[end + 1])))) {
    ++end;
  }
  return text.substr(0, end);
}

std::optional<std::vector<int>> numbers(std::string_view text) {
  std::vector<int> parts;
  for (const std::string_view part : base::split(text, '.')) {
    int value = 0;
    if (part.empty() || part.size() > kMaxDigits || parts.size() == kMaxParts) return std::nullopt;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    parts.push_back(value);
  }
  return parts;
}

/// Numbers that stand at the start of a word ("v25.2" too, but not the 86 of x86_64), in order.
std::vector<std::string_view> candidates(std::string_view text) {
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) continue;
    const std::string_view version = leading_version(text.substr(i));
    const bool after_v =
        i > 0 && (text[i - 1] == 'v' || text[i - 1] == 'V') && (i == 1 || !is_word(text[i - 2]));
    if (i == 0 || after_v || (!is_word(text[i - 1]) && text[i - 1] != '.')) found.push_back(version);
    i += version.size() - 1;
  }
  return found;
}

/// MariaDB up to 10.x puts 5.5.5- before its version so that old replicas take it for a MySQL 5.5.
std::string_view without_replication_prefix(std::string_view text) {
  constexpr std::string_view kPrefix = "5.5.5-";
  const bool prefixed =
      text.starts_with(kPrefix) && text.size() > kPrefix.size() && is_digit(text[kPrefix.size()]);
  return prefixed ? text.substr(kPrefix.size()) : text;
}

/// The part of what a server says that speaks of its own version.
std::string_view relevant(Engine engine, std::string_view text) {
  if (engine == Engine::kMysql || engine == Engine::kMariadb) return without_replication_prefix(text);
  if (engine == Engine::kRedshift) {
    const std::size_t at = text.find("Redshift");
    if (at != std::string_view::npos) return text.substr(at);
    // The PostgreSQL that Redshift descends from and still claims to be in server_version.
    if (text == "8.0.2") return {};
  }
  return text;
}

/// CockroachDB, etcd and others write v25.2.
std::string_view without_v(std::string_view word) {
  const bool prefixed = word.size() > 1 && (word[0] == 'v' || word[0] == 'V') && is_digit(word[1]);
  return prefixed ? word.substr(1) : word;
}

bool has_dot(std::string_view text) {
  return text.find('.') != std::string_view::npos;
}

std::string_view pick(Engine engine, const std::vector<std::string_view>& found) {
  // These two put a marketing name first: "SQL Server 2022 - 16.0.4191", "Database 19c Release 19.3.0.0.0".
  if (engine == Engine::kSqlserver || engine == Engine::kOracle) {
    const auto dotted = std::find_if(found.begin(), found.end(), has_dot);
    if (dotted != found.end()) return *dotted;
  }
  return found.front();
}

/// Compares `version` with `wanted` as far as `wanted` goes: 15.4 is equal to 15.
int compare_to_precision(const std::vector<int>& version, const std::vector<int>& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int part = i < version.size() ? version[i] : 0;
    if (part != wanted[i]) return part < wanted[i] ? -1 : 1;
  }
  return 0;
}

tl::unexpected<base::Error> refuse(std::string_view text, const std::string& what) {
  return base::fail(
      "'" + base::printable(text, 60) + "' is no version constraint: " + what +
      "; write a version as a prefix (15 is any 15.x), or comparisons with >=, >, <=, <, = or != joined "
      "by blanks, such as '>=15.4 <17'");
}

}  // namespace

base::Result<ServerVersion> parse_server_version(Engine engine, std::string_view reported) {
  const std::vector<std::string_view> found = candidates(relevant(engine, base::trimmed(reported)));
  const auto unreadable = [&] {
    return base::fail("'" + base::printable(reported, 80) + "' names no " + engine_facts(engine).title +
                      " version");
  };
  if (found.empty()) return unreadable();
  const std::string_view text = pick(engine, found);
  auto parts = numbers(text);
  if (!parts) return unreadable();
  return ServerVersion{std::move(*parts), std::string(text)};
}

base::Result<VersionConstraint> VersionConstraint::parse(std::string_view text) {
  // Longer operators first: ">" would otherwise take the start of ">=".
  constexpr std::array<std::pair<std::string_view, Operator>, 7> kOperators{{{">=", Operator::kGreaterEqual},
                                                                             {"<=", Operator::kLessEqual},
                                                                             {"!=", Operator::kNotEqual},
                                                                             {"==", Operator::kEqual},
                                                                             {">", Operator::kGreater},
                                                                             {"<", Operator::kLess},
                                                                             {"=", Operator::kEqual}}};
  VersionConstraint constraint;
  constraint.text_ = base::trimmed(text);
  if (text.size() > kMaxConstraint) return refuse(text, "it is longer than 200 characters");
  std::string_view rest = constraint.text_;
  if (rest.empty()) return refuse(text, "it is empty");
  bool has_prefix = false;
  while (!rest.empty()) {
    Term term;
    for (const auto& [symbol, op] : kOperators) {
      if (!rest.starts_with(symbol)) continue;
      term.op = op;
      rest = base::trimmed(rest.substr(symbol.size()));
      break;
    }
    const std::size_t end = rest.find_first_of(" \t,");
    const std::string_view word = rest.substr(0, end);
    auto parts = numbers(without_v(word));
    if (!parts)
      return refuse(
          text, word.empty() ? "a version is missing" : "'" + base::printable(word, 40) + "' is no version");
    if (term.op == Operator::kPrefix && std::exchange(has_prefix, true)) {
      return refuse(text, "it names two versions, and no server is both");
    }
    term.parts = std::move(*parts);
    constraint.terms_.push_back(std::move(term));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    const std::size_t next = rest.find_first_not_of(" \t,");
    rest = next == std::string_view::npos ? std::string_view{} : rest.substr(next);
  }
  return constraint;
}

bool VersionConstraint::Term::holds(const ServerVersion& version) const {
  const int order = compare_to_precision(version.parts, parts);
  switch (op) {
    case Operator::kPrefix:
    case Operator::kEqual:
      return order == 0;
    case Operator::kNotEqual:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

bool VersionConstraint::Term::needs_more(const ServerVersion& version) const {
  const auto& told = version.parts;
  if (parts.size() <= told.size() || !std::equal(told.begin(), told.end(), parts.begin())) return false;
  // Nothing is below .0, so these two know.
  const bool asks_for_zero = op == Operator::kGreaterEqual || op == Operator::kLess;
  const auto rest = parts.begin() + static_cast<std::ptrdiff_t>(told.size());
  return !asks_for_zero || std::any_of(rest, parts.end(), [](int part) { return part != 0; });
}

bool VersionConstraint::matches(const ServerVersion& version) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) { return term.holds(version); });
}

bool VersionConstraint::is_decided_by(const ServerVersion& version) const {
  const auto open = [&](const Term& term) { return term.needs_more(version); };
  return std::none_of(terms_.begin(), terms_.end(), open) ||
         std::any_of(terms_.begin(), terms_.end(),
                     [&](const Term& term) { return !open(term) && !term.holds(version); });
}

}  // namespace tlswarden::resource
