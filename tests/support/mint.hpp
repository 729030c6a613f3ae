#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "pki/certificate.hpp"
#include "pki/openssl.hpp"
#include "pki/private_key.hpp"
#include "pki/trust_store.hpp"

/// Certificates minted in the test, dated by the test. Aborts the test on any error.
namespace tlswarden::test_support {

struct MintSpec {
  std::string common_name{};  ///< empty: no CN
  std::vector<std::string> dns_names{};
  std::vector<std::string> ip_addresses{};
  base::WallTime not_before{}, not_after{};
  bool ca = false;
  std::string key = "EC-256";     ///< EC-256, EC-384, RSA-1024, RSA-2048, Ed25519
  std::string digest = "SHA256";  ///< SHA1, SHA256, SHA384, MD5
  /// Absent: no extension. "serverAuth", "clientAuth".
  std::optional<std::vector<std::string>> extended_key_usage{};
  std::optional<std::string> ca_issuers_url{};
  std::optional<int> path_length{};
  std::string organization{};  ///< O; empty: none
  /// Changes the certificate just before it is signed: for what no honest CA would issue.
  std::function<void(X509*)> adjust{};
  /// The key that is certified; null: a fresh one of the kind `key`. For what is issued again.
  std::shared_ptr<EVP_PKEY> own_key{};
};

struct Minted {
  pki::CertificatePtr certificate;
  std::shared_ptr<EVP_PKEY> key;
  std::string certificate_pem, key_pem;  ///< key as unencrypted PKCS#8
  pki::PrivateKeyPtr private_key() const;
};

/// Signed by `issuer`, or by itself when null.
Minted mint(const MintSpec& spec, const Minted* issuer = nullptr);

/// PEM of several certificates, in order.
std::string pem_of(std::initializer_list<const Minted*> certificates);
pki::Chain chain_of(std::initializer_list<const Minted*> certificates);
pki::TrustStorePtr store_of(std::initializer_list<const Minted*> anchors);

/// A root, an intermediate and a server leaf for localhost and 127.0.0.1, valid from `now` - 1 d for `days`.
struct DemoPki {
  Minted root, intermediate, leaf;
};
DemoPki demo_pki(base::WallTime now, int days = 90);

}  // namespace tlswarden::test_support
