#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "cli/cluster_object.hpp"
#include "kube/api_client.hpp"

namespace tlswarden::cli {

/// What became of an object that was applied.
struct Applied {
  enum class Change { kCreated, kConfigured, kUnchanged };
  Change change = Change::kCreated;
  nlohmann::ordered_json object;  ///< as it is now; in a client's dry run, as it was declared
};

std::string_view to_string(Applied::Change change);  ///< "created", "configured", "unchanged"

/// Applies documents on the server's side (server-side apply), as the field manager kApplyManager. Blocking.
class Applier {
 public:
  /// `client` must outlive this object. `force` takes fields from other managers.
  Applier(kube::ApiClient& client, DryRun dry_run, bool force)
      : client_(client), dry_run_(dry_run), force_(force) {}

  /// Sends `document` as it was declared. The error says what was being done, as kubectl does.
  base::Result<Applied, kube::ApiError> apply(const resource::DeclaredDocument& document);

 private:
  using Answer = base::Result<nlohmann::ordered_json, kube::ApiError>;
  Answer send(const ClusterObject& object, const base::Secret& content);
  Answer take_over(const ClusterObject& object, const base::Secret& content, nlohmann::ordered_json applied);

  kube::ApiClient& client_;
  DryRun dry_run_;
  bool force_;
};

}  // namespace tlswarden::cli
