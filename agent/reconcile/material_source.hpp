#pragma once

#include <chrono>
#include <optional>

#include "net/tunnels.hpp"
#include "pki/material.hpp"
#include "probe/target.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::reconcile {

/// What an endpoint's references resolved to. Problems, those of spec.auth included, stand in
/// `material.problems`.
struct ResolvedMaterial {
  pki::Material material;
  /// Null exactly when spec.tunnel is not declared. Where one of its references has no content the key is
  /// empty, or the known hosts are: nothing gets through then, and nothing goes past the bastion.
  net::SshSettingsPtr bastion;
  probe::CredentialsPtr credentials;  ///< null when none are declared or they cannot be resolved
  /// Something was unusable that was usable before, which may be a change under way: not a problem yet, but
  /// to be looked at again within this time. Nothing where all is settled.
  std::optional<std::chrono::nanoseconds> look_again{};
};

/// Resolves references. Safe from any thread; re-reads what may have changed (files, variables) at every
/// call.
class MaterialSource {
 public:
  MaterialSource() = default;
  MaterialSource(const MaterialSource&) = delete;
  MaterialSource& operator=(const MaterialSource&) = delete;
  virtual ~MaterialSource() = default;
  virtual ResolvedMaterial resolve(const resource::DatabaseEndpoint& endpoint) = 0;
};

}  // namespace tlswarden::reconcile
