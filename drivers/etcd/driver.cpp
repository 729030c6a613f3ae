#include "drivers/etcd/driver.hpp"

#include "drivers/common/direct_driver.hpp"
#include "drivers/etcd/plaintext_attempt.hpp"
#include "drivers/etcd/protocol_step.hpp"
#include "drivers/etcd/session.hpp"

namespace tlswarden::drivers::etcd {
namespace {

/// A port has TLS from the first byte or not at all. No ALPN is offered: the server offers h2 alone, and
/// speaks HTTP/1.1 with a client that names no protocol.
class EtcdDriver final : public common::DirectDriver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kEtcd}; }

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
  return std::make_unique<EtcdDriver>();
}

}  // namespace tlswarden::drivers::etcd
