#include "store/reference_resolver.hpp"

#include <utility>

#include "store/content_reader.hpp"
#include "store/resolution.hpp"

namespace tlswarden::store {
namespace {

constexpr base::Seconds kSystemTrustAge{600};

}  // namespace

ReferenceResolver::ReferenceResolver(DocumentsPtr documents, const base::Clock& clock,
                                     SystemTrust system_trust)
    : clock_(clock),
      load_system_trust_(std::move(system_trust)),
      documents_(documents ? std::move(documents) : std::make_shared<const Documents>()),
      cache_(clock),
      last_good_(clock) {}

reconcile::ResolvedMaterial ReferenceResolver::resolve(const resource::DatabaseEndpoint& endpoint) {
  const DocumentsPtr documents = [this] {
    const std::scoped_lock lock(mutex_);
    return documents_;
  }();
  const ContentScope scope{*documents, endpoint.metadata.ns, documents->directory_of(endpoint.key())};
  return resolve_material(endpoint, scope, {cache_, last_good_, [this] { return system_trust(); }});
}

void ReferenceResolver::replace(DocumentsPtr documents) {
  const std::scoped_lock lock(mutex_);
  documents_ = std::move(documents);
}

base::Result<pki::TrustStorePtr> ReferenceResolver::system_trust() {
  const std::scoped_lock lock(mutex_);
  const base::MonoTime now = clock_.monotonic();
  if (system_trust_ && now - system_trust_read_ < kSystemTrustAge) return system_trust_;
  auto loaded = load_system_trust_();
  if (loaded) {
    // The same pointer for the same content keeps caches that hang on it warm.
    if (!system_trust_ || system_trust_->fingerprint != (*loaded)->fingerprint) system_trust_ = *loaded;
    system_trust_read_ = now;
    return system_trust_;
  }
  return loaded;
}

void ReferenceResolver::retain(const std::set<std::string>& uids) {
  last_good_.retain(uids);
}

}  // namespace tlswarden::store
