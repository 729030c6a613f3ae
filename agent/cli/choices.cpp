#include "cli/choices.hpp"

#include <algorithm>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"

namespace tlswarden::cli {

CLI::Validator one_of(std::vector<std::string> choices) {
  const auto check = [known = std::move(choices)](const std::string& given) -> std::string {
    if (std::find(known.begin(), known.end(), given) != known.end()) return {};
    const auto near = base::nearest(given, known);
    return "'" + base::printable(given, 60) + "' is none of " + base::join(known, ", ") +
           (near ? "; did you mean " + *near + "?" : "");
  };
  return {check, ""};
}

CLI::Validator between(int least, int most) {
  return CLI::Range(least, most).description("");
}

}  // namespace tlswarden::cli
