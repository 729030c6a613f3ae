#include "store/resolution.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time_text.hpp"
#include "pki/name_match.hpp"
#include "pki/private_key.hpp"
#include "store/reference_reader.hpp"

namespace tlswarden::store {
namespace {

using Problem = pki::MaterialProblem;
using resource::Reference;

constexpr const char* kCertificate = "spec.tls.clientCertificate";
constexpr const char* kKey = "spec.tls.clientKey";
constexpr const char* kPassphrase = "spec.tls.clientKeyPassphrase";

bool same_place(const Reference& a, const Reference& b) {
  return a.kind == b.kind && a.name == b.name && a.key == b.key && a.text == b.text;
}

/// Certificate, key and passphrase may each be sound and yet not be those of one rotation.
bool belongs_elsewhere(const Problem& problem) {
  return problem.kind == Problem::Kind::kKeyMismatch || problem.kind == Problem::Kind::kPassphraseIncorrect ||
         problem.kind == Problem::Kind::kKeyEncrypted;
}

/// What is wrong, what holds meanwhile, what to do.
std::string with_last_good(const std::string& message, base::WallTime read_at) {
  const std::string addition =
      " (what it held on " + base::format_rfc3339(read_at) + ", when it was last good, is used meanwhile)";
  const std::size_t end = std::min(message.find("; "), message.find_last_not_of('.') + 1);
  return message.substr(0, end) + addition + message.substr(end);
}

class Resolution {
 public:
  Resolution(const ResolutionMemory& memory, const ContentScope& scope,
             const resource::DatabaseEndpoint& endpoint)
      : memory_(memory), reader_(memory.cache, scope), uid_(endpoint.metadata.uid), spec_(endpoint.spec) {}

  reconcile::ResolvedMaterial run() && {
    material_.ca_declared = spec_.tls.ca.has_value();
    material_.trust =
        material_.ca_declared ? store(Part::kTrust, "spec.tls.ca", spec_.tls.ca) : system_store();
    material_.next_trust = store(Part::kNextTrust, "spec.tls.nextCA", spec_.tls.next_ca);
    resolve_served_certificate();
    resolve_client();
    resolve_credentials();
    resolve_tunnel();
    material_.revision = revision();
    return std::move(result_);
  }

 private:
  /// Takes `content` over, or what the part last held that was good.
  PartContent settled(Part part, const std::string& declared, PartContent content, Problems problems) {
    if (problems.empty()) {
      memory_.last_good.good(uid_, part, declared, content);
      return content;
    }
    const bool half_rotated = std::all_of(problems.begin(), problems.end(), belongs_elsewhere);
    auto ruling = memory_.last_good.bad(uid_, part, declared, half_rotated);
    if (ruling && !ruling->counts) {
      result_.look_again = std::min(result_.look_again.value_or(ruling->look_again), ruling->look_again);
      return std::move(ruling->content);
    }
    for (Problem& problem : problems) {
      if (ruling) {
        problem.last_good_kept = true;
        problem.message = with_last_good(problem.message, ruling->read_at);
      }
      material_.problems.push_back(std::move(problem));
    }
    return ruling ? std::move(ruling->content) : content;
  }

  pki::TrustStorePtr store(Part part, const char* field, const std::optional<Reference>& reference) {
    if (!reference) return nullptr;
    Problems problems;
    PartContent content;
    if (const auto found = reader_.bundle(field, *reference, problems))
      content.trust = memory_.cache.trust_store(found->name, found->bundle, resource::describe(*reference));
    return settled(part, reader_.declaration(reference), std::move(content), std::move(problems)).trust;
  }

  pki::TrustStorePtr system_store() {
    auto system = memory_.system_trust();
    if (system) return std::move(*system);
    material_.problems.push_back(
        {Problem::Kind::kReferenceNotFound, "spec.tls.ca",
         system.error().message + "; declare spec.tls.ca or install the ca-certificates package"});
    return nullptr;
  }

  void resolve_served_certificate() {
    if (!spec_.served_certificate) return;
    Problems problems;
    PartContent content;
    if (auto found = reader_.bundle("spec.servedCertificate", *spec_.served_certificate, problems))
      content.certificates = std::move(found->bundle.certificates);
    material_.served_certificate =
        settled(Part::kServedCertificate, reader_.declaration(spec_.served_certificate), std::move(content),
                std::move(problems))
            .certificates;
  }

  void resolve_client() {
    const resource::TlsSpec& tls = spec_.tls;
    if (!tls.client_certificate && !tls.client_key) return;
    Problems problems;
    PartContent content;
    std::optional<NamedBundle> found;
    if (tls.client_certificate) {
      found = reader_.bundle(kCertificate, *tls.client_certificate, problems);
    } else {
      problems.push_back({Problem::Kind::kReferenceNotFound, kCertificate,
                          "spec.tls.clientKey is declared without its certificate; declare "
                          "spec.tls.clientCertificate as well"});
    }
    if (found) content.certificates = found->bundle.certificates;
    const pki::PrivateKeyPtr key = client_key(found ? &found->bundle : nullptr, problems);
    if (key && !content.certificates.empty()) {
      auto identity = pki::make_client_identity(content.certificates, key);
      if (identity)
        content.client = std::move(*identity);
      else
        problems.push_back(std::move(identity.error()));
    }
    const std::string declared = reader_.declaration(tls.client_certificate) + "|" +
                                 reader_.declaration(tls.client_key) + "|" +
                                 reader_.declaration(tls.client_key_passphrase);
    content = settled(Part::kClient, declared, std::move(content), std::move(problems));
    material_.client_certificates = std::move(content.certificates);
    material_.client = std::move(content.client);
    note_key_file();
  }

  /// `bundle` is that of the certificate; null where it cannot be read.
  pki::PrivateKeyPtr client_key(const pki::Bundle* bundle, Problems& problems) {
    const resource::TlsSpec& tls = spec_.tls;
    const bool in_one =
        tls.client_certificate && (!tls.client_key || same_place(*tls.client_certificate, *tls.client_key));
    if (in_one && bundle != nullptr && bundle->key) return bundle->key;
    // One file that cannot be read is one problem.
    if (in_one && bundle == nullptr) return nullptr;
    if (tls.client_key) return declared_key(*tls.client_key, problems);
    if (bundle != nullptr) {
      problems.push_back({Problem::Kind::kReferenceNotFound, kKey,
                          "spec.tls.clientCertificate is declared without its key; declare "
                          "spec.tls.clientKey as well, or a PKCS#12 or JKS key store that holds both"});
    }
    return nullptr;
  }

  pki::PrivateKeyPtr declared_key(const Reference& reference, Problems& problems) {
    const auto content = reader_.content(kKey, reference, problems);
    std::optional<base::Secret> passphrase;
    if (spec_.tls.client_key_passphrase) {
      passphrase = reader_.line(kPassphrase, *spec_.tls.client_key_passphrase, problems);
      // Trying the key without it would only add a second, misleading problem.
      if (!passphrase) return nullptr;
    }
    if (!content) return nullptr;
    auto key = pki::parse_private_key(*content, passphrase ? &*passphrase : nullptr);
    if (key) return std::move(*key);
    const bool passphrase_wrong = key.error().kind == pki::KeyError::Kind::kPassphraseIncorrect;
    Problem found = pki::make_key_problem(key.error(), passphrase_wrong ? kPassphrase : kKey);
    found.message = resource::describe(reference) + ": " + found.message;
    problems.push_back(std::move(found));
    return nullptr;
  }

  void note_key_file() {
    const auto& reference = spec_.tls.client_key;
    if (!reference || reference->kind != Reference::Kind::kFile) return;
    const auto permitted = permitted_file(*reference, reader_.scope());
    if (!permitted) return;
    const std::filesystem::path file = file_of(*reference, reader_.scope().directory);
    if (const auto stamp = base::stamp_of(*permitted)) {
      constexpr mode_t kPermissions = 07777;
      material_.client_key_file =
          pki::KeyFile{file.string(), static_cast<unsigned>(stamp->mode & kPermissions), stamp->owner == 0};
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

  bool read_credential(const char* field, const std::optional<Reference>& reference, base::Secret& into) {
    if (!reference) return true;
    auto content = reader_.line(field, *reference, material_.problems);
    if (!content) return false;
    into = std::move(*content);
    return true;
  }

  void resolve_tunnel() {
    if (!spec_.ssh_tunnel) return;
    const resource::SshTunnelSpec& tunnel = *spec_.ssh_tunnel;
    Problems& problems = material_.problems;
    auto bastion = std::make_shared<net::SshSettings>();
    bastion->host = pki::to_ascii_name(tunnel.host);
    bastion->port = tunnel.port;
    bastion->user = tunnel.user;
    if (tunnel.known_hosts) {
      const auto lines = reader_.content("spec.tunnel.ssh.knownHosts", *tunnel.known_hosts, problems);
      if (lines) bastion->known_hosts = lines->reveal();
    }
    if (tunnel.key_passphrase)
      bastion->passphrase = reader_.line("spec.tunnel.ssh.keyPassphrase", *tunnel.key_passphrase, problems);
    auto key = tunnel.key ? reader_.content("spec.tunnel.ssh.key", *tunnel.key, problems) : std::nullopt;
    const bool openable = !tunnel.key_passphrase || bastion->passphrase;
    if (key && openable) bastion->key = std::move(*key);
    result_.bastion = std::move(bastion);
  }

  /// Of what was parsed rather than of the bytes: a comment added to a bundle changes nothing that a
  /// handshake sees.
  std::string revision() const {
    std::string text = material_.trust ? material_.trust->fingerprint : "-";
    for (const pki::CertificatePtr& certificate : material_.client_certificates) {
      text += "/" + certificate->facts.sha256;
    }
    if (material_.client) text += "/" + material_.client->key->spki_sha256();
    return text;
  }

  const ResolutionMemory& memory_;
  const ReferenceReader reader_;
  const std::string& uid_;
  const resource::EndpointSpec& spec_;
  reconcile::ResolvedMaterial result_;
  pki::Material& material_ = result_.material;
};

}  // namespace

reconcile::ResolvedMaterial resolve_material(const resource::DatabaseEndpoint& endpoint,
                                             const ContentScope& scope, const ResolutionMemory& memory) {
  return Resolution(memory, scope, endpoint).run();
}

}  // namespace tlswarden::store
