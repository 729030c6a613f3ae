#include "cli/applier.hpp"

#include <string>
#include <utility>

#include "cli/field_ownership.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kJsonPatch = "application/json-patch+json";

/// What an author can mean by an object: not its version, its managers or what an agent found. In sorted
/// order.
nlohmann::json meaning(const Json& object) {
  nlohmann::json result = nlohmann::json(object);
  result.erase("status");
  const auto metadata = result.find("metadata");
  if (metadata != result.end() && metadata->is_object()) {
    metadata->erase("managedFields");
    metadata->erase("resourceVersion");
  }
  return result;
}

}  // namespace

std::string_view to_string(Applied::Change change) {
  switch (change) {
    case Applied::Change::kCreated:
      return "created";
    case Applied::Change::kConfigured:
      return "configured";
    case Applied::Change::kUnchanged:
      return "unchanged";
  }
  return "";
}

base::Result<Applied, kube::ApiError> Applier::apply(const resource::DeclaredDocument& document) {
  const ClusterObject object = cluster_object(document);
  const Answer before = client_.call_json({.path = object_path(object)});
  const bool absent = !before && before.error().not_found() && !concerns_all(before.error());
  if (!before && !absent) return tl::unexpected(in_context(before.error(), "retrieving", object));
  if (dry_run_ == DryRun::kClient) {
    return Applied{absent ? Applied::Change::kCreated : Applied::Change::kConfigured,
                   Json::parse(document.content.reveal())};
  }
  Answer after = send(object, document.content);
  if (after && dry_run_ == DryRun::kNone) after = take_over(object, document.content, std::move(*after));
  if (!after) return tl::unexpected(in_context(after.error(), absent ? "creating" : "applying", object));
  const auto change = absent                                ? Applied::Change::kCreated
                      : meaning(*before) == meaning(*after) ? Applied::Change::kUnchanged
                                                            : Applied::Change::kConfigured;
  return Applied{change, std::move(*after)};
}

Applier::Answer Applier::send(const ClusterObject& object, const base::Secret& content) {
  kube::ApiRequest request{.verb = kube::Verb::kPatch,
                           .path = object_path(object),
                           .query = {{"fieldManager", kApplyManager},
                                     {"fieldValidation", "Strict"},
                                     {"force", force_ ? "true" : "false"}},
                           .content_type = kube::kApplyPatch,
                           .body = std::string(content.reveal())};
  if (dry_run_ == DryRun::kServer) request.query.emplace_back("dryRun", "All");
  Answer answer = client_.call_json(request);
  base::wipe_memory(request.body.data(), request.body.size());
  return answer;
}

/// What kubectl wrote before becomes ours, as `kubectl apply --server-side` does it; and what of it is no
/// longer declared goes with the second application.
Applier::Answer Applier::take_over(const ClusterObject& object, const base::Secret& content, Json applied) {
  const auto patch = takeover_from_kubectl(applied);
  if (!patch) return applied;
  Answer taken = client_.call_json({.verb = kube::Verb::kPatch,
                                    .path = object_path(object),
                                    .query = {{"fieldManager", kApplyManager}},
                                    .content_type = kJsonPatch,
                                    .body = patch->dump()});
  if (taken) return send(object, content);
  // Somebody wrote in between; the next application tries again.
  if (taken.error().conflict()) return applied;
  return taken;
}

}  // namespace tlswarden::cli
