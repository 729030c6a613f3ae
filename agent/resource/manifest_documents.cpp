#include "resource/manifest_documents.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/manifest_declared.hpp"
#include "resource/manifest_material.hpp"
#include "resource/manifest_metadata.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

struct Kind {
  const char* kind;
  const char* api_version;
};

constexpr std::array<Kind, 5> kKinds{{{kKind, kApiVersion},
                                      {"Secret", "v1"},
                                      {"ConfigMap", "v1"},
                                      {"List", "v1"},
                                      {"DatabaseEndpointList", kApiVersion}}};
constexpr std::string_view kAcceptedKinds =
    "accepted: DatabaseEndpoint (tlswarden.dev/v1alpha1), Secret, ConfigMap and List (v1)";

const std::string* text_at(const Json& document, const char* field) {
  return find_string(document, FieldPath::of(field));
}

/// The document's kind if it is one that is read here; reports why not.
const Kind* accepted_kind(const Json& document, Report& report) {
  const std::string* kind = text_at(document, "kind");
  const FieldPath kind_path = FieldPath::of("kind");
  if (kind == nullptr) {
    report.error(kind_path, "the field is missing; " + std::string(kAcceptedKinds));
    return nullptr;
  }
  const auto* const known = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const Kind& candidate) { return *kind == candidate.kind; });
  if (known == kKinds.end()) {
    static const std::vector<std::string> names{kKind, "Secret", "ConfigMap"};
    const auto meant = base::nearest(*kind, names);
    report.error(kind_path, "'" + base::printable(*kind, 60) + "' is not read here; " +
                                (meant ? "did you mean " + *meant + "? " : "") + std::string(kAcceptedKinds));
    return nullptr;
  }
  const std::string* version = text_at(document, "apiVersion");
  const FieldPath version_path = FieldPath::of("apiVersion");
  if (version == nullptr) {
    report.error(version_path, "the field is missing; accepted: " + std::string(known->api_version));
  } else if (*version != known->api_version) {
    report.error(version_path, "'" + base::printable(*version, 60) + "' has no " + *kind +
                                   " that is read here; accepted: " + known->api_version);
  }
  return known;
}

void read_any(const DocumentView& document, const std::string& file, Report& report, const ManifestUse& use,
              Manifest& manifest);

void read_list(const DocumentView& list, const std::string& file, Report& report, const ManifestUse& use,
               Manifest& manifest) {
  const FieldPath path = FieldPath::of("items");
  const Json* items = find(list.value, path);
  if (items == nullptr || !items->is_array()) {
    report.error(path, "the list is missing; accepted: a list of resources");
    return;
  }
  const auto position = static_cast<std::size_t>(std::distance(list.value.begin(), list.value.find("items")));
  for (std::size_t i = 0; i < items->size() && !report.full(); ++i) {
    const FieldPath item_path = path.item(i);
    const DocumentView item{(*items)[i], list.marks.children[position].children[i],
                            list.prefix.join(item_path)};
    Report item_report(file, item, manifest.diagnostics);
    if (report.has_error_within(item_path)) item_report.fail_silently();
    read_any(item, file, item_report, use, manifest);
  }
}

/// Reads a resource, which is no list, into where its kind belongs.
void read_resource(std::string_view kind, const DocumentView& document, const std::string& file,
                   Report& report, const ManifestUse& use, Manifest& manifest) {
  if (use.keep == ManifestUse::Keep::kNames) {
    read_metadata(document.value, use.default_namespace, report);
  } else if (kind == kKind) {
    read_endpoint(document, file, report, use, manifest);
  } else if (kind == "Secret") {
    read_secret(document, file, report, use, manifest);
  } else {
    read_config_map(document, file, report, use, manifest);
  }
  if (use.keep == ManifestUse::Keep::kResources || report.failed()) return;
  manifest.declared.push_back(declared_document(document, file, use));
}

void read_any(const DocumentView& document, const std::string& file, Report& report, const ManifestUse& use,
              Manifest& manifest) {
  if (!document.value.is_object()) {
    if (!report.failed()) {
      report.error({}, "this is no mapping; accepted: a resource with apiVersion, kind, metadata and spec");
    }
    return;
  }
  const Kind* kind = accepted_kind(document.value, report);
  if (kind == nullptr) return;
  const std::string_view name = kind->kind;
  if (name.ends_with("List")) {
    read_list(document, file, report, use, manifest);
  } else {
    read_resource(name, document, file, report, use, manifest);
  }
}

}  // namespace

void read_document(const YamlDocument& document, const std::string& file, const ManifestUse& use,
                   Manifest& manifest) {
  const DocumentView view{document.value, document.marks, {}};
  Report report(file, view, manifest.diagnostics);
  for (const YamlProblem& problem : document.problems)
    report.error_at(problem.line, problem.path, problem.message);
  read_any(view, file, report, use, manifest);
}

}  // namespace tlswarden::resource
