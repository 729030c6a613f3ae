#include "drivers/redis/plaintext_attempt.hpp"

#include "drivers/redis/hello.hpp"
#include "drivers/redis/server_error.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;
using State = HelloAnswer::State;

// RFC 8446, section 5.1: the first byte of a record that carries an alert.
constexpr std::uint8_t kTlsAlert = 0x15;

class PlaintextAttempt final : public probe::Conversation {
 public:
  Action start() override { return probe::Send{hello_and_quit(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    if (!any_ && bytes.front() == kTlsAlert) return tls_only();
    any_ = true;
    const bool first = !answer_.answered();
    const auto state = answer_.feed(bytes);
    if (first && answer_.answered()) take_answer();
    if (state == State::kOver) return probe::Done{};
    if (state != State::kBroken) return probe::NeedMore{};
    return probe::Fail{broken_answer(answer_.broken(), Stage::kPlaintext)};
  }

  Action peer_closed() override {
    if (answer_.answered()) return probe::Done{};
    if (!any_) return tls_only();
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kPlaintext)};
  }

  /// What a TLS listener does with bytes that are not TLS.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  /// Protected mode turns this client away with or without TLS, so it proves nothing about plaintext.
  void take_answer() {
    if (answer_.reply().is_error("DENIED")) {
      findings_.notice = to_failure(answer_.reply(), Stage::kPlaintext);
      return;
    }
    findings_.plaintext_accepted = Tristate::kYes;
    findings_.server_version = answer_.server_version();
    findings_.server_product = answer_.product();
  }

  Action tls_only() {
    findings_.plaintext_accepted = Tristate::kNo;
    return probe::Refused{{.stage = Stage::kPlaintext,
                           .cause = Cause::kTlsRequired,
                           .message = "The port does not answer a client without TLS.",
                           .peer_text = {},
                           .code = {}}};
  }

  HelloAnswer answer_;
  bool any_ = false;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt() {
  return std::make_unique<PlaintextAttempt>();
}

}  // namespace tlswarden::drivers::redis
