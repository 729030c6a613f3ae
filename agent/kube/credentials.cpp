#include "kube/credentials.hpp"

#include <utility>

namespace tlswarden::kube {
namespace {

/// kubelet renews a token at 80 % of a life of at least 10 minutes; client-go asks for it as often.
constexpr base::Seconds kTokenInterval{50};

}  // namespace

Credentials::Credentials(const ClusterAccess& access, const base::Clock& clock) {
  if (!access.server.secure) return;
  if (access.client_certificate.declared()) {
    certificate_.emplace(access.client_certificate, access.client_key, clock);
  }
  if (!access.token.empty()) {
    static_token_ = access.token.copy();
  } else if (!access.token_file.empty()) {
    token_file_.emplace(access.token_file, kTokenInterval, clock);
  } else if (!access.exec.empty()) {
    const ExecPlugin& plugin = access.exec.front();
    exec_.emplace(plugin, plugin.wants_cluster ? exec_cluster_info(access) : std::string(), clock);
  }
}

base::Result<Grant> Credentials::current(const Cancellation& cancellation) {
  Grant grant{.token = static_token_.copy(), .identity = nullptr};
  if (token_file_) {
    auto token = token_file_->content();
    if (!token) return base::fail("the token for the API server: " + token.error().message);
    grant.token = std::move(*token);
  }
  if (exec_) {
    auto obtained = exec_->current(cancellation);
    if (!obtained) return tl::unexpected(obtained.error());
    grant = Grant{std::move(obtained->token), std::move(obtained->identity)};
  }
  if (certificate_) {
    auto identity = certificate_->current();
    if (!identity) return tl::unexpected(identity.error());
    grant.identity = *identity;
  }
  return grant;
}

void Credentials::rejected(base::MonoTime moment) {
  if (token_file_) token_file_->distrust(moment);
  if (exec_) exec_->distrust(moment);
}

}  // namespace tlswarden::kube
