#include "pki/material.hpp"

#include <algorithm>
#include <utility>

#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

/// Equal encodings mean equal keys; one key can also be encoded in two ways (a compressed curve point, RFC
/// 5480 section 2.2), which only a comparison of the keys themselves tells.
bool belongs_to(const PrivateKey& key, const Certificate& certificate) {
  if (certificate.facts.spki_sha256 == key.spki_sha256()) return true;
  if (certificate.facts.key != key.kind()) return false;
  const X509Ptr handle = to_x509(certificate);
  const base::ByteView der = key.pkcs8_der().bytes();
  const unsigned char* position = der.data();
  const PkeyPtr own(d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size())));
  const EVP_PKEY* certified = handle ? X509_get0_pubkey(handle.get()) : nullptr;
  const bool equal = certified != nullptr && own && EVP_PKEY_eq(certified, own.get()) == 1;
  ERR_clear_error();
  return equal;
}

MaterialProblem mismatch(const Chain& chain, const PrivateKey& key) {
  MaterialProblem problem{MaterialProblem::Kind::kKeyMismatch, "spec.tls.clientKey", {}};
  const auto owner = std::find_if(chain.begin(), chain.end(), [&](const CertificatePtr& certificate) {
    return belongs_to(key, *certificate);
  });
  if (owner != chain.end()) {
    problem.message = "the client key belongs to certificate " + std::to_string(owner - chain.begin() + 1) +
                      " of the client certificate's file (" + (*owner)->facts.subject +
                      "); put that certificate first";
  } else {
    problem.message = "the client key (" + key.kind() + ") does not belong to the client certificate (" +
                      chain.front()->facts.subject + ", " + chain.front()->facts.key +
                      "); declare the key that the certificate was issued for";
  }
  return problem;
}

}  // namespace

base::Result<ClientIdentity, MaterialProblem> make_client_identity(Chain chain, PrivateKeyPtr key) {
  if (chain.empty()) {
    return tl::unexpected<MaterialProblem>(MaterialProblem{MaterialProblem::Kind::kReferenceInvalid,
                                                           "spec.tls.clientCertificate",
                                                           "there is no client certificate in the content"});
  }
  if (!key) {
    return tl::unexpected<MaterialProblem>(MaterialProblem{
        MaterialProblem::Kind::kReferenceInvalid, "spec.tls.clientKey", "the client certificate has no key"});
  }
  if (!belongs_to(*key, *chain.front())) {
    return tl::unexpected<MaterialProblem>(mismatch(chain, *key));
  }
  return ClientIdentity{std::move(chain), std::move(key)};
}

bool concerns(const MaterialProblem& problem, std::string_view field) {
  const std::string_view about = problem.field;
  return about == field || (about.starts_with(field) && about.substr(field.size()) == ".password");
}

const MaterialProblem* client_problem(const Material& material) {
  for (const MaterialProblem& problem : material.problems) {
    for (const char* field :
         {"spec.tls.clientCertificate", "spec.tls.clientKey", "spec.tls.clientKeyPassphrase"}) {
      if (!problem.last_good_kept && concerns(problem, field)) return &problem;
    }
  }
  return nullptr;
}

MaterialProblem make_key_problem(const KeyError& error, std::string field) {
  MaterialProblem::Kind kind = MaterialProblem::Kind::kReferenceInvalid;
  if (error.kind == KeyError::Kind::kEncrypted) kind = MaterialProblem::Kind::kKeyEncrypted;
  if (error.kind == KeyError::Kind::kPassphraseIncorrect) kind = MaterialProblem::Kind::kPassphraseIncorrect;
  return {kind, std::move(field), error.message};
}

}  // namespace tlswarden::pki
