#pragma once

#include <unordered_map>
#include <vector>

#include "pki/openssl.hpp"
#include "pki/revocation_check.hpp"
#include "pki/trust_store.hpp"

namespace tlswarden::pki {

/// A trust store in the form that OpenSSL searches. Building one reads every certificate anew, so it is kept.
/// Used by one thread at a time.
class PreparedStore {
 public:
  explicit PreparedStore(const TrustStore& store);

  X509_STORE* handle() const { return handle_.get(); }
  bool system() const { return system_; }
  /// Null if the certificate is not of this store.
  CertificatePtr find(const X509* certificate) const;

  struct Anchor {
    X509Ptr handle;
    CertificatePtr certificate;
  };
  const std::vector<Anchor>& anchors() const { return anchors_; }
  const PreparedLists& lists() const { return lists_; }

 private:
  StorePtr handle_;
  std::vector<Anchor> anchors_;
  std::unordered_map<const X509*, CertificatePtr> by_handle_;
  bool system_;
  PreparedLists lists_;
};

}  // namespace tlswarden::pki
