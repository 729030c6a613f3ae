#include "pki/prepared_store.hpp"

#include <utility>

#include "pki/openssl_support.hpp"

namespace tlswarden::pki {

PreparedStore::PreparedStore(const TrustStore& store)
    : handle_(X509_STORE_new()), system_(store.system), lists_(prepare_lists(store.revocation_lists)) {
  if (!handle_) return;
  for (const CertificatePtr& certificate : store.anchors) {
    X509Ptr anchor = to_x509(*certificate);
    if (!anchor || X509_STORE_add_cert(handle_.get(), anchor.get()) != 1) continue;
    by_handle_.emplace(anchor.get(), certificate);
    anchors_.push_back({std::move(anchor), certificate});
  }
  ERR_clear_error();
}

CertificatePtr PreparedStore::find(const X509* certificate) const {
  const auto found = by_handle_.find(certificate);
  return found != by_handle_.end() ? found->second : nullptr;
}

}  // namespace tlswarden::pki
