#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

/// What can stand on the command line, as a shell's completion needs it.
namespace tlswarden::cli {

struct CompletedOption {
  std::vector<std::string> short_names, long_names;  ///< without dashes
  std::string description;
  bool takes_value = false;
  bool file = false;                 ///< the value is a path
  std::vector<std::string> choices;  ///< of the value; empty: it can be anything
};

struct CompletedVerb {
  std::string name, description;
  std::vector<CompletedOption> options;
  std::vector<std::string> words;  ///< that can stand behind it without an option
};

/// Every verb of `app`. `words` holds those of a verb whose arguments do not tell them themselves.
std::vector<CompletedVerb> completed_verbs(CLI::App& app,
                                           const std::map<std::string, std::vector<std::string>>& words);

/// The scripts, for the program `tlswarden`.
std::string bash_completion(const std::vector<CompletedVerb>& verbs);
std::string zsh_completion(const std::vector<CompletedVerb>& verbs);
std::string fish_completion(const std::vector<CompletedVerb>& verbs);

}  // namespace tlswarden::cli
