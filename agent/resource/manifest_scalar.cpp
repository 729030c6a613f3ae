#include "resource/manifest_scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

std::optional<Json> as_integer(std::string_view text) {
  int radix = 10;
  std::string_view digits = text;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    radix = text[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
    if (digits.empty() || digits[0] == '-') return std::nullopt;
  } else {
    if (!all_digits(without_sign(text))) return std::nullopt;
    if (text[0] == '+') digits.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, radix);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Json(value);
}

/// [-+]? ( "." [0-9]+ | [0-9]+ ( "." [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view text) {
  text = without_sign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    if (!all_digits(without_sign(text.substr(exponent + 1)))) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return all_digits(text);
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(point + 1);
  if (whole.empty()) return all_digits(fraction);
  return all_digits(whole) && (fraction.empty() || all_digits(fraction));
}

std::optional<Json> as_float(std::string_view text) {
  if (!looks_like_float(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return Json(value);
}

Json resolve_plain(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (auto integer = as_integer(text)) return *integer;
  if (auto number = as_float(text)) return *number;
  return text;
}

}  // namespace

base::Result<Json> resolve_scalar(const std::string& tag, const std::string& text) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (tag.empty() || tag == "?") return resolve_plain(text);
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return Json(text);
  if (!std::string_view(tag).starts_with(kCore)) {
    return base::fail("the tag '" + base::printable(tag, 60) + "' is not read; leave it out");
  }
  const std::string_view kind = std::string_view(tag).substr(kCore.size());
  Json value = resolve_plain(text);
  const bool fits = (kind == "int" && value.is_number_integer()) || (kind == "float" && value.is_number()) ||
                    (kind == "bool" && value.is_boolean()) || (kind == "null" && value.is_null());
  if (!fits)
    return base::fail("the tag '" + base::printable(tag, 60) + "' does not fit the value; leave it out");
  return value;
}

}  // namespace tlswarden::resource
