#include "drivers/cassandra/driver.hpp"

#include "drivers/cassandra/plaintext_attempt.hpp"
#include "drivers/cassandra/protocol_step.hpp"
#include "drivers/cassandra/session.hpp"
#include "drivers/common/direct_driver.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

/// TLS comes first, also on a port that speaks both.
class CassandraDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kCassandra}; }

  probe::ConversationPtr protocol_step(const probe::Target&, const probe::Findings&,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(tls);
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target&) const override {
    return make_plaintext_attempt();
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
