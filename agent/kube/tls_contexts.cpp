#include "kube/tls_contexts.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

#include "pki/bundle.hpp"
#include "pki/client_context.hpp"
#include "pki/openssl_support.hpp"
#include "pki/prepared_store.hpp"

namespace tlswarden::kube {
namespace {

base::Result<pki::TrustStorePtr> trust_of(const base::Secret& bundle, bool declared) {
  if (!declared) return pki::load_system_trust_store();
  auto parsed = pki::parse_bundle(bundle.bytes());
  if (!parsed) return base::fail("the API server's certificate authority: " + parsed.error().message);
  if (parsed->certificates.empty()) {
    return base::fail("the API server's certificate authority holds no certificate; give it as PEM");
  }
  return pki::make_trust_store(std::move(parsed->certificates), "the cluster's certificate authority");
}

void prepare(SSL_CTX& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  // kube-apiserver prefers HTTP/2 where it is offered.
  constexpr std::array<unsigned char, 9> kHttp1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(&context, kHttp1.data(), kHttp1.size());
  SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  // HTTP tells by itself where an answer ends, so a missing close_notify cuts nothing off unnoticed.
  SSL_CTX_set_options(&context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
}

}  // namespace

TlsContexts::TlsContexts(const ClusterAccess& access, const base::Clock& clock)
    : clock_(clock),
      server_name_(access.tls_server_name.empty() ? access.server.host : access.tls_server_name),
      verify_(!access.skip_verification),
      declared_(access.authority.declared()),
      authority_(access.authority, clock) {}

base::Result<TlsSettingPtr> TlsContexts::current(const IdentityPtr& identity) {
  const std::scoped_lock lock(mutex_);
  base::Secret bundle;
  if (verify_ && declared_) {
    auto content = authority_.content();
    if (!content) return base::fail("the API server's certificate authority: " + content.error().message);
    bundle = std::move(*content);
  }
  if (setting_ && setting_->identity == identity && bundle.reveal() == known_bundle_.reveal())
    return setting_;
  auto built = build(bundle, identity);
  if (!built && setting_ && setting_->identity == identity) {
    authority_.distrust(clock_.monotonic());
    if (std::exchange(problem_, built.error().message) != problem_) {
      spdlog::warn("{}; what was read before is still used", problem_);
    }
    return setting_;
  }
  if (!built) return built;
  problem_.clear();
  setting_ = *built;
  known_bundle_ = std::move(bundle);
  return setting_;
}

base::Result<TlsSettingPtr> TlsContexts::build(const base::Secret& bundle,
                                               const IdentityPtr& identity) const {
  ERR_clear_error();
  auto setting = std::make_shared<TlsSetting>();
  setting->context = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!setting->context) return base::fail("TLS cannot be set up (" + pki::openssl_reason() + ")");
  setting->server_name = server_name_;
  setting->verify = verify_;
  setting->identity = identity;
  prepare(*setting->context);
  SSL_CTX_set_verify(setting->context.get(), verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (verify_) {
    auto trust = trust_of(bundle, declared_);
    if (!trust) return tl::unexpected(trust.error());
    SSL_CTX_set1_cert_store(setting->context.get(), pki::PreparedStore(**trust).handle());
  }
  if (identity) {
    if (auto done = pki::install_client_identity(*setting->context, nullptr, *identity); !done) {
      return tl::unexpected(done.error());
    }
  }
  return setting;
}

std::string verification_problem(const SSL& connection) {
  const long result = SSL_get_verify_result(&connection);
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace tlswarden::kube
