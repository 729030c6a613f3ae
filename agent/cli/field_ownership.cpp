#include "cli/field_ownership.hpp"

#include <string>
#include <utility>

#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

bool is_entry(const Json& entry, const char* manager, const char* operation) {
  return entry.is_object() && kube::text_at(entry, {"manager"}) == manager &&
         kube::text_at(entry, {"operation"}) == operation && kube::text_at(entry, {"subresource"}).empty();
}

/// The annotation with kubectl's own copy is in no manifest: who owned it would take it away with the next
/// application, and kubectl needs it to know what it wrote.
void leave_kubectl_its_copy(Json& fields) {
  const auto metadata = fields.find("f:metadata");
  if (metadata == fields.end() || !metadata->is_object()) return;
  const auto annotations = metadata->find("f:annotations");
  if (annotations == metadata->end() || !annotations->is_object()) return;
  annotations->erase("f:kubectl.kubernetes.io/last-applied-configuration");
  annotations->erase(".");
  if (annotations->empty()) metadata->erase("f:annotations");
}

}  // namespace

std::optional<Json> takeover_from_kubectl(const Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return std::nullopt;
  const auto managers = metadata->find("managedFields");
  const std::string version = kube::text_at(*metadata, {"resourceVersion"});
  if (managers == metadata->end() || !managers->is_array() || version.empty()) return std::nullopt;
  Json kept = Json::array();
  Json ours;
  Json taken = Json::object();
  for (const Json& entry : *managers) {
    if (is_entry(entry, "kubectl-client-side-apply", "Update")) {
      // Sets of fields are nested mappings without values: to merge them is to unite them.
      taken.merge_patch(entry.value("fieldsV1", Json::object()));
    } else if (is_entry(entry, kApplyManager, "Apply")) {
      ours = entry;
    } else {
      kept.push_back(entry);
    }
  }
  if (taken.empty() || ours.is_null()) return std::nullopt;
  leave_kubectl_its_copy(taken);
  ours["fieldsV1"].merge_patch(taken);
  kept.push_back(std::move(ours));
  const Json patch_fields{{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(kept)}};
  const Json patch_version{{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", version}};
  return Json::array({patch_fields, patch_version});
}

}  // namespace tlswarden::cli
