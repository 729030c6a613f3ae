#include "drivers/oracle/driver.hpp"

#include "drivers/common/direct_driver.hpp"
#include "drivers/oracle/plaintext_attempt.hpp"
#include "drivers/oracle/protocol_step.hpp"
#include "drivers/oracle/session.hpp"

namespace tlswarden::drivers::oracle {
namespace {

/// A listener's address is PROTOCOL=TCPS or PROTOCOL=TCP; no port is both.
class OracleDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kOracle}; }

  probe::ConversationPtr protocol_step(const probe::Target& target, const probe::Findings&,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(target, tls);
  }

  probe::ConversationPtr plaintext_attempt(const probe::Target& target) const override {
    return make_plaintext_attempt(target);
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
