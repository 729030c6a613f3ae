#include "resource/api_object.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "resource/manifest_documents.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::map<std::string, std::string> map_of(const Json& object, const char* field) {
  std::map<std::string, std::string> map;
  const auto found = object.find(field);
  if (found == object.end() || !found->is_object()) return map;
  for (const auto& [key, value] : found->items())
    if (value.is_string() && key != kLastApplied) map.emplace(key, value.get<std::string>());
  return map;
}

/// The parts that a user declares: what servers add, such as metadata.generateName, is no manifest's.
Json declared_part(const Json& document, const Metadata& metadata) {
  Json declared = {{"apiVersion", kApiVersion}, {"kind", kKind}};
  declared["metadata"] = {{"name", metadata.name}, {"namespace", metadata.ns}};
  if (const auto spec = document.find("spec"); spec != document.end()) declared["spec"] = *spec;
  return declared;
}

}  // namespace

Metadata metadata_of_object(const Json& document) {
  Metadata metadata;
  const auto object = document.is_object() ? document.find("metadata") : document.end();
  if (object == document.end() || !object->is_object()) return metadata;
  metadata.name = text_of(*object, "name");
  if (std::string ns = text_of(*object, "namespace"); !ns.empty()) metadata.ns = std::move(ns);
  metadata.uid = text_of(*object, "uid");
  const auto generation = object->find("generation");
  if (generation != object->end() && generation->is_number_integer()) generation->get_to(metadata.generation);
  metadata.labels = map_of(*object, "labels");
  metadata.annotations = map_of(*object, "annotations");
  return metadata;
}

ApiObject read_api_object(const Json& document) {
  ApiObject read{metadata_of_object(document), std::nullopt, {}};
  const Json declared = declared_part(document, read.metadata);
  const Marks no_marks;
  const std::string no_file;
  Manifest manifest;
  const DocumentView view{declared, no_marks, {}};
  Report report(no_file, view, manifest.diagnostics);
  read_endpoint(view, no_file, report, {}, manifest);
  if (manifest.endpoints.empty()) {
    for (Diagnostic& problem : manifest.diagnostics)
      if (problem.severity == Diagnostic::Severity::kError) read.problems.push_back(std::move(problem));
    return read;
  }
  read.endpoint = std::move(manifest.endpoints.front().endpoint);
  read.endpoint->metadata = read.metadata;
  return read;
}

}  // namespace tlswarden::resource
