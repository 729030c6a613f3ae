#include <string_view>

#include "base/text.hpp"
#include "cli/completion_words.hpp"

namespace tlswarden::cli {
namespace {

/// Within single quotes, with what _arguments and _describe would take for their own syntax escaped.
std::string in_quotes(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

/// What _arguments completes a value with.
std::string action(const CompletedOption& option) {
  if (!option.takes_value) return "";
  if (option.file) return ":file:_files";
  return ":value:" + (option.choices.empty() ? " " : "(" + base::join(option.choices, " ") + ")");
}

std::string specifications(const CompletedOption& option) {
  std::string text;
  const std::string behind = "[" + in_quotes(option.description) + "]" + action(option) + "'";
  const auto add = [&](const char* dashes, const std::string& name, const char* mark) {
    text.append(" \\\n        '*").append(dashes).append(name).append(mark).append(behind);
  };
  for (const std::string& name : option.short_names)
    add("-", name, "");
  for (const std::string& name : option.long_names)
    add("--", name, option.takes_value ? "=" : "");
  return text;
}

}  // namespace

std::string zsh_completion(const std::vector<CompletedVerb>& verbs) {
  std::string script =
      "#compdef tlswarden\n"
      "# Completion of tlswarden for zsh: source <(tlswarden completion zsh), or a file _tlswarden in "
      "$fpath.\n"
      "_tlswarden() {\n"
      "  local -a verbs\n"
      "  verbs=(\n";
  for (const CompletedVerb& verb : verbs)
    script += "    '" + verb.name + ":" + in_quotes(verb.description) + "'\n";
  script +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe verb verbs\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $words[1] in\n";
  for (const CompletedVerb& verb : verbs) {
    script += "    " + verb.name + ")\n      _arguments";
    for (const CompletedOption& option : verb.options)
      script += specifications(option);
    if (!verb.words.empty()) script += " \\\n        '*:word:(" + base::join(verb.words, " ") + ")'";
    script += " ;;\n";
  }
  return script +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _tlswarden ]]; then _tlswarden \"$@\"; else compdef _tlswarden tlswarden; "
         "fi\n";
}

}  // namespace tlswarden::cli
