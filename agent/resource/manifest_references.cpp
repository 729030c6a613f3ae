#include "resource/manifest_references.hpp"

namespace tlswarden::resource {

void for_each_reference(const EndpointSpec& spec,
                        const std::function<void(const std::string&, const Reference&)>& visit) {
  const auto offer = [&](const std::string& field, const std::optional<Reference>& reference) {
    if (!reference) return;
    visit(field, *reference);
    if (reference->password) visit(field + ".password", *reference->password);
  };
  offer("spec.tls.ca", spec.tls.ca);
  offer("spec.tls.nextCA", spec.tls.next_ca);
  offer("spec.tls.clientCertificate", spec.tls.client_certificate);
  offer("spec.tls.clientKey", spec.tls.client_key);
  offer("spec.tls.clientKeyPassphrase", spec.tls.client_key_passphrase);
  if (spec.auth) {
    offer("spec.auth.username", spec.auth->username);
    offer("spec.auth.password", spec.auth->password);
  }
  offer("spec.servedCertificate", spec.served_certificate);
  if (spec.ssh_tunnel) {
    offer("spec.tunnel.ssh.key", spec.ssh_tunnel->key);
    offer("spec.tunnel.ssh.keyPassphrase", spec.ssh_tunnel->key_passphrase);
    offer("spec.tunnel.ssh.knownHosts", spec.ssh_tunnel->known_hosts);
  }
}

}  // namespace tlswarden::resource
