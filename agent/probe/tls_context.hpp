#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "pki/material.hpp"
#include "pki/openssl.hpp"
#include "resource/engine.hpp"

namespace tlswarden::probe {

/// What distinguishes one kind of handshake from another.
struct TlsSetting {
  resource::TlsVersion floor = resource::TlsVersion::kTls10;
  std::vector<std::string> alpn;                  ///< in the order of preference; empty: no such extension
  std::optional<resource::TlsVersion> ceiling{};  ///< unset: the newest there is
};

/// A client's SSL_CTX, shared by all handshakes of one setting. Keeps its library context alive.
class TlsContext {
 public:
  TlsContext(std::shared_ptr<OSSL_LIB_CTX> library, pki::SslContextPtr context, bool presents_certificate)
      : library_(std::move(library)),
        context_(std::move(context)),
        presents_certificate_(presents_certificate) {}

  SSL_CTX* get() const { return context_.get(); }
  /// Whether a client certificate answers the server's request for one.
  bool presents_certificate() const { return presents_certificate_; }

 private:
  std::shared_ptr<OSSL_LIB_CTX> library_;
  pki::SslContextPtr context_;
  bool presents_certificate_;
};
using TlsContextPtr = std::shared_ptr<const TlsContext>;

/// What OpenSSL reports while a handshake is under way.
struct HandshakeNotes {
  bool certificate_requested = false;  ///< a CertificateRequest arrived
  /// The server handed out a session ticket. In TLS 1.3, where it asked for a client certificate, it does so
  /// only after it has processed the client's (RFC 8446 section 4.6.1).
  bool ticket_received = false;
};

/// Makes contexts that see as much as can be seen: weak protocols and ciphers are allowed (OpenSSL security
/// level 0, TLS 1.0 unless the setting's floor is higher), no certificate is refused, because what was served
/// is judged afterwards. Sessions are not resumed. One per worker thread, with a library context of its own,
/// because OpenSSL 3.0 takes that context's locks at every step; not thread-safe.
class TlsContexts {
 public:
  TlsContexts();

  /// The context for `setting` that presents `identity`; null: none.
  base::Result<TlsContextPtr> get(const TlsSetting& setting, const pki::ClientIdentity* identity);

 private:
  base::Result<TlsContextPtr> make(const TlsSetting& setting, const pki::ClientIdentity* identity) const;

  std::shared_ptr<OSSL_LIB_CTX> library_;
  std::unordered_map<std::string, TlsContextPtr> contexts_;
};

/// A handshake in the making: `server_name` is sent as SNI when it is a DNS name (its A-label form; RFC 6066
/// section 3 knows no IP addresses there). `notes` must outlive it. Null when memory is short.
pki::SslPtr make_client_ssl(const TlsContext& context, std::string_view server_name, HandshakeNotes& notes);

}  // namespace tlswarden::probe
