#include "drivers/cassandra/plaintext_attempt.hpp"

#include "drivers/cassandra/options.hpp"
#include "drivers/cassandra/request.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;
using State = OptionsAnswer::State;

class PlaintextAttempt final : public probe::Conversation {
 public:
  Action start() override { return probe::Send{options_request(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    if (!any_ && is_tls_alert(bytes)) return refused();
    any_ = true;
    switch (answer_.feed(bytes)) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kBroken:
        return probe::Fail{broken_answer(answer_.broken(), Stage::kPlaintext)};
      case State::kError:
        return take_error();
      case State::kSupported:
        findings_.plaintext_accepted = Tristate::kYes;
        findings_.server_product = answer_.supported().product;
        return probe::Done{};
    }
    return probe::NeedMore{};
  }

  Action peer_closed() override {
    if (!any_) return refused();
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kPlaintext)};
  }

  /// What a TLS listener may do with bytes that are not TLS.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  /// An overloaded node, or one that wants another version of the protocol, says nothing about TLS. Any other
  /// error in answer to the one request that needs no rights at all is a no to this connection.
  Action take_error() {
    const auto code = answer_.error().code;
    auto failure = to_failure(answer_.error(), Stage::kPlaintext);
    if (code == kOverloaded || code == kBootstrapping || code == kProtocolError) {
      findings_.notice = std::move(failure);
      return probe::Done{};
    }
    findings_.plaintext_accepted = Tristate::kNo;
    failure.cause = Cause::kTlsRequired;
    failure.message = "The node answers a client without TLS with an error.";
    return probe::Refused{std::move(failure)};
  }

  Action refused() {
    findings_.plaintext_accepted = Tristate::kNo;
    return probe::Refused{tls_only(Stage::kPlaintext)};
  }

  OptionsAnswer answer_;
  bool any_ = false;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt() {
  return std::make_unique<PlaintextAttempt>();
}

}  // namespace tlswarden::drivers::cassandra
