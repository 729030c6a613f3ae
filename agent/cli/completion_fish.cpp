#include <string_view>

#include "base/text.hpp"
#include "cli/completion_words.hpp"

namespace tlswarden::cli {
namespace {

/// In single quotes, where fish knows \\ and \' alone.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') result.push_back('\\');
    result.push_back(c);
  }
  return result + "'";
}

std::string option_line(const std::string& start, const CompletedOption& option) {
  std::string line = start;
  for (const std::string& name : option.short_names)
    line += " -s " + name;
  for (const std::string& name : option.long_names)
    line += " -l " + name;
  if (option.takes_value) line += option.file ? " -r -F" : " -x";
  if (!option.choices.empty()) line += " -a " + in_quotes(base::join(option.choices, " "));
  return line + " -d " + in_quotes(option.description) + "\n";
}

}  // namespace

std::string fish_completion(const std::vector<CompletedVerb>& verbs) {
  std::string script =
      "# Completion of tlswarden for fish: tlswarden completion fish | source\n"
      "complete -c tlswarden -f\n";
  for (const CompletedVerb& verb : verbs) {
    script += "complete -c tlswarden -n __fish_use_subcommand -a " + verb.name + " -d " +
              in_quotes(verb.description) + "\n";
    const std::string start = "complete -c tlswarden -n '__fish_seen_subcommand_from " + verb.name + "'";
    for (const CompletedOption& option : verb.options)
      script += option_line(start, option);
    if (!verb.words.empty()) script += start + " -a " + in_quotes(base::join(verb.words, " ")) + "\n";
  }
  return script;
}

}  // namespace tlswarden::cli
