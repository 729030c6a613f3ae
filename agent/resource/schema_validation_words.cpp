#include "resource/schema_validation_words.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

#include "base/suggest.hpp"
#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

/// Paths, keys and names are shown; longer text is more likely content that the reader does not want
/// repeated.
constexpr std::size_t kShown = 60;
/// The regular expressions of libstdc++ recurse per character; what is longer than this is not tried.
constexpr std::size_t kLongestMatched = 4096;

std::vector<std::string> strings_of(const Json& schema, const char* keyword) {
  std::vector<std::string> words;
  if (const auto list = schema.find(keyword); list != schema.end()) {
    for (const Json& word : *list)
      words.push_back(word.get<std::string>());
  }
  return words;
}

/// The alternatives of a `oneOf` that asks for exactly one of several members.
std::vector<std::string> alternatives(const Json& schema) {
  std::vector<std::string> names;
  if (const auto list = schema.find("oneOf"); list != schema.end()) {
    for (const Json& one : *list) {
      for (std::string& name : strings_of(one, "required"))
        names.push_back(std::move(name));
    }
  }
  return names;
}

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<std::int64_t> number_of(const Json& schema, const char* keyword) {
  const auto found = schema.find(keyword);
  if (found == schema.end()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::string type_name(const Json& value) {
  if (value.is_object()) return "a mapping";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "text";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number_integer()) return "a number";
  return value.is_number() ? "a number with a fraction" : "empty";
}

bool has_type(const std::string& type, const Json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  return type != "integer" || value.is_number_integer();
}

std::string wrong_type(const std::string& type, const Json& schema, const Json& value) {
  if (value.is_null()) return "the field has no value; remove it or give it one, " + accepted(schema);
  if (type == "string" && (value.is_number() || value.is_boolean())) {
    return "this is read as " + type_name(value) + "; put it in quotes, " + accepted(schema);
  }
  if ((type == "integer" || type == "boolean") && value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const bool quoted = type == "boolean" ? text == "true" || text == "false"
                                          : text.find_first_not_of("0123456789") == std::string::npos;
    if (quoted && !text.empty()) return "this is text; write it without quotes, " + accepted(schema);
    return "'" + base::printable(text, kShown) + "' is text; " + accepted(schema);
  }
  return "this is " + type_name(value) + "; " + accepted(schema);
}

std::string wrong_choice(const std::vector<std::string>& choices, const Json& schema, const Json& value) {
  if (!value.is_string()) return "this is not one of the choices; " + accepted(schema);
  const std::string& given = value.get_ref<const std::string&>();
  std::string message = "'" + base::printable(given, kShown) + "' is not one of the choices; ";
  // Any two words of three letters are near each other.
  const auto meant = given.size() > 3 ? base::nearest(given, choices) : std::nullopt;
  if (meant) message += "did you mean " + *meant + "? ";
  return message + accepted(schema);
}

/// A name of a variable that breaks the rules may be the secret itself, put there by mistake.
bool may_be_shown(const FieldPath& path) {
  const auto* name = path.steps().empty() ? nullptr : std::get_if<std::string>(&path.steps().back());
  return name == nullptr || (*name != "env" && *name != "value" && *name != "inline");
}

std::optional<std::string> wrong_text(const Json& schema, const std::string& text, const FieldPath& path) {
  if (text.empty() && number_of(schema, "minLength").value_or(0) > 0)
    return "the text is empty; " + accepted(schema);
  const std::size_t length = code_points(text);
  if (const auto most = number_of(schema, "maxLength"); most && length > static_cast<std::size_t>(*most)) {
    return "the text has " + std::to_string(length) + " characters, at most " + std::to_string(*most) +
           " are allowed; " + accepted(schema);
  }
  const bool long_enough = length >= static_cast<std::size_t>(number_of(schema, "minLength").value_or(0));
  const auto pattern = schema.find("pattern");
  const bool matches = pattern == schema.end() || text.size() > kLongestMatched ||
                       std::regex_search(text, std::regex(pattern->get<std::string>()));
  if (long_enough && matches) return std::nullopt;
  const std::string shown = may_be_shown(path) ? "'" + base::printable(text, kShown) + "'" : "the text";
  return shown + " is not accepted; " + accepted(schema);
}

std::optional<std::string> wrong_number(const Json& schema, const Json& value) {
  const auto number = value.get<std::int64_t>();
  const auto least = number_of(schema, "minimum");
  const auto most = number_of(schema, "maximum");
  if ((!least || number >= *least) && (!most || number <= *most)) return std::nullopt;
  return std::to_string(number) + " is out of range; " + accepted(schema);
}

std::optional<std::string> wrong_list(const Json& schema, const Json& list) {
  const auto least = number_of(schema, "minItems");
  const auto most = number_of(schema, "maxItems");
  if (least && list.size() < static_cast<std::size_t>(*least)) {
    return "the list is empty; remove the field or name at least one";
  }
  if (most && list.size() > static_cast<std::size_t>(*most)) {
    return "the list has " + std::to_string(list.size()) + " items; accepted: at most " +
           std::to_string(*most);
  }
  return std::nullopt;
}

std::vector<Violation> wrong_members(const Json& schema, const Json& value, const FieldPath& path) {
  std::vector<Violation> found;
  for (const std::string& name : strings_of(schema, "required")) {
    if (value.contains(name)) continue;
    const auto& field = schema.at("properties").at(name);
    found.push_back({path.key(name), "the field is missing; " + accepted(field)});
  }
  const std::vector<std::string> names = alternatives(schema);
  if (names.empty()) return found;
  std::vector<std::string> given;
  for (const std::string& name : names) {
    if (value.contains(name)) given.push_back(name);
  }
  if (given.empty()) found.push_back({path, "nothing says where to find it; " + accepted(schema)});
  if (given.size() > 1) {
    found.push_back({path, base::join(given, " and ") + " exclude each other; " + accepted(schema)});
  }
  return found;
}

}  // namespace

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string accepted(const Json& schema) {
  if (const auto choices = strings_of(schema, "enum"); !choices.empty())
    return "accepted: " + listed(choices);
  if (const auto names = alternatives(schema); !names.empty()) {
    return "accepted: a mapping with exactly one of " + listed(names);
  }
  // Where a constraint needs words, the schema's description ends with them, for kubectl explain shows them
  // as well.
  constexpr std::string_view kWords = "Accepted: ";
  const auto description = schema.value("description", std::string());
  if (const std::size_t at = description.rfind(kWords); at != std::string::npos) {
    std::string words = description.substr(at + kWords.size());
    if (words.ends_with('.')) words.pop_back();
    return "accepted: " + words;
  }
  const auto type = schema.value("type", std::string());
  if (type == "boolean") return "accepted: true or false";
  if (type == "array") return "accepted: a list";
  if (type == "integer") {
    return "accepted: a whole number from " + std::to_string(number_of(schema, "minimum").value_or(0)) +
           " to " + std::to_string(number_of(schema, "maximum").value_or(0));
  }
  if (type != "object") return "accepted: text";
  std::vector<std::string> names;
  for (const auto& [name, field] : schema.at("properties").items())
    names.push_back(name);
  return "accepted: a mapping with " + base::join(names, ", ");
}

std::vector<Violation> describe_violations(const Json& schema, const Json& value, const FieldPath& path) {
  const auto type = schema.value("type", std::string());
  if (!has_type(type, value)) return {{path, wrong_type(type, schema, value)}};
  if (const auto choices = strings_of(schema, "enum"); !choices.empty()) {
    const auto& word = value.get_ref<const std::string&>();
    if (std::find(choices.begin(), choices.end(), word) != choices.end()) return {};
    return {{path, wrong_choice(choices, schema, value)}};
  }
  if (type == "object") return wrong_members(schema, value, path);
  std::optional<std::string> message;
  if (type == "string") message = wrong_text(schema, value.get_ref<const std::string&>(), path);
  if (type == "integer") message = wrong_number(schema, value);
  if (type == "array") message = wrong_list(schema, value);
  if (!message) return {};
  return {{path, *message}};
}

}  // namespace tlswarden::resource
