#include "cli/server_error.hpp"

#include <ostream>
#include <string>

namespace tlswarden::cli {
namespace {

using Kind = kube::ApiError::Kind;

/// A path that the server does not serve at all is answered in plain text, or in words that name no object.
bool resource_unknown(const kube::ApiError& error) {
  return error.not_found() &&
         (error.reason.empty() || error.peer_text == "the server could not find the requested resource");
}

/// What kubectl makes of a refusal.
std::string refusal(const kube::ApiError& error) {
  if (error.code == 401) return "error: You must be logged in to the server (Unauthorized)";
  if (resource_unknown(error)) return "error: the server doesn't have a resource type \"databaseendpoints\"";
  if (error.reason == "Invalid") {
    // `DatabaseEndpoint.tlswarden.dev "orders" is invalid: …`
    std::string text = error.peer_text;
    const std::size_t group = text.find(".tlswarden.dev \"");
    if (group != std::string::npos) text.erase(group, text.find(' ', group) - group);
    return "The " + text;
  }
  const std::string what = error.peer_text.empty() ? error.message : error.peer_text;
  return "Error from server" + (error.reason.empty() ? "" : " (" + error.reason + ")") + ": " + what;
}

std::string_view next_step(const kube::ApiError& error) {
  if (error.kind == Kind::kUnreachable)
    return "Check that the kubeconfig's current context (or --context) names the right cluster and that it "
           "runs.";
  if (error.kind != Kind::kStatus) return {};
  if (error.code == 401)
    return "Check that the kubeconfig's token or client certificate is this cluster's and has not expired.";
  if (error.code == 403) return "Give this user the right with a Role and a RoleBinding.";
  if (resource_unknown(error))
    return "Install tlswarden in this cluster: its chart and manifests/install bring the resource type.";
  if (error.code == 429) return "The server is overloaded; try again later.";
  return {};
}

}  // namespace

int server_error(std::ostream& err, const kube::ApiError& error) {
  switch (error.kind) {
    case Kind::kStatus:
      err << refusal(error);
      break;
    case Kind::kUnreachable:
    case Kind::kUntrusted:
    case Kind::kBroken:
    case Kind::kTimedOut:
      err << "Unable to connect to the server: " << error.message;
      break;
    case Kind::kCredentials:
    case Kind::kMalformed:
    case Kind::kCancelled:
      err << "error: " << error.message;
      break;
  }
  err << '\n';
  if (const std::string_view step = next_step(error); !step.empty()) err << step << '\n';
  return kExitFailed;
}

int local_error(std::ostream& err, std::string_view message) {
  err << "error: " << message << '\n';
  return kExitFailed;
}

}  // namespace tlswarden::cli
