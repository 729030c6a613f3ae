#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/agent_verb.hpp"
#include "cli/apply_verb.hpp"
#include "cli/check_verb.hpp"
#include "cli/completion_verb.hpp"
#include "cli/delete_verb.hpp"
#include "cli/describe_verb.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/explain_verb.hpp"
#include "cli/get_verb.hpp"
#include "cli/validate_verb.hpp"
#include "cli/version_verb.hpp"
#include "cli/wait_verb.hpp"

namespace tlswarden::cli {
namespace {

/// Every verb with its options.
struct Verbs {
  explicit Verbs(CLI::App& app)
      : app_(app),
        check(add_check_verb(app, check_options)),
        validate(add_validate_verb(app, validate_options)),
        explain(add_explain_verb(app, explain_options)),
        agent(add_agent_verb(app, agent_options)),
        apply(add_apply_verb(app, apply_options)),
        remove(add_delete_verb(app, delete_options)),
        get(add_get_verb(app, get_options)),
        describe(add_describe_verb(app, describe_options)),
        wait(add_wait_verb(app, wait_options)),
        completion(add_completion_verb(app, completion_options)),
        version(add_version_verb(app, version_options)) {}

  int run(const Surroundings& surroundings) const {
    if (check->parsed()) return run_check(check_options, surroundings);
    if (validate->parsed()) return run_validate(validate_options, surroundings);
    if (explain->parsed()) return run_explain(explain_options, surroundings);
    if (agent->parsed()) return run_agent(*agent, agent_options, surroundings.drivers);
    if (apply->parsed()) return run_apply(apply_options, surroundings);
    if (remove->parsed()) return run_delete(delete_options, surroundings);
    if (get->parsed()) return run_get(get_options, surroundings);
    if (describe->parsed()) return run_describe(describe_options, surroundings);
    if (wait->parsed()) return run_wait(wait_options, surroundings);
    if (completion->parsed()) return run_completion(completion_options, app_, surroundings);
    return run_version(version_options, surroundings);
  }

  CLI::App& app_;
  CheckOptions check_options;
  ValidateOptions validate_options;
  ExplainOptions explain_options;
  AgentOptions agent_options;
  ApplyOptions apply_options;
  DeleteOptions delete_options;
  GetOptions get_options;
  DescribeOptions describe_options;
  WaitOptions wait_options;
  CompletionOptions completion_options;
  VersionOptions version_options;
  CLI::App *check, *validate, *explain, *agent, *apply, *remove, *get, *describe, *wait, *completion,
      *version;
};

const CLI::App& verb_in_use(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : *parsed.front();
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
    for (const std::string& name : option->get_snames())
      names.push_back("-" + name);
  }
  return names;
}

std::string suggestion(std::string_view given, const std::vector<std::string>& names) {
  const auto near = base::nearest(given.substr(0, given.find('=')), names);
  return near ? "; did you mean " + *near + "?" : "";
}

int unknown_word(const CLI::App& app, const std::vector<std::string>& extras, std::ostream& err) {
  const CLI::App& verb = verb_in_use(app);
  const std::string word = extras.empty() ? "" : extras.front();
  const std::string shown = "'" + base::printable(word, 80) + "'";
  const bool top = &verb == &app;
  if (word.starts_with('-')) {
    return usage_error(err, top ? "" : verb.get_name(),
                       "there is no option " + shown + suggestion(word, flag_names(verb)));
  }
  if (top) return usage_error(err, "", "there is no verb " + shown + suggestion(word, verb_names(app)));
  return usage_error(err, verb.get_name(), shown + " is not expected here");
}

int answer(const CLI::App& app, const CLI::ParseError& error, const Surroundings& surroundings) {
  const CLI::App& verb = verb_in_use(app);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    surroundings.out << (&verb == &app ? app.help() : verb.help(app.get_name()));
    return kExitOk;
  }
  const std::vector<std::string> extras = app.remaining(true);
  if (!extras.empty()) return unknown_word(app, extras, surroundings.err);
  if (&verb == &app) {
    surroundings.err << app.help();
    return kExitUnknown;
  }
  return usage_error(surroundings.err, verb.get_name(), error.what());
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  CLI::App app("Watches the TLS of databases: says what is wrong, what to do about it and by when.",
               "tlswarden");
  app.require_subcommand(1);
  const Verbs verbs(app);
  // After the verbs, which would inherit it.
  app.footer(
      "Examples:\n"
      "  tlswarden check postgresql://db.example?mode=verify-full\n"
      "  tlswarden check -f manifests/ --at +30d\n"
      "  tlswarden validate -f manifests/\n"
      "  tlswarden explain CertificateExpired\n"
      "  tlswarden agent --manifests manifests/\n"
      "  tlswarden apply -f manifests/ -n payments\n"
      "  tlswarden get dbe -A\n"
      "  tlswarden wait dbe/orders --for=condition=Ready");
  // CLI11 takes the last argument first.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  if (!arguments.empty() && arguments.front() == "help") {
    reversed.pop_back();
    reversed.insert(reversed.begin(), "--help");
  }
  if (!arguments.empty() && arguments.front() == "--version") reversed = {"version"};
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return answer(app, error, surroundings);
  }
  return verbs.run(surroundings);
}

}  // namespace tlswarden::cli
