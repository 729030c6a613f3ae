#include "cli/quoting.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tlswarden::cli {
namespace {

using Text = std::optional<std::string>;

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kHex = "0123456789abcdef";

bool only_of(std::string_view value, std::string_view further) {
  return value.find_first_not_of(std::string(kLetters).append(further)) == std::string_view::npos;
}

bool control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool has_control(std::string_view value) {
  return std::any_of(value.begin(), value.end(), control);
}

/// `value` with `before` in front of each character of `special`.
std::string escaped(std::string_view value, std::string_view special, std::string_view before = "\\") {
  std::string text;
  for (const char c : value) {
    if (special.find(c) != std::string_view::npos) text.append(before);
    text.push_back(c);
  }
  return text;
}

std::string doubled(std::string_view value, char c) {
  return escaped(value, std::string_view(&c, 1), std::string_view(&c, 1));
}

Text shell(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  if (!value.empty() && only_of(value, "_@%+=:,./-") && value.front() != '=') return std::string(value);
  std::string text = "'";
  for (const char c : value)
    text.append(c == '\'' ? std::string("'\\''") : std::string(1, c));
  return text + "'";
}

std::string with_escapes(std::string_view value, std::string_view special) {
  std::string text;
  for (const char c : value) {
    if (control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      text.append("\\u00").append({kHex[byte >> 4U], kHex[byte & 0xfU]});
    } else {
      text.append(escaped(std::string_view(&c, 1), special));
    }
  }
  return text;
}

Text double_quotes(std::string_view value) {
  return with_escapes(value, "\\\"");
}
Text ruby(std::string_view value) {
  return with_escapes(value, "\\\"#");
}
Text single_quotes(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  return escaped(value, "\\'");
}

Text xml(std::string_view value) {
  if (has_control(value)) return std::nullopt;
  std::string text;
  for (const char c : value) {
    switch (c) {
      case '&':
        text.append("&amp;");
        break;
      case '<':
        text.append("&lt;");
        break;
      case '>':
        text.append("&gt;");
        break;
      case '"':
        text.append("&quot;");
        break;
      default:
        text.push_back(c);
    }
  }
  return text;
}

/// A leading blank would be skipped.
Text properties(std::string_view value) {
  return (value.starts_with(' ') ? "\\" : "") + with_escapes(value, "\\");
}

/// Blanks at the ends would be cut, and '#' and ';' may begin a comment.
Text line(std::string_view value) {
  if (has_control(value) || value.starts_with(' ') || value.ends_with(' ')) return std::nullopt;
  if (value.find_first_of("#;\"'") != std::string_view::npos) return std::nullopt;
  return std::string(value);
}

Text tns(std::string_view value) {
  if (only_of(value, "_.:/-")) return std::string(value);
  if (has_control(value) || value.find('"') != std::string_view::npos) return std::nullopt;
  return "\"" + std::string(value) + "\"";
}

Text conninfo(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  if (!value.empty() && only_of(value, "_@%+:,./-")) return std::string(value);
  return "'" + escaped(value, "\\'") + "'";
}

Text dsn(std::string_view value) {
  if (has_control(value) || value.find_first_of(";'=\\") != std::string_view::npos) return std::nullopt;
  return std::string(value);
}

std::string percent(std::string_view value, std::string_view kept) {
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  std::string text;
  for (const char c : value) {
    if (only_of(std::string_view(&c, 1), kept)) {
      text.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text.append({'%', kUpper[byte >> 4U], kUpper[byte & 0xfU]});
    }
  }
  return text;
}

Text uri(std::string_view value) {
  return percent(value, "-._~");
}
Text uri_path(std::string_view value) {
  return percent(value, "-._~/");
}

Text authority(std::string_view value) {
  if (value.find(':') == std::string_view::npos) return percent(value, "-._~");
  if (!only_of(value, ":.")) return std::nullopt;
  return "[" + std::string(value) + "]";
}

bool plain_word(std::string_view value) {
  return !value.empty() && only_of(value, "_@%+:,./~-");
}

Text adonet(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  return plain_word(value) ? std::string(value) : "\"" + doubled(value, '"') + "\"";
}

Text in_braces(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  return plain_word(value) ? std::string(value) : "{" + doubled(value, '}') + "}";
}

Text none(std::string_view value) {
  return std::string(value);
}

using Rule = Text (*)(std::string_view);
constexpr std::array<std::pair<std::string_view, Rule>, 17> kRules{{{"none", none},
                                                                    {"shell", shell},
                                                                    {"double", double_quotes},
                                                                    {"ruby", ruby},
                                                                    {"single", single_quotes},
                                                                    {"xml", xml},
                                                                    {"properties", properties},
                                                                    {"line", line},
                                                                    {"tns", tns},
                                                                    {"conninfo", conninfo},
                                                                    {"dsn", dsn},
                                                                    {"uri", uri},
                                                                    {"uripath", uri_path},
                                                                    {"authority", authority},
                                                                    {"adonet", adonet},
                                                                    {"odbc", in_braces},
                                                                    {"jdbcsql", in_braces}}};

Rule find_rule(std::string_view name) {
  for (const auto& [known, rule] : kRules) {
    if (known == name) return rule;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> quoted(std::string_view rule, std::string_view value) {
  const Rule known = find_rule(rule);
  return known == nullptr ? std::nullopt : known(value);
}

bool is_quoting(std::string_view rule) {
  return find_rule(rule) != nullptr;
}

}  // namespace tlswarden::cli
