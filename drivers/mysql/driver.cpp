#include "drivers/mysql/driver.hpp"

#include "drivers/mysql/negotiation.hpp"
#include "drivers/mysql/session.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using resource::NegotiationStyle;

class MysqlDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override {
    return {resource::Engine::kMysql, resource::Engine::kMariadb};
  }
  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kDirect) return {};
    return {NegotiationStyle::kInBand};
  }
  std::vector<std::string> alpn(NegotiationStyle /*style*/) const override { return {}; }
  probe::ConversationPtr negotiate(const probe::Target& /*target*/,
                                   NegotiationStyle /*style*/) const override {
    return make_negotiation();
  }
  probe::ConversationPtr protocol_step(const probe::Target& /*target*/, const probe::Findings& negotiated,
                                       const probe::TlsObservation& tls) const override {
    return make_protocol_step(negotiated, tls);
  }
  probe::ConversationPtr plaintext_attempt(const probe::Target& /*target*/) const override {
    return make_plaintext_attempt();
  }
  probe::ConversationPtr farewell(const probe::Target& /*target*/,
                                  const probe::Findings& negotiated) const override {
    return make_farewell(negotiated);
  }
  /// max_connect_errors; see the host cache in the manuals of MySQL and MariaDB.
  bool counts_failed_handshakes() const override { return true; }

  net::Awaitable<probe::SessionObservation> session(probe::SessionContext& context) const override {
    return log_in(context);
  }
};

}  // namespace

std::unique_ptr<probe::Driver> make_driver() {
  return std::make_unique<MysqlDriver>();
}

}  // namespace tlswarden::drivers::mysql
