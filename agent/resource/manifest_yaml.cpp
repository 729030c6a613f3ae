#include "resource/manifest_yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/text.hpp"
#include "resource/manifest_text.hpp"
#include "resource/manifest_yaml_builder.hpp"

namespace tlswarden::resource {
namespace {

/// Each syntax error costs one more pass over the rest of the text, so a text made of errors is not followed
/// to its end.
constexpr std::size_t kMostSyntaxErrors = 20;

std::optional<YamlProblem> unreadable(std::string_view text, const ManifestLimits& limits) {
  if (text.size() > limits.bytes) {
    return YamlProblem{
        {},
        0,
        "the text is larger than " + std::to_string(limits.bytes) + " bytes; split it into smaller files"};
  }
  // yaml-cpp takes U+0004 for the end of the text and would drop what follows without a word.
  if (const int line = line_with_control_character(text)) {
    return YamlProblem{{}, line, "the line has a control character; a manifest is plain UTF-8 text"};
  }
  if (const int line = line_with_broken_utf8(text)) {
    return YamlProblem{{}, line, "the line is not UTF-8; save the file as UTF-8"};
  }
  return std::nullopt;
}

bool starts_document(std::string_view line) {
  return line.starts_with("---") &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

/// Removes from `text` everything before the first document marker below line `from` (0-based); the number of
/// lines removed, or nothing when no marker follows.
std::optional<int> skip_to_next_document(std::string_view& text, int from) {
  int line = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (line > from && starts_document(text.substr(at, end - at))) {
      text.remove_prefix(at);
      return line;
    }
    at = end + 1;
    ++line;
  }
  return std::nullopt;
}

/// Reads documents until the end or the first syntax error, which it returns.
std::optional<YAML::Exception> read_part(std::string_view text, YamlBuilder& builder) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    return error;
  }
  return std::nullopt;
}

void read_all(std::string_view text, YamlBuilder& builder, std::vector<YamlProblem>& errors) {
  int first_line = 0;
  for (;;) {
    builder.start_part(first_line);
    const auto error = read_part(text, builder);
    if (!error) return;
    const int line = std::max(error->mark.line, 0);
    errors.push_back(
        {{}, first_line + line + 1, "this is no valid YAML: " + base::printable(error->msg, 200)});
    if (errors.size() == kMostSyntaxErrors) {
      errors.push_back(
          {{}, first_line + line + 1, "too many syntax errors; the rest of the text was not read"});
      return;
    }
    const auto skipped = skip_to_next_document(text, line);
    if (!skipped) return;
    first_line += *skipped;
  }
}

}  // namespace

YamlText read_yaml(std::string_view text, const ManifestLimits& limits) {
  YamlText result;
  if (auto problem = unreadable(text, limits)) {
    result.errors.push_back(std::move(*problem));
    result.refused = true;
    return result;
  }
  try {
    YamlBuilder builder(limits, result.documents);
    read_all(text, builder, result.errors);
  } catch (const YamlRefused& refusal) {
    result.documents.clear();
    result.errors.assign(1, {{}, refusal.line, refusal.message});
    result.refused = true;
  }
  return result;
}

int line_of(const nlohmann::ordered_json& value, const Marks& marks, const FieldPath& path) {
  const nlohmann::ordered_json* part = &value;
  const Marks* mark = &marks;
  for (const FieldPath::Step& step : path.steps()) {
    std::size_t index = 0;
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!part->is_object()) break;
      const auto found = part->find(*name);
      if (found == part->end()) break;
      index = static_cast<std::size_t>(std::distance(part->begin(), found));
      part = &*found;
    } else {
      index = std::get<std::size_t>(step);
      if (!part->is_array() || index >= part->size()) break;
      part = &(*part)[index];
    }
    if (index >= mark->children.size()) break;
    mark = &mark->children[index];
  }
  return mark->line;
}

}  // namespace tlswarden::resource
