#include "drivers/mysql/negotiation.hpp"

#include <utility>
#include <variant>

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/mysql/greeting.hpp"
#include "drivers/mysql/handshake.hpp"
#include "drivers/mysql/made_up_login.hpp"
#include "drivers/mysql/packet.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using probe::Cause;
using probe::Stage;

probe::Failure failure(Stage stage, Cause cause, std::string message) {
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

/// Errors with which a server turns a connection away on purpose, in its own protocol.
bool turned_away(Cause cause) {
  switch (cause) {
    case Cause::kNotThisProtocol:
    case Cause::kMalformedMessage:
    case Cause::kMessageTooLarge:
      return false;
    default:
      return true;
  }
}

/// Gathers the greeting; shared by everything that starts with a fresh connection.
class GreetingReader {
 public:
  explicit GreetingReader(Stage stage) : stage_(stage), reader_(kMaxGreeting) {}

  /// The greeting, a Failure, or nothing yet.
  using Outcome = std::variant<std::monostate, Greeting, probe::Failure>;

  Outcome receive(base::ByteView bytes, probe::Findings& findings) {
    reader_.feed(bytes);
    if (const auto sequence = reader_.announced_sequence(); sequence && *sequence != 0) return stranger();
    if (reader_.too_large()) return stranger();
    const auto packet = reader_.next();
    if (!packet) return {};
    auto greeting = parse_greeting(packet->payload, stage_);
    if (!greeting) return std::move(greeting.error());
    if (reader_.pending() > 0)
      return failure(stage_, Cause::kUnexpectedBytes,
                     "Bytes follow the server's greeting that must not be there before TLS; somebody may be "
                     "injecting them.");
    findings.server_version = greeting->version;
    findings.server_product = greeting->product;
    findings.tls_offer = greeting->offers_tls() ? probe::Offer::kOffered : probe::Offer::kNotOffered;
    findings.greeting = encode_packet(packet->sequence, packet->payload);
    return std::move(*greeting);
  }

  probe::Action peer_closed() const {
    return probe::Fail{
        failure(stage_, Cause::kPeerClosed, "The server closed the connection before its greeting.")};
  }

 private:
  probe::Failure stranger() const {
    return failure(stage_, Cause::kNotThisProtocol,
                   "The server's first bytes are no MySQL or MariaDB greeting; check host and port.");
  }

  Stage stage_;
  PacketReader reader_;
};

probe::Action end_with(probe::Failure why) {
  if (turned_away(why.cause)) return probe::Refused{std::move(why)};
  return probe::Fail{std::move(why)};
}

class Negotiation final : public probe::Conversation {
 public:
  probe::Action start() override { return probe::NeedMore{}; }

  probe::Action receive(base::ByteView bytes) override {
    auto outcome = reader_.receive(bytes, findings_);
    if (auto* why = std::get_if<probe::Failure>(&outcome)) {
      if (why->cause == Cause::kUnexpectedBytes) return probe::Fail{std::move(*why)};
      return end_with(std::move(*why));
    }
    const auto* greeting = std::get_if<Greeting>(&outcome);
    if (greeting == nullptr) return probe::NeedMore{};
    if (!greeting->offers_tls())
      return probe::Refused{
          failure(Stage::kNegotiate, Cause::kTlsNotOffered,
                  "The server offers no TLS; configure ssl_cert and ssl_key on it and restart it.")};
    return probe::Send{.bytes = ssl_request(*greeting), .next = probe::Send::Next::kStartTls};
  }

  probe::Action peer_closed() override { return reader_.peer_closed(); }
  const probe::Findings& findings() const override { return findings_; }

 private:
  GreetingReader reader_{Stage::kNegotiate};
  probe::Findings findings_;
};

bool is_refused_login(const ServerError& error) {
  return error.code == kAccessDenied || error.code == kAccessDeniedNoPassword;
}

/// The made-up login alone: behind TLS, or as a farewell.
class Ending final : public probe::Conversation {
 public:
  Ending(Greeting greeting, bool tls, Stage stage, probe::ClientCertificateOutcome once_answered)
      : login_(std::move(greeting), tls, stage), stage_(stage), once_answered_(once_answered) {}

  probe::Action start() override { return login_.start(); }
  probe::Action receive(base::ByteView bytes) override {
    auto action = login_.receive(bytes);
    if (login_.answered()) findings_.client_certificate = once_answered_;
    if (const auto& refusal = login_.refusal(); refusal && !is_refused_login(*refusal))
      findings_.notice = describe_error(stage_, *refusal);
    return action;
  }
  probe::Action peer_closed() override { return login_.peer_closed(); }
  const probe::Findings& findings() const override { return findings_; }

 private:
  MadeUpLogin login_;
  Stage stage_;
  probe::ClientCertificateOutcome once_answered_;
  probe::Findings findings_;
};

class PlaintextAttempt final : public probe::Conversation {
 public:
  probe::Action start() override { return probe::NeedMore{}; }

  probe::Action receive(base::ByteView bytes) override {
    if (login_) return receive_answer(*login_, bytes);
    auto outcome = reader_.receive(bytes, findings_);
    if (auto* why = std::get_if<probe::Failure>(&outcome)) return end_with(std::move(*why));
    auto* greeting = std::get_if<Greeting>(&outcome);
    if (greeting == nullptr) return probe::NeedMore{};
    login_.emplace(std::move(*greeting), false, Stage::kPlaintext);
    return login_->start();
  }

  probe::Action peer_closed() override { return login_ ? login_->peer_closed() : reader_.peer_closed(); }
  const probe::Findings& findings() const override { return findings_; }

 private:
  probe::Action receive_answer(MadeUpLogin& login, base::ByteView bytes) {
    auto action = login.receive(bytes);
    if (const auto& refusal = login.refusal()) return judge_refusal(*refusal);
    if (const auto* send = std::get_if<probe::Send>(&action); send && send->next == probe::Send::Next::kDone)
      findings_.plaintext_accepted = probe::Tristate::kYes;  // the server let the made-up user in
    return action;
  }

  probe::Action judge_refusal(const ServerError& refusal) {
    if (refusal.code == kSecureTransportRequired) {
      findings_.plaintext_accepted = probe::Tristate::kNo;
      return probe::Refused{describe_error(Stage::kPlaintext, refusal)};
    }
    if (is_refused_login(refusal) && findings_.tls_offer == probe::Offer::kNotOffered) {
      findings_.plaintext_accepted = probe::Tristate::kYes;
      return probe::Done{};
    }
    auto notice = describe_error(Stage::kPlaintext, refusal);
    if (is_refused_login(refusal))
      notice.message =
          "This server decides whether a session may be unencrypted only once it knows the account; declare "
          "credentials to find out.";
    findings_.notice = std::move(notice);
    return probe::Done{};
  }

  GreetingReader reader_{Stage::kPlaintext};
  std::optional<MadeUpLogin> login_;
  probe::Findings findings_;
};

std::optional<Greeting> remembered(const probe::Findings& negotiated, Stage stage) {
  if (negotiated.greeting.size() <= kHeaderSize) return std::nullopt;
  auto greeting = parse_greeting(base::ByteView(negotiated.greeting).subspan(kHeaderSize), stage);
  if (!greeting) return std::nullopt;
  return std::move(*greeting);
}

}  // namespace

probe::ConversationPtr make_negotiation() {
  return std::make_unique<Negotiation>();
}

probe::ConversationPtr make_protocol_step(const probe::Findings& negotiated,
                                          const probe::TlsObservation& tls) {
  Greeting assumed;
  assumed.capabilities = kProtocol41 | kSecureConnection | kPluginAuth;
  auto greeting = remembered(negotiated, Stage::kProtocolStep).value_or(std::move(assumed));
  return std::make_unique<Ending>(std::move(greeting), true, Stage::kProtocolStep,
                                  common::outcome_when_passed(tls));
}

probe::ConversationPtr make_farewell(const probe::Findings& negotiated) {
  auto greeting = remembered(negotiated, Stage::kNegotiate);
  if (!greeting) return nullptr;
  return std::make_unique<Ending>(std::move(*greeting), false, Stage::kNegotiate,
                                  probe::ClientCertificateOutcome::kUndetermined);
}

probe::ConversationPtr make_plaintext_attempt() {
  return std::make_unique<PlaintextAttempt>();
}

}  // namespace tlswarden::drivers::mysql
