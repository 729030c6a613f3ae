#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/private_key.hpp"
#include "pki/trust_store.hpp"

namespace tlswarden::pki {

/// A client certificate with its chain and key; the two are known to match.
struct ClientIdentity {
  Chain chain;  ///< leaf first
  PrivateKeyPtr key;
};

/// A piece of declared material that cannot be used.
struct MaterialProblem {
  enum class Kind {
    kReferenceNotFound,  ///< the Secret, key, file or variable is not there
    kReferenceInvalid,   ///< it is there but not what the field needs
    kKeyMismatch,        ///< clientKey does not belong to clientCertificate
    kKeyEncrypted,       ///< clientKey is encrypted and no passphrase is declared
    kPassphraseIncorrect,
  };
  Kind kind = Kind::kReferenceNotFound;
  std::string field;    ///< "spec.tls.ca"
  std::string message;  ///< says which reference and what to do
  /// The content was usable before: what it held then is in the material, and this problem says so.
  bool last_good_kept = false;
};

/// Pairs a certificate chain (leaf first) with its key. Where they do not match, the problem is kKeyMismatch
/// of "spec.tls.clientKey"; where another certificate of the chain matches, the message says that the order
/// is wrong.
base::Result<ClientIdentity, MaterialProblem> make_client_identity(Chain chain, PrivateKeyPtr key);

/// The problem that an unreadable key stands for, with the parser's words.
MaterialProblem make_key_problem(const KeyError& error, std::string field);

/// Whether the problem is about `field` or about the password of a key store that it names.
bool concerns(const MaterialProblem& problem, std::string_view field);

/// The file that spec.tls.clientKey names.
struct KeyFile {
  std::string path;
  unsigned mode = 0;  ///< its permission bits
  bool owned_by_root = false;
};

/// Everything the spec refers to that the TLS side needs, loaded. Copyable: the parts are shared and
/// immutable.
struct Material {
  TrustStorePtr trust;       ///< declared CA, or the system's store; null only with a problem for spec.tls.ca
  bool ca_declared = false;  ///< spec.tls.ca is set
  std::optional<ClientIdentity> client;
  /// Certificates of spec.tls.clientCertificate even where the key cannot be used: their dates still matter.
  Chain client_certificates;
  std::optional<KeyFile> client_key_file;  ///< nothing where the key is declared in another form
  TrustStorePtr next_trust;  ///< spec.tls.nextCA; null where it is not declared or cannot be used
  Chain served_certificate;  ///< spec.servedCertificate, leaf first; empty where not declared or unusable
  std::vector<MaterialProblem> problems;
  std::string revision;  ///< changes when any content changes; for caches of SSL_CTX
};

/// The problem that keeps the client's own certificate or key from being used; null when there is none, or
/// when the last good pair is used meanwhile.
const MaterialProblem* client_problem(const Material& material);

}  // namespace tlswarden::pki
