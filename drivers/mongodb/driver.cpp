#include "drivers/mongodb/driver.hpp"

#include "drivers/mongodb/plaintext_attempt.hpp"
#include "drivers/mongodb/protocol_step.hpp"
#include "drivers/mongodb/session.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using resource::NegotiationStyle;

class MongodbDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kMongodb}; }

  /// One port for both: the first bytes tell the server whether this is TLS.
  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kInBand) return {};
    return {NegotiationStyle::kDirect};
  }

  std::vector<std::string> alpn(NegotiationStyle) const override { return {}; }

  probe::ConversationPtr negotiate(const probe::Target&, NegotiationStyle) const override { return nullptr; }

  probe::ConversationPtr protocol_step(const probe::Target&, const probe::Findings&,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(tls);
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target&) const override {
    return make_plaintext_attempt();
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
  return std::make_unique<MongodbDriver>();
}

}  // namespace tlswarden::drivers::mongodb
