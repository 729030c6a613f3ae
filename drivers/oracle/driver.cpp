#include "drivers/oracle/driver.hpp"

#include "drivers/oracle/plaintext_attempt.hpp"
#include "drivers/oracle/protocol_step.hpp"
#include "drivers/oracle/session.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using resource::NegotiationStyle;

class OracleDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kOracle}; }

  /// A listener's address is PROTOCOL=TCPS or PROTOCOL=TCP; no port is both.
  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kInBand) return {};
    return {NegotiationStyle::kDirect};
  }

  std::vector<std::string> alpn(NegotiationStyle) const override { return {}; }

  probe::ConversationPtr negotiate(const probe::Target&, NegotiationStyle) const override { return nullptr; }

  probe::ConversationPtr protocol_step(const probe::Target& target, const probe::Findings&,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(target, tls);
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target& target) const override {
    return make_plaintext_attempt(target);
  }

  probe::ConversationPtr farewell(const probe::Target&, const probe::Findings&) const override {
    return nullptr;
  }

  net::Awaitable<probe::SessionObservation> session(probe::SessionContext& context) const override {
    return run_session(context);
  }
};

}  // namespace

std::unique_ptr<probe::Driver> make_driver() {
  return std::make_unique<OracleDriver>();
}

}  // namespace tlswarden::drivers::oracle
