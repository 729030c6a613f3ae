#include "drivers/postgresql/driver.hpp"

#include "drivers/postgresql/negotiation.hpp"
#include "drivers/postgresql/plaintext_attempt.hpp"
#include "drivers/postgresql/protocol_step.hpp"
#include "drivers/postgresql/session.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using resource::NegotiationStyle;

class PostgresqlDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override {
    using resource::Engine;
    return {Engine::kPostgresql, Engine::kRedshift, Engine::kCockroachdb};
  }

  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kAuto) return {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
    return {declared};
  }

  /// Demanded by direct TLS; after SSLRequest harmless, and sent by libpq 17 too.
  std::vector<std::string> alpn(NegotiationStyle) const override { return {"postgresql"}; }

  probe::ConversationPtr negotiate(const probe::Target&, NegotiationStyle style) const override {
    return style == NegotiationStyle::kDirect ? nullptr : make_negotiation();
  }

  probe::ConversationPtr protocol_step(const probe::Target& target, const probe::Findings&,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(target, tls);
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target& target) const override {
    return make_plaintext_attempt(target);
  }

  /// The server logs nothing when the stream ends after its 'N'.
  probe::ConversationPtr farewell(const probe::Target&, const probe::Findings&) const override {
    return nullptr;
  }

  net::Awaitable<probe::SessionObservation> session(probe::SessionContext& context) const override {
    return run_session(context);
  }
};

}  // namespace

std::unique_ptr<probe::Driver> make_driver() {
  return std::make_unique<PostgresqlDriver>();
}

}  // namespace tlswarden::drivers::postgresql
