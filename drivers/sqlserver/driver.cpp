#include "drivers/sqlserver/driver.hpp"

#include "drivers/sqlserver/handshake_packets.hpp"
#include "drivers/sqlserver/library_login.hpp"
#include "drivers/sqlserver/negotiation.hpp"
#include "drivers/sqlserver/session.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using resource::NegotiationStyle;

/// In band is TDS 7, direct is TDS 8.0 ("strict").
class SqlServerDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kSqlserver}; }

  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kAuto) return {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
    return {declared};
  }

  std::vector<std::string> alpn(NegotiationStyle style) const override {
    if (style == NegotiationStyle::kDirect) return {"tds/8.0"};
    return {};
  }

  /// TLS 1.3 needs TDS 8.0: what a server sends after its handshake no longer fits into TDS 7's packets, and
  /// clients break over it.
  std::optional<resource::TlsVersion> newest_tls(NegotiationStyle style) const override {
    if (style == NegotiationStyle::kDirect) return std::nullopt;
    return resource::TlsVersion::kTls12;
  }

  probe::HandshakeFramingPtr handshake_framing(NegotiationStyle style) const override {
    return style == NegotiationStyle::kDirect ? nullptr : make_handshake_packets();
  }

  probe::ConversationPtr negotiate(const probe::Target& /*target*/, NegotiationStyle style) const override {
    return style == NegotiationStyle::kDirect ? nullptr : make_negotiation();
  }

  /// TDS 7 goes on with the login at once; close_notify is all that its server expects of anyone else.
  probe::ConversationPtr protocol_step(const probe::Target& /*target*/, const probe::Findings& /*negotiated*/,
                                       const probe::TlsObservation& tls) const override {
    return tls.style == NegotiationStyle::kDirect ? make_strict_step(tls) : nullptr;
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target& /*target*/) const override {
    return make_plaintext_attempt();
  }

  probe::ConversationPtr farewell(const probe::Target& /*target*/,
                                  const probe::Findings& /*negotiated*/) const override {
    return nullptr;
  }

  net::Awaitable<probe::SessionObservation> session(probe::SessionContext& context) const override {
    return log_in(context);
  }
};

}  // namespace

std::unique_ptr<probe::Driver> make_driver() {
  forget_library_environment();
  return std::make_unique<SqlServerDriver>();
}

}  // namespace tlswarden::drivers::sqlserver
