#include "probe/tls_context.hpp"

#include <algorithm>

#include "pki/client_context.hpp"
#include "pki/name_match.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::size_t kMostContexts = 256;
constexpr const char* kCiphers = "ALL:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0";
// A key share is made for the first group only: X25519 costs least and nearly every server takes it.
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
constexpr const char* kGroups = "X25519:P-256:P-384:P-521:X25519MLKEM768";
#else
constexpr const char* kGroups = "X25519:P-256:P-384:P-521";
#endif

int version_number(resource::TlsVersion version) {
  switch (version) {
    case resource::TlsVersion::kTls10:
      return TLS1_VERSION;
    case resource::TlsVersion::kTls11:
      return TLS1_1_VERSION;
    case resource::TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case resource::TlsVersion::kTls13:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

/// RFC 7301 section 3.1: each name behind its length. Names that cannot be sent are left out.
std::string alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) continue;
    wire.push_back(static_cast<char>(name.size()));
    wire += name;
  }
  return wire;
}

/// The key belongs to the first certificate, so the certificates say it all.
std::string cache_key(const TlsSetting& setting, const pki::ClientIdentity* identity) {
  std::string key(resource::to_string(setting.floor));
  if (setting.ceiling) key += '-' + std::string(resource::to_string(*setting.ceiling));
  key += '/' + alpn_wire(setting.alpn);
  if (identity == nullptr) return key;
  for (const pki::CertificatePtr& certificate : identity->chain)
    key += '/' + certificate->facts.sha256;
  return key;
}

int accept_any_chain(X509_STORE_CTX* /*store*/, void* /*unused*/) {
  return 1;
}

/// Runs on a client only when the server asked; going on without a certificate is fine.
int note_certificate_request(SSL* /*ssl*/, void* notes) {
  static_cast<HandshakeNotes*>(notes)->certificate_requested = true;
  return 1;
}

/// The answer 0 leaves the session to OpenSSL, which keeps none here.
int note_ticket(SSL* ssl, SSL_SESSION* /*session*/) {
  static_cast<HandshakeNotes*>(SSL_get_app_data(ssl))->ticket_received = true;
  return 0;
}

void configure(SSL_CTX* context, const TlsSetting& setting) {
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, version_number(setting.floor));
  if (setting.ceiling) SSL_CTX_set_max_proto_version(context, version_number(*setting.ceiling));
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any_chain, nullptr);
  // A renegotiated handshake could bring another certificate than the one that was judged.
  SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_NO_COMPRESSION);
  // RFC 6066 section 8: the server's proof that its certificate is not revoked, if it has one.
  SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, note_ticket);
  const std::string alpn = alpn_wire(setting.alpn);
  if (!alpn.empty()) {
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned>(alpn.size()));
  }
}

}  // namespace

TlsContexts::TlsContexts() : library_(OSSL_LIB_CTX_new(), OSSL_LIB_CTX_free) {}

base::Result<TlsContextPtr> TlsContexts::get(const TlsSetting& setting, const pki::ClientIdentity* identity) {
  const std::string key = cache_key(setting, identity);
  if (const auto found = contexts_.find(key); found != contexts_.end()) return found->second;
  auto made = make(setting, identity);
  if (!made) return made;
  // Settings are few; only client certificates that come and go can fill this.
  if (contexts_.size() >= kMostContexts) {
    std::erase_if(contexts_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }
  contexts_.emplace(key, *made);
  return made;
}

base::Result<TlsContextPtr> TlsContexts::make(const TlsSetting& setting,
                                              const pki::ClientIdentity* identity) const {
  pki::SslContextPtr context(SSL_CTX_new_ex(library_.get(), nullptr, TLS_client_method()));
  if (!context) return base::fail("OpenSSL cannot make a TLS context: " + pki::openssl_reason());
  configure(context.get(), setting);
  if (identity != nullptr) {
    if (auto installed = pki::install_client_identity(*context, library_.get(), *identity); !installed) {
      return tl::unexpected(installed.error());
    }
  }
  return std::make_shared<const TlsContext>(library_, std::move(context), identity != nullptr);
}

pki::SslPtr make_client_ssl(const TlsContext& context, std::string_view server_name, HandshakeNotes& notes) {
  pki::SslPtr ssl(SSL_new(context.get()));
  if (!ssl) return ssl;
  SSL_set_connect_state(ssl.get());
  SSL_set_app_data(ssl.get(), &notes);
  SSL_set_cert_cb(ssl.get(), note_certificate_request, &notes);
  if (server_name.empty() || pki::is_ip_literal(server_name)) return ssl;
  std::string name = pki::to_ascii_name(server_name);
  if (name.ends_with('.')) name.pop_back();
  constexpr std::size_t kLongestName = 253;
  if (!name.empty() && name.size() <= kLongestName && name.find('\0') == std::string::npos) {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
  }
  return ssl;
}

}  // namespace tlswarden::probe
