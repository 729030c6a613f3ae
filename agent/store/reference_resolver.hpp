#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/bundle.hpp"
#include "pki/trust_store.hpp"
#include "reconcile/material_source.hpp"
#include "store/documents.hpp"

namespace tlswarden::store {

/// Resolves references over documents, files, the environment and inline text. Files and variables are
/// re-read at every call; parsing is saved where the content is the same as before. What may be read and how
/// text is cut is said in content_reader.hpp. Safe from any thread.
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

  /// The machine's trust store, from memory while it is fresh.
  base::Result<pki::TrustStorePtr> system_trust();
  /// What a bundle holds, from memory where these very bytes were opened with this password before. Of the
  /// password (null: none) a digest is remembered, never itself.
  base::Result<pki::Bundle, pki::BundleError> bundle(std::string_view content, const base::Secret* password);

 private:
  const base::Clock& clock_;
  const SystemTrust load_system_trust_;
  std::mutex mutex_;
  DocumentsPtr documents_;
  pki::TrustStorePtr system_trust_;
  base::MonoTime system_trust_read_{};
  std::map<std::string, pki::Bundle, std::less<>> bundles_;
};

}  // namespace tlswarden::store
