#include "drivers/mongodb/driver.hpp"

#include "drivers/common/direct_driver.hpp"
#include "drivers/mongodb/plaintext_attempt.hpp"
#include "drivers/mongodb/protocol_step.hpp"
#include "drivers/mongodb/session.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

/// One port for both: the first bytes tell the server whether this is TLS.
class MongodbDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kMongodb}; }

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
  return std::make_unique<MongodbDriver>();
}

}  // namespace tlswarden::drivers::mongodb
