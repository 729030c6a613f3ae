#include "base/text.hpp"
#include "cli/completion_words.hpp"

namespace tlswarden::cli {
namespace {

/// Every spelling of an option, with its dashes.
std::vector<std::string> spellings(const CompletedOption& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.short_names)
    all.push_back("-" + name);
  for (const std::string& name : option.long_names)
    all.push_back("--" + name);
  return all;
}

/// `"apply -f"|"apply --filename") …;;`: what may follow an option with a value.
std::string value_branch(const CompletedVerb& verb, const CompletedOption& option) {
  std::vector<std::string> patterns;
  for (const std::string& spelling : spellings(option))
    patterns.push_back("\"" + verb.name + " " + spelling + "\"");
  const std::string head = "    " + base::join(patterns, "|") + ") ";
  if (option.file) return head + "_tlswarden_files; return ;;\n";
  if (option.choices.empty()) return head + "return ;;\n";
  return head + "words='" + base::join(option.choices, " ") + "' ;;\n";
}

std::string verb_branch(const CompletedVerb& verb) {
  std::vector<std::string> options;
  for (const CompletedOption& option : verb.options) {
    const auto all = spellings(option);
    options.insert(options.end(), all.begin(), all.end());
  }
  return "        " + verb.name + ") words='" + base::join(verb.words, " ") + "' options='" +
         base::join(options, " ") + "' ;;\n";
}

constexpr const char* kHead = R"(# Completion of tlswarden for bash: source <(tlswarden completion bash)
_tlswarden_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$current"))
}
_tlswarden() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb= words= options= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} != -* ]]; then verb=${COMP_WORDS[i]}; break; fi
  done
  # --option=value comes as three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  case "$verb $previous" in
)";

constexpr const char* kTail = R"(      esac ;;
  esac
  if [[ $current == -* || -z $words ]]; then words="$words $options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _tlswarden tlswarden
)";

}  // namespace

std::string bash_completion(const std::vector<CompletedVerb>& verbs) {
  std::string script = kHead;
  std::vector<std::string> names;
  for (const CompletedVerb& verb : verbs) {
    names.push_back(verb.name);
    for (const CompletedOption& option : verb.options) {
      if (option.takes_value) script += value_branch(verb, option);
    }
  }
  script += "    *)\n      case $verb in\n        '') words='" + base::join(names, " ") +
            "' options='--help --version' ;;\n";
  for (const CompletedVerb& verb : verbs)
    script += verb_branch(verb);
  return script + kTail;
}

}  // namespace tlswarden::cli
