#include "cli/resource_arguments.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kShown = 80;  ///< of a word that is wrong

std::string shown(std::string_view word) {
  return "\"" + base::printable(word, kShown) + "\"";
}

/// kubectl takes the plural, the singular, the kind and the short name in any case, with the group or the
/// version and the group behind it.
bool names_the_resource(std::string_view word) {
  constexpr std::array<std::string_view, 3> kNames{"databaseendpoints", "databaseendpoint", "dbe"};
  const std::string lower = base::lower_ascii(word);
  const std::size_t dot = lower.find('.');
  const std::string behind = dot == std::string::npos ? std::string() : lower.substr(dot + 1);
  return std::find(kNames.begin(), kNames.end(), lower.substr(0, dot)) != kNames.end() &&
         (behind.empty() ? dot == std::string::npos
                         : behind == "tlswarden.dev" || behind == "v1alpha1.tlswarden.dev");
}

/// What the API server says of such names is no help: it looks for another path.
base::Result<std::string> object_name(std::string_view word) {
  if (word.empty()) return base::fail("a name is empty; leave it out, or quote what it is made from");
  if (word == "." || word == ".." || word.find_first_of("/%") != std::string_view::npos)
    return base::fail("no object can be called " + shown(word) + "; a name holds neither '/' nor '%'");
  return std::string(word);
}

base::Result<std::string> name_behind(std::string_view word) {
  const std::size_t slash = word.find('/');
  const std::string_view resource = word.substr(0, slash);
  if (!names_the_resource(resource)) {
    return base::fail("tlswarden has no resource type " + shown(resource) +
                      ", only dbe (databaseendpoints); use kubectl for others");
  }
  return object_name(word.substr(slash + 1));
}

bool has_slash(const std::string& word) {
  return word.find('/') != std::string::npos;
}

base::Result<std::vector<std::string>> names_of(const std::vector<std::string>& words) {
  const bool pairs = std::any_of(words.begin(), words.end(), has_slash);
  if (pairs && !std::all_of(words.begin(), words.end(), has_slash)) {
    return base::fail(names_the_resource(words.front())
                          ? "leave the resource type out where a word is of the form dbe/NAME"
                          : "write all of the words as dbe/NAME, or none of them");
  }
  const std::size_t first = !words.empty() && !pairs && names_the_resource(words.front()) ? 1 : 0;
  std::vector<std::string> names;
  for (std::size_t i = first; i < words.size(); ++i) {
    auto name = pairs ? name_behind(words[i]) : object_name(words[i]);
    if (!name) return base::fail(name.error().message);
    names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace

void add_namespace_flag(CLI::App& verb, std::string& ns) {
  verb.add_option("-n,--namespace", ns, "The namespace, instead of the context's")
      ->take_last()  // as kubectl does, for aliases that hold one
      ->type_name("NAME");
}

void add_resource_arguments(CLI::App& verb, ResourceArguments& arguments) {
  verb.add_option("resource", arguments.words, "dbe, dbe NAME..., dbe/NAME... or only NAME...")
      ->type_name("");
  add_namespace_flag(verb, arguments.ns);
  verb.add_flag("-A,--all-namespaces", arguments.all_namespaces, "In all namespaces");
  verb.add_option("-l,--selector", arguments.selector,
                  "Only those with these labels: team=payments,tier!=test")
      ->take_last()
      ->type_name("LABELS");
}

void add_field_selector(CLI::App& verb, ResourceArguments& arguments) {
  verb.add_option("--field-selector", arguments.field_selector,
                  "Only those with these fields: metadata.name!=orders")
      ->take_last()
      ->type_name("FIELDS");
}

base::Result<ResourceChoice> choose_resources(const ResourceArguments& arguments,
                                              const std::string& default_namespace) {
  auto names = names_of(arguments.words);
  if (!names) return base::fail(names.error().message);
  if (!names->empty() && !(arguments.selector.empty() && arguments.field_selector.empty()))
    return base::fail("name cannot be provided when a selector is specified");
  if (!names->empty() && arguments.all_namespaces)
    return base::fail(
        "a resource cannot be retrieved by name across all namespaces; name its namespace with -n");
  ResourceChoice choice{{}, std::move(*names), arguments.selector, arguments.field_selector};
  if (!arguments.all_namespaces) choice.ns = arguments.ns.empty() ? default_namespace : arguments.ns;
  return choice;
}

std::string nothing_found(const ResourceChoice& choice) {
  return "No resources found" + (choice.ns.empty() ? "" : " in " + choice.ns + " namespace.");
}

}  // namespace tlswarden::cli
