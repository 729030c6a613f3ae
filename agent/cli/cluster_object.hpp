#pragma once

#include <string>
#include <string_view>

#include "kube/api_error.hpp"
#include "resource/manifest.hpp"

/// The objects of a cluster that manifests declare: DatabaseEndpoints, Secrets and ConfigMaps.
namespace tlswarden::cli {

/// Which object is meant.
struct ClusterObject {
  std::string kind;  ///< DatabaseEndpoint, Secret or ConfigMap
  std::string ns, name;
  std::string file = {};  ///< that declares it; empty: it was named on the command line
};

ClusterObject cluster_object(const resource::DeclaredDocument& document);

/// How kubectl names the kind where it tells what became of an object: `secret`,
/// `databaseendpoint.tlswarden.dev`.
std::string_view shown_kind(std::string_view kind);
/// `secret/s`: as `-o name` has it.
std::string shown_name(const ClusterObject& object);
/// `secrets/s`: as kubectl has it where it waited in vain.
std::string plural_name(const ClusterObject& object);
std::string object_path(const ClusterObject& object);

/// What a verb does without doing it.
enum class DryRun { kNone, kClient, kServer };
/// Of `none`, `client` or `server`.
DryRun parse_dry_run(std::string_view text);
/// ` (dry run)`, ` (server dry run)` or nothing, which kubectl puts behind what it tells.
std::string_view dry_run_mark(DryRun dry_run);

/// `error` with what was being done and the object's file put before the server's words, as kubectl does:
/// `error when creating "orders.yaml": …`. Left as it is where the words name the object on their own.
kube::ApiError in_context(kube::ApiError error, const std::string& doing, const ClusterObject& object);
/// Whether every further request would fail as this one did: there is no way to the server, or no such
/// resource.
bool concerns_all(const kube::ApiError& error);

}  // namespace tlswarden::cli
