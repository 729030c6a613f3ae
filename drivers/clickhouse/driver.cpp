#include "drivers/clickhouse/driver.hpp"

#include "drivers/clickhouse/plaintext_attempt.hpp"
#include "drivers/clickhouse/protocol_step.hpp"
#include "drivers/clickhouse/session.hpp"
#include "drivers/common/direct_driver.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

/// A port has TLS from the first byte or not at all.
class ClickHouseDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kClickhouse}; }

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
  return std::make_unique<ClickHouseDriver>();
}

}  // namespace tlswarden::drivers::clickhouse
