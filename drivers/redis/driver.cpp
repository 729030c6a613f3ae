#include "drivers/redis/driver.hpp"

#include "drivers/common/direct_driver.hpp"
#include "drivers/redis/plaintext_attempt.hpp"
#include "drivers/redis/protocol_step.hpp"
#include "drivers/redis/session.hpp"

namespace tlswarden::drivers::redis {
namespace {

/// A port has TLS from the first byte or not at all.
class RedisDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kRedis}; }

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
  return std::make_unique<RedisDriver>();
}

}  // namespace tlswarden::drivers::redis
