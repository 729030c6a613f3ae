#include <algorithm>
#include <utility>
#include <vector>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/codec.hpp"
#include "resource/defaults.hpp"
#include "resource/manifest_documents.hpp"
#include "resource/manifest_fields.hpp"
#include "resource/manifest_metadata.hpp"
#include "resource/manifest_references.hpp"
#include "resource/manifest_rules.hpp"
#include "resource/provider.hpp"
#include "resource/schema_validation.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

void report_schema_violations(const Json& spec, Report& report) {
  for (Violation& violation : schema_violations(spec)) {
    // A field that a rule, the YAML reader or the search for unknown fields spoke of needs no second message;
    // a reference without a source has none because its only field is misspelt.
    if (report.has_error(violation.path) || report.has_error_within(violation.path)) continue;
    report.error(violation.path, std::move(violation.message));
  }
}

void report_unknown_parts(const Json& document, Report& report) {
  static const std::vector<std::string> known{"apiVersion", "kind", "metadata", "spec", "status"};
  for (const auto& [key, value] : document.items()) {
    const FieldPath path = FieldPath().key(key);
    if (report.full() || std::find(known.begin(), known.end(), key) != known.end() || report.has_error(path))
      continue;
    const auto place = only_place_of(key);
    report.error(path, place ? "there is no such field here; it belongs to " + place->text()
                             : unknown_field_message(key, known));
  }
}

/// The document as the codec wants it: what the user owns, defaults applied.
Json complete(const Json& document, const ManifestMetadata& metadata) {
  Json result;
  result["apiVersion"] = kApiVersion;
  result["kind"] = kKind;
  result["metadata"]["name"] = metadata.name;
  result["metadata"]["namespace"] = metadata.ns;
  for (const char* field : {"labels", "annotations"}) {
    const Json* map = find(document, FieldPath::of("metadata").key(field));
    if (map != nullptr && map->is_object()) result["metadata"][field] = *map;
  }
  result["spec"] = document.at("spec");
  apply_spec_defaults(result["spec"]);
  return result;
}

/// prefer promises a fallback that not every engine's client has.
void report_missing_fallback(const EndpointSpec& spec, Report& report) {
  const EngineFacts& facts = engine_facts(spec.engine);
  if (spec.tls.mode != TlsMode::kPrefer || facts.fallback != PreferFallback::kNone) return;
  report.warning(FieldPath::of("spec.tls.mode"),
                 facts.client +
                     " has no fallback to plaintext, so prefer is the same as "
                     "require; write require, or better verify-full");
}

/// What the service behind the endpoint makes of the declaration.
void report_service(const EndpointSpec& spec, Report& report) {
  if (spec.provider && find_provider(*spec.provider) == nullptr) {
    std::vector<std::string> names;
    for (const ProviderFacts& facts : all_providers())
      names.push_back(facts.id);
    const auto near = base::nearest(*spec.provider, names);
    report.warning(FieldPath::of("spec.provider"), "nothing is known of '" + *spec.provider +
                                                       "', so advice will not speak of it" +
                                                       (near ? "; did you mean " + *near + "?" : ""));
  }
  const ProviderFacts* service = provider_of(spec);
  if (service != nullptr && service->requires_tls && spec.tls.mode == TlsMode::kDisable) {
    report.warning(FieldPath::of("spec.tls.mode"), service->title +
                                                       " refuses connections without TLS; set it to " +
                                                       std::string(to_string(advised_mode(*service))));
  }
}

}  // namespace

void read_endpoint(const DocumentView& document, const std::string& file, Report& report,
                   const ManifestUse& use, Manifest& manifest) {
  report_unknown_parts(document.value, report);
  const ManifestMetadata metadata = read_metadata(document.value, use.default_namespace, report);
  const auto spec = document.value.find("spec");
  const FieldPath spec_path = FieldPath::of("spec");
  if (spec == document.value.end()) {
    report.error(spec_path, "the mapping is missing; accepted: a mapping with at least engine and host");
    return;
  }
  report_rule_violations(*spec, report);
  report_unknown_fields(*field_schema(spec_path), *spec, spec_path, report);
  report_schema_violations(*spec, report);
  if (report.failed()) return;

  auto endpoint = endpoint_from_json(complete(document.value, metadata));
  if (!endpoint) {
    report.error(spec_path, base::printable(endpoint.error().message));
    return;
  }
  report_missing_fallback(endpoint->spec, report);
  report_service(endpoint->spec, report);
  Manifest::Located located{std::move(*endpoint), file, document.marks.line, {}};
  for_each_reference(located.endpoint.spec, [&](const std::string& field, const Reference&) {
    located.lines[field] = report.line(FieldPath::of(field));
  });
  manifest.endpoints.push_back(std::move(located));
}

}  // namespace tlswarden::resource
