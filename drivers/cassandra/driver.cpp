#include "drivers/cassandra/driver.hpp"

#include "drivers/cassandra/plaintext_attempt.hpp"
#include "drivers/cassandra/protocol_step.hpp"
#include "drivers/cassandra/session.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using resource::NegotiationStyle;

class CassandraDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kCassandra}; }

  /// TLS comes first, also on a port that speaks both.
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
  return std::make_unique<CassandraDriver>();
}

}  // namespace tlswarden::drivers::cassandra
