#pragma once

#include <string>
#include <vector>

#include "resource/manifest.hpp"

namespace tlswarden::cli {

/// Reads what `-f` names: a file, a directory (as store::find_manifests goes through it), a pipe, or "-" for
/// the descriptor `input`. What cannot be read becomes a diagnostic; the rest stands. Paths that declare no
/// endpoint at all are an error, for a mistyped one should not pass as success.
resource::Manifest load_manifests(const std::vector<std::string>& paths, int input,
                                  const resource::ManifestLimits& limits = {});

/// How what is meant for a cluster is read.
struct ClusterReading {
  resource::ManifestUse use;
  bool recursive = false;  ///< directories below a directory too; kubectl's habit is not to
};

/// As load_manifests(), for a cluster: `declared` is filled, and paths that declare a Secret alone are in
/// order.
resource::Manifest load_for_cluster(const std::vector<std::string>& paths, int input,
                                    const ClusterReading& reading);

}  // namespace tlswarden::cli
