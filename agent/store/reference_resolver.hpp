#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pki/trust_store.hpp"
#include "reconcile/material_source.hpp"
#include "store/documents.hpp"
#include "store/last_good.hpp"
#include "store/material_cache.hpp"

namespace tlswarden::store {

/// Resolves references over documents, files, the environment and inline text. Passwords and keys are re-read
/// at every call, bundles wherever their file may have changed; the same content is parsed once for all who
/// refer to it. What may be read and how text is cut is said in content_reader.hpp, what happens to material
/// that turns bad in resolution.hpp. Safe from any thread.
class ReferenceResolver final : public reconcile::MaterialSource {
 public:
  using SystemTrust = std::function<base::Result<pki::TrustStorePtr>()>;

  /// `clock` must outlive it. The system's trust store is read at first need and then at most every ten
  /// minutes.
  ReferenceResolver(DocumentsPtr documents, const base::Clock& clock,
                    SystemTrust system_trust = pki::load_system_trust_store);

  reconcile::ResolvedMaterial resolve(const resource::DatabaseEndpoint& endpoint) override;

  /// Replaces what references point at; resolutions under way finish with the old documents.
  void replace(DocumentsPtr documents);

  /// Forgets what endpoints other than these held when it was good.
  void retain(const std::set<std::string>& uids);
  /// How many bundles were parsed so far, rather than taken from memory.
  std::size_t parses() const { return cache_.parses(); }

 private:
  base::Result<pki::TrustStorePtr> system_trust();

  const base::Clock& clock_;
  const SystemTrust load_system_trust_;
  std::mutex mutex_;
  DocumentsPtr documents_;
  pki::TrustStorePtr system_trust_;
  base::MonoTime system_trust_read_{};
  MaterialCache cache_;
  LastGood last_good_;
};

}  // namespace tlswarden::store
