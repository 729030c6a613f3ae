#include "cli/completion_words.hpp"

#include <utility>

#include "cli/choices.hpp"

namespace tlswarden::cli {
namespace {

CompletedOption completed_option(CLI::Option& option) {
  const std::string type = option.get_type_name();
  return {.short_names = option.get_snames(),
          .long_names = option.get_lnames(),
          .description = option.get_description(),
          .takes_value = option.get_items_expected_max() > 0,
          .file = type.find("FILE") != std::string::npos || type.find("DIR") != std::string::npos,
          .choices = choices_of(option)};
}

CompletedVerb completed_verb(CLI::App& verb) {
  CompletedVerb completed{verb.get_name(), verb.get_description(), {}, {}};
  for (CLI::Option* option : verb.get_options()) {
    if (option->get_positional()) {
      completed.words = choices_of(*option);
    } else {
      completed.options.push_back(completed_option(*option));
    }
  }
  return completed;
}

}  // namespace

std::vector<CompletedVerb> completed_verbs(CLI::App& app,
                                           const std::map<std::string, std::vector<std::string>>& words) {
  std::vector<CompletedVerb> verbs;
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) {
    CompletedVerb completed = completed_verb(*verb);
    if (const auto known = words.find(completed.name); known != words.end()) completed.words = known->second;
    verbs.push_back(std::move(completed));
  }
  return verbs;
}

}  // namespace tlswarden::cli
