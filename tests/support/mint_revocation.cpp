#include "tests/support/mint_revocation.hpp"

#include <cstdio>
#include <cstdlib>

namespace tlswarden::test_support {
namespace {

using TimePtr = std::unique_ptr<ASN1_TIME, pki::Releaser<ASN1_TIME_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, pki::Releaser<X509_EXTENSION_free>>;
using EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, pki::Releaser<ASN1_ENUMERATED_free>>;

void require(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "mint: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

TimePtr time_of(base::WallTime time) {
  return TimePtr(ASN1_TIME_set(nullptr, static_cast<std::time_t>(time.time_since_epoch().count())));
}

/// OCSP knows GeneralizedTime only.
TimePtr generalized(base::WallTime time) {
  return TimePtr(
      ASN1_GENERALIZEDTIME_set(nullptr, static_cast<std::time_t>(time.time_since_epoch().count())));
}

pki::X509Ptr x509_of(const Minted& minted) {
  const unsigned char* der = minted.certificate->der.data();
  return pki::X509Ptr(d2i_X509(nullptr, &der, static_cast<long>(minted.certificate->der.size())));
}

const EVP_MD* digest_for(const Minted& signer) {
  return EVP_PKEY_get_base_id(signer.key.get()) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
}

void add_entry(X509_CRL* list, const Revocation& revocation) {
  X509_REVOKED* entry = X509_REVOKED_new();
  const pki::X509Ptr certificate = x509_of(*revocation.certificate);
  require(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get())) == 1,
          "serial number");
  require(X509_REVOKED_set_revocationDate(entry, time_of(revocation.at).get()) == 1, "revocation date");
  if (revocation.reason) {
    const EnumeratedPtr code(ASN1_ENUMERATED_new());
    require(ASN1_ENUMERATED_set(code.get(), *revocation.reason) == 1, "reason");
    require(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, code.get(), 0, X509V3_ADD_DEFAULT) == 1,
            "reason");
  }
  require(X509_CRL_add0_revoked(list, entry) == 1, "entry");
}

base::Bytes encoded(OCSP_RESPONSE* response) {
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &der);
  require(size > 0, "encoding");
  const std::unique_ptr<unsigned char, pki::Releaser<pki::release_openssl_memory>> owner(der);
  return {der, der + size};
}

}  // namespace

void add_extension(X509_CRL* list, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, nullptr, nullptr, nullptr, list, 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_CRL_add_ext(list, extension.get(), -1) == 1, value);
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, nullptr, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

pki::RevocationListPtr mint_crl(const CrlSpec& spec, const Minted& issuer) {
  const pki::RevocationListHandle list(X509_CRL_new());
  const pki::X509Ptr signer = x509_of(issuer);
  require(X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1, "version");
  require(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(signer.get())) == 1, "issuer");
  require(X509_CRL_set1_lastUpdate(list.get(), time_of(spec.this_update).get()) == 1, "thisUpdate");
  if (spec.next_update)
    require(X509_CRL_set1_nextUpdate(list.get(), time_of(*spec.next_update).get()) == 1, "nextUpdate");
  for (const Revocation& revocation : spec.revoked)
    add_entry(list.get(), revocation);
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer.get(), nullptr, nullptr, list.get(), 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionPtr key(X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid"));
  require(key && X509_CRL_add_ext(list.get(), key.get(), -1) == 1, "authorityKeyIdentifier");
  if (spec.adjust) spec.adjust(list.get());
  X509_CRL_sort(list.get());
  require(X509_CRL_sign(list.get(), issuer.key.get(), digest_for(issuer)) > 0, "signature");
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(list.get(), &der);
  require(size > 0, "encoding");
  const std::unique_ptr<unsigned char, pki::Releaser<pki::release_openssl_memory>> owner(der);
  const auto parsed = pki::parse_revocation_list(base::ByteView(der, static_cast<std::size_t>(size)));
  require(parsed.has_value(), "the minted list cannot be read");
  return *parsed;
}

base::Bytes mint_staple(const StapleSpec& spec) {
  const Minted& signing = spec.signer != nullptr ? *spec.signer : *spec.issuer;
  const pki::X509Ptr subject = x509_of(*spec.subject), issuer = x509_of(*spec.issuer),
                     signer = x509_of(signing);
  const pki::OcspBasicResponsePtr basic(OCSP_BASICRESP_new());
  const pki::OcspCertificateIdPtr id(OCSP_cert_to_id(spec.digest, subject.get(), issuer.get()));
  const TimePtr from = generalized(spec.this_update), revoked = generalized(spec.revoked_at);
  const TimePtr until = spec.next_update ? generalized(*spec.next_update) : nullptr;
  require(OCSP_basic_add1_status(basic.get(), id.get(), spec.status, spec.reason,
                                 spec.status == V_OCSP_CERTSTATUS_REVOKED ? revoked.get() : nullptr,
                                 from.get(), until.get()) != nullptr,
          "status");
  require(OCSP_basic_sign(basic.get(), signer.get(), signing.key.get(), digest_for(signing), nullptr,
                          spec.with_signer ? 0 : OCSP_NOCERTS) == 1,
          "signature");
  const pki::OcspResponsePtr response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  return encoded(response.get());
}

base::Bytes mint_refusal(int status) {
  const pki::OcspResponsePtr response(OCSP_response_create(status, nullptr));
  return encoded(response.get());
}

}  // namespace tlswarden::test_support
