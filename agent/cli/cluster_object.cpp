#include "cli/cluster_object.hpp"

#include <utility>

#include "base/text.hpp"
#include "cli/resource_arguments.hpp"
#include "kube/api_paths.hpp"
#include "kube/api_request.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kLongestFileName = 200;

/// Whether the server does not serve the path at all, which it says in plain text, or in words that name no
/// object.
bool path_unknown(const kube::ApiError& error) {
  return error.not_found() &&
         (error.reason.empty() || error.peer_text == "the server could not find the requested resource");
}

}  // namespace

ClusterObject cluster_object(const resource::DeclaredDocument& document) {
  return {document.kind, document.ns, document.name, document.file};
}

std::string_view shown_kind(std::string_view kind) {
  if (kind == "Secret") return "secret";
  return kind == "ConfigMap" ? std::string_view("configmap") : std::string_view(kResourceKind);
}

std::string shown_name(const ClusterObject& object) {
  return std::string(shown_kind(object.kind)) + "/" + object.name;
}

std::string plural_name(const ClusterObject& object) {
  const std::string plural = object.kind == "Secret"      ? "secrets/"
                             : object.kind == "ConfigMap" ? "configmaps/"
                                                          : "databaseendpoints/";
  return plural + object.name;
}

std::string object_path(const ClusterObject& object) {
  if (object.kind == "Secret") return kube::secrets_path(object.ns) + "/" + kube::path_segment(object.name);
  if (object.kind == "ConfigMap")
    return kube::config_maps_path(object.ns) + "/" + kube::path_segment(object.name);
  return kube::endpoint_path(object.ns, object.name);
}

DryRun parse_dry_run(std::string_view text) {
  if (text == "client") return DryRun::kClient;
  return text == "server" ? DryRun::kServer : DryRun::kNone;
}

std::string_view dry_run_mark(DryRun dry_run) {
  switch (dry_run) {
    case DryRun::kNone:
      return "";
    case DryRun::kClient:
      return " (dry run)";
    case DryRun::kServer:
      return " (server dry run)";
  }
  return "";
}

kube::ApiError in_context(kube::ApiError error, const std::string& doing, const ClusterObject& object) {
  const bool names_itself =
      error.reason == "Invalid" || error.reason == "Unauthorized" || path_unknown(error);
  if (!object.file.empty() && !error.peer_text.empty() && !names_itself) {
    error.peer_text = "error when " + doing + " \"" + base::printable(object.file, kLongestFileName) +
                      "\": " + error.peer_text;
  }
  return error;
}

bool concerns_all(const kube::ApiError& error) {
  using Kind = kube::ApiError::Kind;
  switch (error.kind) {
    case Kind::kUnreachable:
    case Kind::kUntrusted:
    case Kind::kCredentials:
    case Kind::kCancelled:
      return true;
    case Kind::kStatus:
      return error.code == 401 || path_unknown(error);
    case Kind::kBroken:
    case Kind::kTimedOut:
    case Kind::kMalformed:
      return false;
  }
  return false;
}

}  // namespace tlswarden::cli
