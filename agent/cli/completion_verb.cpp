#include "cli/completion_verb.hpp"

#include <ostream>

#include "cli/choices.hpp"
#include "cli/completion_words.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/explain_verb.hpp"

namespace tlswarden::cli {

CLI::App* add_completion_verb(CLI::App& app, CompletionOptions& options) {
  CLI::App* verb = app.add_subcommand("completion", "Print a script that makes the shell complete commands");
  verb->add_option("shell", options.shell, "bash, zsh or fish")
      ->check(one_of({"bash", "zsh", "fish"}))
      ->type_name("");
  verb->footer(
      "Examples:\n"
      "  source <(tlswarden completion bash)\n"
      "  tlswarden completion zsh > \"${fpath[1]}/_tlswarden\"\n"
      "  tlswarden completion fish > ~/.config/fish/completions/tlswarden.fish");
  return verb;
}

int run_completion(const CompletionOptions& options, CLI::App& app, const Surroundings& surroundings) {
  if (options.shell.empty())
    return usage_error(surroundings.err, "completion", "name the shell: bash, zsh or fish");
  std::map<std::string, std::vector<std::string>> words{{"explain", explain_topics()}};
  for (const char* verb : {"get", "describe", "delete", "wait"})
    words[verb] = {"dbe"};
  const auto verbs = completed_verbs(app, words);
  if (options.shell == "bash") {
    surroundings.out << bash_completion(verbs);
  } else {
    surroundings.out << (options.shell == "zsh" ? zsh_completion(verbs) : fish_completion(verbs));
  }
  return kExitOk;
}

}  // namespace tlswarden::cli
