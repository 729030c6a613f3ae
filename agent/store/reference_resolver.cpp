#include "store/reference_resolver.hpp"

#include <optional>
#include <utility>

#include "pki/bundle.hpp"
#include "pki/name_match.hpp"
#include "pki/openssl_support.hpp"
#include "pki/private_key.hpp"
#include "store/content_reader.hpp"

namespace tlswarden::store {
namespace {

constexpr base::Seconds kSystemTrustAge{600};
constexpr std::size_t kRememberedBundles = 1024;

using Problem = pki::MaterialProblem;
using resource::Reference;

/// One call of resolve(): gathers the parts and every problem on the way.
class Resolution {
 public:
  Resolution(ReferenceResolver& resolver, const ContentScope& scope, const resource::EndpointSpec& spec)
      : resolver_(resolver), scope_(scope), spec_(spec) {}

  reconcile::ResolvedMaterial run() && {
    resolve_trust();
    resolve_next_trust();
    resolve_client();
    resolve_served_certificate();
    resolve_credentials();
    resolve_tunnel();
    result_.material.revision = revision();
    return std::move(result_);
  }

 private:
  void problem(Problem::Kind kind, const char* field, std::string message) {
    result_.material.problems.push_back({kind, field, std::move(message)});
  }

  std::optional<base::Secret> take(const char* field, base::Result<base::Secret, ContentError> content) {
    if (content) return std::move(*content);
    problem(content.error().found ? Problem::Kind::kReferenceInvalid : Problem::Kind::kReferenceNotFound,
            field, std::move(content.error().message));
    return std::nullopt;
  }

  std::optional<pki::Bundle> bundle(const char* field, const Reference& reference) {
    const auto content = take(field, read_content(reference, scope_));
    std::optional<base::Secret> password;
    if (reference.password) {
      password = take(field, read_line(*reference.password, scope_));
      if (!password) return std::nullopt;
    }
    if (!content) return std::nullopt;
    auto bundle = resolver_.bundle(content->reveal(), password ? &*password : nullptr);
    if (bundle) return std::move(*bundle);
    problem(Problem::Kind::kReferenceInvalid, field,
            resource::describe(reference) + ": " + bundle.error().message);
    return std::nullopt;
  }

  void resolve_trust() {
    pki::Material& material = result_.material;
    constexpr const char* kField = "spec.tls.ca";
    material.ca_declared = spec_.tls.ca.has_value();
    if (material.ca_declared) {
      auto found = bundle(kField, *spec_.tls.ca);
      if (found) {
        material.trust =
            pki::make_trust_store(std::move(found->certificates), resource::describe(*spec_.tls.ca),
                                  std::move(found->revocation_lists));
      }
      return;
    }
    auto system = resolver_.system_trust();
    if (system) {
      material.trust = std::move(*system);
    } else {
      problem(Problem::Kind::kReferenceNotFound, kField,
              system.error().message + "; declare spec.tls.ca or install the ca-certificates package");
    }
  }

  void resolve_next_trust() {
    if (!spec_.tls.next_ca) return;
    auto found = bundle("spec.tls.nextCA", *spec_.tls.next_ca);
    if (!found) return;
    result_.material.next_trust =
        pki::make_trust_store(std::move(found->certificates), resource::describe(*spec_.tls.next_ca),
                              std::move(found->revocation_lists));
  }

  void resolve_served_certificate() {
    if (!spec_.served_certificate) return;
    auto found = bundle("spec.servedCertificate", *spec_.served_certificate);
    if (found) result_.material.served_certificate = std::move(found->certificates);
  }

  void resolve_client() {
    const resource::TlsSpec& tls = spec_.tls;
    if (tls.client_certificate) {
      auto found = bundle("spec.tls.clientCertificate", *tls.client_certificate);
      if (found) result_.material.client_certificates = std::move(found->certificates);
      if (!tls.client_key) {
        problem(Problem::Kind::kReferenceNotFound, "spec.tls.clientKey",
                "spec.tls.clientCertificate is declared without its key; declare spec.tls.clientKey as well");
      }
    } else if (tls.client_key) {
      problem(Problem::Kind::kReferenceNotFound, "spec.tls.clientCertificate",
              "spec.tls.clientKey is declared without its certificate; declare spec.tls.clientCertificate as "
              "well");
    }
    if (!tls.client_key) return;
    const auto key = client_key(*tls.client_key);
    if (key && !result_.material.client_certificates.empty()) join_identity(*key);
  }

  std::optional<pki::PrivateKeyPtr> client_key(const Reference& reference) {
    constexpr const char* kField = "spec.tls.clientKey";
    const auto content = take(kField, read_content(reference, scope_));
    std::optional<base::Secret> passphrase;
    if (spec_.tls.client_key_passphrase) {
      passphrase = take("spec.tls.clientKeyPassphrase", read_line(*spec_.tls.client_key_passphrase, scope_));
      // Trying the key without it would only add a second, misleading problem.
      if (!passphrase) return std::nullopt;
    }
    if (!content) return std::nullopt;
    auto key = pki::parse_private_key(*content, passphrase ? &*passphrase : nullptr);
    if (key) return std::move(*key);
    const bool passphrase_wrong = key.error().kind == pki::KeyError::Kind::kPassphraseIncorrect;
    Problem found =
        pki::make_key_problem(key.error(), passphrase_wrong ? "spec.tls.clientKeyPassphrase" : kField);
    found.message = resource::describe(reference) + ": " + found.message;
    result_.material.problems.push_back(std::move(found));
    return std::nullopt;
  }

  void join_identity(const pki::PrivateKeyPtr& key) {
    auto identity = pki::make_client_identity(result_.material.client_certificates, key);
    if (identity) {
      result_.material.client = std::move(*identity);
    } else {
      result_.material.problems.push_back(std::move(identity.error()));
    }
  }

  void resolve_credentials() {
    if (!spec_.auth || (!spec_.auth->username && !spec_.auth->password)) return;
    auto credentials = std::make_shared<probe::Credentials>();
    const bool name_read = read_credential("spec.auth.username", spec_.auth->username, credentials->username);
    const bool password_read =
        read_credential("spec.auth.password", spec_.auth->password, credentials->password);
    if (name_read && password_read) result_.credentials = std::move(credentials);
  }

  void resolve_tunnel() {
    if (!spec_.ssh_tunnel) return;
    const resource::SshTunnelSpec& tunnel = *spec_.ssh_tunnel;
    auto bastion = std::make_shared<net::SshSettings>();
    bastion->host = pki::to_ascii_name(tunnel.host);
    bastion->port = tunnel.port;
    bastion->user = tunnel.user;
    if (tunnel.known_hosts) {
      const auto lines = take("spec.tunnel.ssh.knownHosts", read_content(*tunnel.known_hosts, scope_));
      if (lines) bastion->known_hosts = lines->reveal();
    }
    if (tunnel.key_passphrase)
      bastion->passphrase = take("spec.tunnel.ssh.keyPassphrase", read_line(*tunnel.key_passphrase, scope_));
    auto key = tunnel.key ? take("spec.tunnel.ssh.key", read_content(*tunnel.key, scope_)) : std::nullopt;
    const bool openable = !tunnel.key_passphrase || bastion->passphrase;
    if (key && openable) bastion->key = std::move(*key);
    result_.bastion = std::move(bastion);
  }

  bool read_credential(const char* field, const std::optional<Reference>& reference, base::Secret& into) {
    if (!reference) return true;
    auto content = take(field, read_line(*reference, scope_));
    if (!content) return false;
    into = std::move(*content);
    return true;
  }

  /// Of what was parsed rather than of the bytes: a comment added to a bundle changes nothing that a
  /// handshake sees.
  std::string revision() const {
    const pki::Material& material = result_.material;
    std::string text = material.trust ? material.trust->fingerprint : "-";
    for (const pki::CertificatePtr& certificate : material.client_certificates) {
      text += "/" + certificate->facts.sha256;
    }
    if (material.client) text += "/" + material.client->key->spki_sha256();
    return text;
  }

  ReferenceResolver& resolver_;
  const ContentScope& scope_;
  const resource::EndpointSpec& spec_;
  reconcile::ResolvedMaterial result_;
};

}  // namespace

ReferenceResolver::ReferenceResolver(DocumentsPtr documents, const base::Clock& clock,
                                     SystemTrust system_trust)
    : clock_(clock),
      load_system_trust_(std::move(system_trust)),
      documents_(documents ? std::move(documents) : std::make_shared<const Documents>()) {}

reconcile::ResolvedMaterial ReferenceResolver::resolve(const resource::DatabaseEndpoint& endpoint) {
  const DocumentsPtr documents = [this] {
    const std::scoped_lock lock(mutex_);
    return documents_;
  }();
  const auto directory = documents->directories.find(endpoint.key());
  const ContentScope scope{
      *documents, endpoint.metadata.ns,
      directory == documents->directories.end() ? std::filesystem::path() : directory->second};
  return Resolution(*this, scope, endpoint.spec).run();
}

void ReferenceResolver::replace(DocumentsPtr documents) {
  const std::scoped_lock lock(mutex_);
  documents_ = std::move(documents);
}

base::Result<pki::TrustStorePtr> ReferenceResolver::system_trust() {
  const std::scoped_lock lock(mutex_);
  const base::MonoTime now = clock_.monotonic();
  if (system_trust_ && now - system_trust_read_ < kSystemTrustAge) return system_trust_;
  auto loaded = load_system_trust_();
  if (loaded) {
    // The same pointer for the same content keeps caches that hang on it warm.
    if (!system_trust_ || system_trust_->fingerprint != (*loaded)->fingerprint) system_trust_ = *loaded;
    system_trust_read_ = now;
    return system_trust_;
  }
  return loaded;
}

base::Result<pki::Bundle, pki::BundleError> ReferenceResolver::bundle(std::string_view content,
                                                                      const base::Secret* password) {
  // The digest ends the key, so that no content and password can be taken for another pair.
  const std::string key = std::string(content) +
                          (password != nullptr ? pki::sha256_hex(password->bytes()) : std::string(64, '-'));
  {
    const std::scoped_lock lock(mutex_);
    const auto known = bundles_.find(key);
    if (known != bundles_.end()) return known->second;
  }
  auto parsed = pki::parse_bundle(base::as_bytes(content), password);
  // A bundle may hold a private key beside its certificates; such content is not kept.
  if (parsed && !parsed->key && content.find("PRIVATE KEY") == std::string_view::npos) {
    const std::scoped_lock lock(mutex_);
    if (bundles_.size() >= kRememberedBundles) bundles_.clear();
    bundles_.emplace(key, *parsed);
  }
  return parsed;
}

}  // namespace tlswarden::store
