#include "pki/ocsp_staple.hpp"

#include <algorithm>

#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/revocation.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxSize = std::size_t{64} * 1024;
constexpr int kMostAnswers = 64;

OcspResponsePtr decode(base::ByteView response) {
  if (response.size() > kMaxSize) return nullptr;
  const unsigned char* position = response.data();
  OcspResponsePtr decoded(d2i_OCSP_RESPONSE(nullptr, &position, static_cast<long>(response.size())));
  return position == response.data() + response.size() ? std::move(decoded) : nullptr;
}

/// RFC 6960 section 4.2.1: what a responder says in place of an answer.
std::string refusal(OCSP_RESPONSE* response) {
  const int status = OCSP_response_status(response);
  if (status == OCSP_RESPONSE_STATUS_SUCCESSFUL) return {};
  if (status == OCSP_RESPONSE_STATUS_TRYLATER) return "the responder says to try again later";
  return "the responder gives no answer (" + std::string(OCSP_response_status_str(status)) + ")";
}

/// The answer about this certificate; the responder chose the digest that names it.
OCSP_SINGLERESP* answer_about(OCSP_BASICRESP* basic, const X509* subject, const X509* issuer) {
  const int count = std::min(OCSP_resp_count(basic), kMostAnswers);
  for (int i = 0; i < count; ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic, i);
    const OcspCertificateIdPtr named(OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(single)));
    ASN1_OBJECT* digest = nullptr;
    if (!named || OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, named.get()) != 1) continue;
    const EVP_MD* method = EVP_get_digestbyobj(digest);
    if (method == nullptr) continue;
    const OcspCertificateIdPtr wanted(OCSP_cert_to_id(method, subject, issuer));
    if (wanted && OCSP_id_cmp(wanted.get(), named.get()) == 0) return single;
  }
  return nullptr;
}

bool same_certificate(const X509* one, const X509* other) {
  return X509_cmp(one, other) == 0;
}

/// RFC 6960 section 4.2.2.2: issued by the very CA that issued the certificate, for this purpose.
bool is_delegate(X509* signer, X509* issuer) {
  return X509_check_issued(issuer, signer) == X509_V_OK &&
         X509_verify(signer, X509_get0_pubkey(issuer)) == 1 &&
         (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0;
}

/// Why the signature does not count; on success the signer's dates are noted.
std::string signature_problem(OCSP_BASICRESP* basic, X509* issuer, Staple& staple) {
  const X509StackPtr candidates(sk_X509_new_null());
  if (!candidates || X509_up_ref(issuer) != 1) return "memory is short";
  if (sk_X509_push(candidates.get(), issuer) <= 0) {
    X509_free(issuer);
    return "memory is short";
  }
  X509* signer = nullptr;
  if (OCSP_resp_get0_signer(basic, &signer, candidates.get()) != 1)
    return "the certificate that signed it is not in it";
  // Whether the signer may sign is judged here, against the issuer; OpenSSL would want a trust store.
  if (OCSP_basic_verify(basic, candidates.get(), nullptr, OCSP_NOVERIFY) != 1)
    return "its signature is wrong";
  if (!same_certificate(signer, issuer) && !is_delegate(signer, issuer))
    return "whoever signed it may not speak for the certificate's CA";
  const auto from = to_wall_time(X509_get0_notBefore(signer));
  const auto until = to_wall_time(X509_get0_notAfter(signer));
  if (!from || !until) return "the certificate that signed it has no dates";
  staple.signer_from = *from;
  staple.signer_until = *until;
  return {};
}

std::string read_answer(OCSP_SINGLERESP* single, Staple& staple) {
  if (OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) >= 0)
    return "it has a critical extension that this program does not know";
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
  const auto this_update = to_wall_time(from);
  if (!this_update) return "it does not say from when it holds";
  staple.this_update = *this_update;
  staple.next_update = to_wall_time(until);
  if (until != nullptr && !staple.next_update) return "it does not say until when it holds";
  if (status == V_OCSP_CERTSTATUS_GOOD) staple.answer = Staple::Answer::kGood;
  if (status != V_OCSP_CERTSTATUS_REVOKED) return {};
  staple.answer = Staple::Answer::kRevoked;
  staple.revoked_at = to_wall_time(revoked).value_or(*this_update);
  staple.revocation_reason = revocation_reason(reason);
  return {};
}

std::string examine(base::ByteView response, const Certificate& subject, const Certificate& issuer,
                    Staple& staple) {
  const OcspResponsePtr decoded = decode(response);
  if (!decoded) return "it is no OCSP response";
  if (std::string words = refusal(decoded.get()); !words.empty()) return words;
  const OcspBasicResponsePtr basic(OCSP_response_get1_basic(decoded.get()));
  const X509Ptr subject_handle = to_x509(subject), issuer_handle = to_x509(issuer);
  if (!basic || !subject_handle || !issuer_handle) return "it is no OCSP response of the basic kind";
  OCSP_SINGLERESP* single = answer_about(basic.get(), subject_handle.get(), issuer_handle.get());
  if (single == nullptr) return "it is about another certificate";
  if (std::string problem = signature_problem(basic.get(), issuer_handle.get(), staple); !problem.empty())
    return problem;
  return read_answer(single, staple);
}

}  // namespace

Staple examine_staple(base::ByteView response, const Certificate& subject, const Certificate& issuer) {
  ERR_clear_error();
  Staple staple;
  staple.problem = examine(response, subject, issuer, staple);
  ERR_clear_error();
  return staple;
}

std::string staple_problem(const Staple& staple, base::WallTime now) {
  if (!staple.problem.empty()) return staple.problem;
  if (staple.this_update > now + kStapleSkew) return "it is dated in the future";
  if (now > staple.signer_until) return "the certificate that signed it has expired";
  if (now < staple.signer_from) return "the certificate that signed it is not valid yet";
  return {};
}

bool is_stale(const Staple& staple, base::WallTime now) {
  return staple.next_update && now > *staple.next_update + kStapleSkew;
}

}  // namespace tlswarden::pki
