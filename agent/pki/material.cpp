#include "pki/material.hpp"

#include <algorithm>
#include <utility>

namespace tlswarden::pki {
namespace {

MaterialProblem mismatch(const Chain& chain, const PrivateKey& key) {
  MaterialProblem problem{MaterialProblem::Kind::kKeyMismatch, "spec.tls.clientKey", {}};
  const auto owner = std::find_if(chain.begin(), chain.end(), [&](const CertificatePtr& certificate) {
    return certificate->facts.spki_sha256 == key.spki_sha256();
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
  if (chain.front()->facts.spki_sha256 != key->spki_sha256()) {
    return tl::unexpected<MaterialProblem>(mismatch(chain, *key));
  }
  return ClientIdentity{std::move(chain), std::move(key)};
}

MaterialProblem make_key_problem(const KeyError& error, std::string field) {
  MaterialProblem::Kind kind = MaterialProblem::Kind::kReferenceInvalid;
  if (error.kind == KeyError::Kind::kEncrypted) kind = MaterialProblem::Kind::kKeyEncrypted;
  if (error.kind == KeyError::Kind::kPassphraseIncorrect) kind = MaterialProblem::Kind::kPassphraseIncorrect;
  return {kind, std::move(field), error.message};
}

}  // namespace tlswarden::pki
