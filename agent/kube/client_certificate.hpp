#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/cluster_access.hpp"
#include "kube/reloaded_file.hpp"
#include "pki/material.hpp"

namespace tlswarden::kube {

using IdentityPtr = std::shared_ptr<const pki::ClientIdentity>;

/// Pairs PEM texts; the Error names what is wrong with which of them, never their content.
base::Result<IdentityPtr> read_identity(const base::Secret& certificate, const base::Secret& key);

/// PEM from where a PemSource says; files are read again every 5 minutes. Safe from any thread.
class PemContent {
 public:
  PemContent(const PemSource& source, const base::Clock& clock);
  base::Result<base::Secret> content();
  void distrust(base::MonoTime moment);

 private:
  base::Secret data_;
  std::optional<ReloadedFile> file_;
};

/// The client certificate of a kubeconfig's user. While its files do not match, as in the middle of a
/// renewal, the last pair that did is used. Safe from any thread.
class ClientCertificate {
 public:
  /// `clock` must outlive this object.
  ClientCertificate(const PemSource& certificate, const PemSource& key, const base::Clock& clock);

  /// The same pointer as before while nothing changed. Error: there never was a usable pair.
  base::Result<IdentityPtr> current();

 private:
  const base::Clock& clock_;
  PemContent certificate_, key_;
  std::mutex mutex_;
  base::Secret known_certificate_, known_key_;
  IdentityPtr identity_;
  std::string problem_;  ///< with the files as they are now; said once
};

}  // namespace tlswarden::kube
