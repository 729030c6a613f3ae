#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/manifest.hpp"
#include "resource/manifest_references.hpp"

namespace tlswarden::resource {
namespace {

using Keys = std::vector<std::string>;

std::string place(const std::string& file, int line) {
  return file + ":" + std::to_string(line);
}

/// Takes over documents one by one; a name that is there already becomes an error at the later place.
class Names {
 public:
  explicit Names(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  bool claim(const std::string& kind, const std::string& ns, const std::string& name, const std::string& file,
             int line) {
    const auto [first, added] = places_.emplace(kind + " " + ns + "/" + name, place(file, line));
    if (added) return true;
    diagnostics_.push_back(
        {Diagnostic::Severity::kError, file, line, "metadata.name",
         first->first + " is declared at " + first->second + " already; rename or remove one"});
    return false;
  }

 private:
  std::vector<Diagnostic>& diagnostics_;
  std::map<std::string, std::string> places_;
};

void append(Manifest& whole, Manifest&& part, Names& names, const ManifestUse& use) {
  for (DeclaredDocument& document : part.declared) {
    // Else it is claimed as the resource that it became.
    if (use.keep != ManifestUse::Keep::kNames ||
        names.claim(document.kind, document.ns, document.name, document.file, document.line))
      whole.declared.push_back(std::move(document));
  }
  for (Manifest::Located& located : part.endpoints) {
    const Metadata& metadata = located.endpoint.metadata;
    if (names.claim(kKind, metadata.ns, metadata.name, located.file, located.line)) {
      whole.endpoints.push_back(std::move(located));
    }
  }
  for (SecretDocument& secret : part.secrets) {
    if (names.claim("Secret", secret.ns, secret.name, secret.file, secret.line)) {
      whole.secrets.push_back(std::move(secret));
    }
  }
  for (ConfigMapDocument& map : part.config_maps) {
    if (names.claim("ConfigMap", map.ns, map.name, map.file, map.line))
      whole.config_maps.push_back(std::move(map));
  }
  whole.refused.merge(part.refused);
}

template <class Document>
void collect(const std::vector<Document>& documents, const std::string& kind,
             std::map<std::string, Keys>& known) {
  for (const Document& document : documents) {
    Keys keys;
    for (const auto& [key, value] : document.data)
      keys.push_back(key);
    known.emplace(kind + " " + document.ns + "/" + document.name, std::move(keys));
  }
}

std::string no_such_document(const std::string& wanted, const std::map<std::string, Keys>& known) {
  const std::string scope = wanted.substr(0, wanted.find('/') + 1);
  Keys names;
  for (const auto& [document, keys] : known) {
    if (document.starts_with(scope)) names.push_back(document.substr(scope.size()));
  }
  std::string message = wanted + " is not declared in these manifests; ";
  if (const auto meant = base::nearest(wanted.substr(scope.size()), names))
    return message + "did you mean " + *meant + "?";
  return message + "declare it in the endpoint's namespace, or use file or env";
}

/// What is wrong with a reference to a Secret or ConfigMap; empty if nothing is.
std::string reference_problem(const std::string& ns, const Reference& reference, const Manifest& whole,
                              const std::map<std::string, Keys>& known, bool may_be_elsewhere) {
  const bool secret = reference.kind == Reference::Kind::kSecretKey;
  if (!secret && reference.kind != Reference::Kind::kConfigMapKey) return {};
  const std::string wanted = (secret ? "Secret " : "ConfigMap ") + ns + "/" + reference.name;
  if (whole.refused.contains(wanted)) return {};
  const auto document = known.find(wanted);
  if (document == known.end()) return may_be_elsewhere ? "" : no_such_document(wanted, known);
  const Keys& keys = document->second;
  if (std::find(keys.begin(), keys.end(), reference.key) != keys.end()) return {};
  const std::string message = wanted + " has no key " + reference.key + "; ";
  return message + (keys.empty() ? "it has none at all" : "it has " + base::join(keys, ", "));
}

/// Reports the references of one endpoint that lead nowhere; whether all is well.
bool resolvable(const Manifest::Located& located, const std::map<std::string, Keys>& known, Manifest& whole,
                const ManifestUse& use) {
  bool good = true;
  const bool for_cluster = use.keep == ManifestUse::Keep::kDocuments;
  for_each_reference(located.endpoint.spec, [&](const std::string& field, const Reference& reference) {
    std::string problem =
        reference_problem(located.endpoint.metadata.ns, reference, whole, known, for_cluster);
    if (problem.empty()) return;
    // In a cluster somebody else may fill it in.
    good = good && for_cluster;
    const auto line = located.lines.find(field);
    whole.diagnostics.push_back({for_cluster ? Diagnostic::Severity::kWarning : Diagnostic::Severity::kError,
                                 located.file, line == located.lines.end() ? located.line : line->second,
                                 field, std::move(problem)});
  });
  return good;
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::map<std::string, std::size_t> order;
  for (const Diagnostic& diagnostic : diagnostics)
    order.emplace(diagnostic.file, order.size());
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(order.at(a.file), a.line) < std::pair(order.at(b.file), b.line);
  });
}

}  // namespace

Manifest merge_manifests(std::vector<Manifest> parts, const ManifestUse& use) {
  Manifest whole;
  for (Manifest& part : parts) {
    std::move(part.diagnostics.begin(), part.diagnostics.end(), std::back_inserter(whole.diagnostics));
  }
  Names names(whole.diagnostics);
  for (Manifest& part : parts)
    append(whole, std::move(part), names, use);

  std::map<std::string, Keys> known;
  collect(whole.secrets, "Secret", known);
  collect(whole.config_maps, "ConfigMap", known);
  std::vector<Manifest::Located> good;
  for (Manifest::Located& located : whole.endpoints) {
    if (resolvable(located, known, whole, use)) good.push_back(std::move(located));
  }
  whole.endpoints = std::move(good);
  sort_diagnostics(whole.diagnostics);
  return whole;
}

}  // namespace tlswarden::resource
