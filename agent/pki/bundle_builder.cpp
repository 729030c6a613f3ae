#include "pki/bundle_builder.hpp"

#include <algorithm>
#include <utility>

namespace tlswarden::pki {

tl::unexpected<BundleError> password_required(const std::string& form) {
  return tl::unexpected<BundleError>(
      BundleError{BundleError::Kind::kPasswordRequired,
                  form + " opens with its password only; declare it as password beside the reference"});
}

tl::unexpected<BundleError> password_incorrect(const std::string& form) {
  return tl::unexpected<BundleError>(BundleError{
      BundleError::Kind::kPasswordIncorrect,
      form + " does not open: the password is wrong, or the file was altered; declare the password "
             "that the store was made with, or fetch the file anew"});
}

Added BundleBuilder::add_certificate(base::ByteView der, const std::string& name) {
  if (certificates() >= kMaxBundleCertificates) {
    return invalid_bundle("the bundle holds more than " + std::to_string(kMaxBundleCertificates) +
                          " certificates; keep those of the CAs in use");
  }
  base::Result<CertificatePtr> certificate = parse_certificate(der);
  if (!certificate) return invalid_bundle(name + " cannot be used: " + certificate.error().message);
  bundle_.certificates.push_back(*std::move(certificate));
  return {};
}

Added BundleBuilder::add_list(base::ByteView der, const std::string& name) {
  if (lists() >= kMaxBundleLists) {
    return invalid_bundle("the bundle holds more than " + std::to_string(kMaxBundleLists) +
                          " revocation lists; keep those of the CAs in use");
  }
  base::Result<RevocationListPtr> list = parse_revocation_list(der);
  if (!list) return invalid_bundle(name + " cannot be used: " + list.error().message);
  bundle_.revocation_lists.push_back(*std::move(list));
  return {};
}

void BundleBuilder::add_key(const base::Secret& pkcs8) {
  ++keys_;
  bundle_.key = nullptr;
  if (keys_ > 1) return;
  auto key = parse_private_key(pkcs8, nullptr);
  if (key) bundle_.key = *std::move(key);
}

base::Result<Bundle, BundleError> BundleBuilder::finish(const std::string& form) && {
  Chain& chain = bundle_.certificates;
  if (chain.empty()) {
    if (keys_ > 0) {
      return invalid_bundle(form + " holds " + std::to_string(keys_) + " private key" +
                            (keys_ > 1 ? "s" : "") + " but no certificate; add the certificates of the CA");
    }
    if (lists() > 0) {
      return invalid_bundle(form +
                            " holds revocation lists but no certificate; put them into one PEM file with "
                            "the certificates of the CA");
    }
    return invalid_bundle(form + " holds no certificate; add the certificates of the CA");
  }
  if (bundle_.key) {
    const auto own = std::find_if(chain.begin(), chain.end(), [this](const CertificatePtr& certificate) {
      return certificate->facts.spki_sha256 == bundle_.key->spki_sha256();
    });
    if (own == chain.end()) {
      bundle_.key = nullptr;
    } else {
      std::rotate(chain.begin(), own, own + 1);
    }
  }
  return std::move(bundle_);
}

}  // namespace tlswarden::pki
