#include "cli/choices.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

/// A validator has a name, which is never shown: choices_of() finds them there.
constexpr std::string_view kName = "one of ";

}  // namespace

CLI::Validator one_of(std::vector<std::string> choices) {
  const std::string name = std::string(kName) + base::join(choices, " ");
  const auto check = [known = std::move(choices)](const std::string& given) -> std::string {
    if (std::find(known.begin(), known.end(), given) != known.end()) return {};
    const auto near = base::nearest(given, known);
    return "'" + base::printable(given, 60) + "' is none of " + base::join(known, ", ") +
           (near ? "; did you mean " + *near + "?" : "");
  };
  return {check, "", name};
}

std::vector<std::string> choices_of(CLI::Option& option) {
  std::vector<std::string> choices;
  try {
    const std::string& name = option.get_validator(0)->get_name();
    if (!name.starts_with(kName)) return choices;
    for (const std::string_view choice : base::split(std::string_view(name).substr(kName.size()), ' '))
      choices.emplace_back(choice);
  } catch (const CLI::OptionNotFound&) {
    // It has no validator at all.
    return choices;
  }
  return choices;
}

CLI::Validator between(int least, int most) {
  return CLI::Range(least, most).description("");
}

}  // namespace tlswarden::cli
