#include "drivers/etcd/driver.hpp"

#include "drivers/etcd/plaintext_attempt.hpp"
#include "drivers/etcd/protocol_step.hpp"
#include "drivers/etcd/session.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using resource::NegotiationStyle;

class EtcdDriver final : public probe::Driver {
 public:
  std::vector<resource::Engine> engines() const override { return {resource::Engine::kEtcd}; }

  /// A port has TLS from the first byte or not at all.
  std::vector<NegotiationStyle> styles(NegotiationStyle declared) const override {
    if (declared == NegotiationStyle::kInBand) return {};
    return {NegotiationStyle::kDirect};
  }

  /// The server offers h2 alone, and speaks HTTP/1.1 with a client that names no protocol.
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
  return std::make_unique<EtcdDriver>();
}

}  // namespace tlswarden::drivers::etcd
