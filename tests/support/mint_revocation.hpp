#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "pki/openssl.hpp"
#include "pki/revocation_list.hpp"
#include "tests/support/mint.hpp"

/// Revocation lists and OCSP responses, minted and dated by the test. Aborts the test on any error.
namespace tlswarden::test_support {

struct Revocation {
  const Minted* certificate = nullptr;
  base::WallTime at{};
  std::optional<int> reason{};  ///< CRL_REASON_*
};

struct CrlSpec {
  std::vector<Revocation> revoked{};
  base::WallTime this_update{};
  std::optional<base::WallTime> next_update{};
  /// Changes the list just before it is signed.
  std::function<void(X509_CRL*)> adjust{};
};

/// Signed by `issuer`, which it names.
pki::RevocationListPtr mint_crl(const CrlSpec& spec, const Minted& issuer);
/// An extension for CrlSpec::adjust or MintSpec::adjust, by its text in an OpenSSL configuration.
void add_extension(X509_CRL* list, int nid, const char* value);
void add_extension(X509* certificate, int nid, const char* value);

struct StapleSpec {
  const Minted* subject = nullptr;
  const Minted* issuer = nullptr;
  const Minted* signer = nullptr;  ///< null: the issuer itself
  int status = V_OCSP_CERTSTATUS_GOOD;
  base::WallTime this_update{};
  std::optional<base::WallTime> next_update{};
  base::WallTime revoked_at{};
  int reason = -1;                    ///< CRL_REASON_*; -1: none
  const EVP_MD* digest = EVP_sha1();  ///< by which the certificate is named
  bool with_signer = true;            ///< whether the signer's certificate is in the response
};

/// The DER of an OCSP response.
base::Bytes mint_staple(const StapleSpec& spec);
/// A response that refuses to answer: OCSP_RESPONSE_STATUS_*.
base::Bytes mint_refusal(int status);

}  // namespace tlswarden::test_support
