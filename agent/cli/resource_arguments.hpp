#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

/// Which DatabaseEndpoints of a cluster a verb is about, said as to kubectl.
namespace tlswarden::cli {

/// How kubectl names the kind where it tells what became of one: `databaseendpoint.tlswarden.dev/orders`.
inline constexpr const char* kResourceKind = "databaseendpoint.tlswarden.dev";

/// As given.
struct ResourceArguments {
  std::vector<std::string> words;  ///< `dbe NAME…`, `dbe/NAME…` or `NAME…`
  std::string ns;                  ///< empty: that of the kubeconfig's context
  bool all_namespaces = false;
  std::string selector;
  std::string field_selector = {};  ///< only of verbs that take it
};

/// Adds the words, --namespace, --all-namespaces and --selector to `verb`; `arguments` must outlive the
/// parsing.
void add_resource_arguments(CLI::App& verb, ResourceArguments& arguments);
/// Adds --field-selector.
void add_field_selector(CLI::App& verb, ResourceArguments& arguments);
/// Adds --namespace alone, for a verb that reads which objects it is about from files as well.
void add_namespace_flag(CLI::App& verb, std::string& ns);

/// What they mean.
struct ResourceChoice {
  std::string ns;                   ///< empty: all namespaces; never so with names
  std::vector<std::string> names;   ///< in the order given; empty: all that `selector` matches
  std::string selector;             ///< empty: any; never with names
  std::string field_selector = {};  ///< likewise
  /// Whether not all of a namespace are meant.
  bool selective() const { return !selector.empty() || !field_selector.empty(); }
};

/// The first word may be the resource in any of kubectl's spellings, or be left out, for there is only one:
/// so a name that is such a spelling needs the resource before it. Error: a sentence for the command line,
/// for another resource, for words that contradict each other or for a name that no object can have.
base::Result<ResourceChoice> choose_resources(const ResourceArguments& arguments,
                                              const std::string& default_namespace);

/// What kubectl says where nothing matches: `No resources found in shop namespace.`
std::string nothing_found(const ResourceChoice& choice);

}  // namespace tlswarden::cli
