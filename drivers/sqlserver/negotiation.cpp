#include "drivers/sqlserver/negotiation.hpp"

#include <utility>
#include <variant>

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/sqlserver/packet.hpp"
#include "drivers/sqlserver/prelogin.hpp"
#include "drivers/sqlserver/server_error.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;

constexpr std::size_t kMostReply = 4096;
constexpr std::size_t kMaxPeerText = 2048;

probe::Failure failure(Stage stage, Cause cause, std::string message) {
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

/// One PRELOGIN and its answer. What the answer means is for the kinds of conversation to say.
class Prelogin : public probe::Conversation {
 public:
  Prelogin(Stage stage, Encryption wanted) : stage_(stage), wanted_(wanted) {}

  Action start() override { return probe::Send{prelogin_request(wanted_), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    heard_ = true;
    switch (reader_.feed(bytes)) {
      case MessageReader::State::kMore:
        return probe::NeedMore{};
      case MessageReader::State::kStranger:
        return stranger(bytes);
      case MessageReader::State::kTooLarge:
        return probe::Fail{failure(stage_, Cause::kMessageTooLarge,
                                   "The answer to PRELOGIN is longer than any may be; check that the port is "
                                   "SQL Server's.")};
      case MessageReader::State::kComplete:
        break;
    }
    return answered();
  }

  Action peer_closed() override {
    return probe::Fail{failure(stage_, Cause::kPeerClosed,
                               "The server closed the connection instead of answering PRELOGIN; it may "
                               "insist on TDS 8.0 strict encryption, or the port is not SQL Server's.")};
  }

  const probe::Findings& findings() const override { return findings_; }

 protected:
  virtual Action judge(const PreloginReply& reply) = 0;

  Stage stage() const { return stage_; }
  bool heard() const { return heard_; }
  probe::Findings& learned() { return findings_; }

 private:
  Action answered() {
    if (!reader_.rest().empty()) {
      return probe::Fail{failure(stage_, Cause::kUnexpectedBytes,
                                 "Bytes follow the answer to PRELOGIN that must not be there; somebody on "
                                 "the way may be injecting them.")};
    }
    if (const auto error = parse_error(reader_.payload())) {
      return probe::Refused{describe_error(stage_, *error)};
    }
    const auto reply = parse_prelogin_reply(reader_.payload());
    if (!reply) {
      return probe::Fail{failure(stage_, Cause::kMalformedMessage,
                                 "The answer to PRELOGIN is broken; check what stands between here and the "
                                 "server.")};
    }
    findings_.server_version = reply->version;
    findings_.greeting = encode_message(kReplyPacket, reader_.payload());
    return judge(*reply);
  }

  Action stranger(base::ByteView bytes) const {
    auto fault = failure(stage_, Cause::kNotThisProtocol,
                         "The answer to PRELOGIN is not SQL Server's; check spec.port and spec.engine.");
    fault.peer_text = base::as_text(bytes).substr(0, kMaxPeerText);
    return probe::Fail{std::move(fault)};
  }

  Stage stage_;
  Encryption wanted_;
  bool heard_ = false;
  MessageReader reader_{kReplyPacket, kMostReply};
  probe::Findings findings_;
};

class Negotiation final : public Prelogin {
 public:
  Negotiation() : Prelogin(Stage::kNegotiate, Encryption::kOn) {}

 private:
  Action judge(const PreloginReply& reply) override {
    switch (reply.encryption) {
      case Encryption::kOn:
      case Encryption::kRequired:
        learned().tls_offer = probe::Offer::kOffered;
        return probe::StartTls{};
      case Encryption::kOff:
        learned().tls_offer = probe::Offer::kNotOffered;
        return probe::Refused{
            failure(Stage::kNegotiate, Cause::kTlsNotOffered,
                    "The server, or a proxy before it, would encrypt the login alone and go on in plaintext; "
                    "allow encryption of whole sessions there.")};
      case Encryption::kNotSupported:
        break;
    }
    learned().tls_offer = probe::Offer::kNotOffered;
    return probe::Refused{
        failure(Stage::kNegotiate, Cause::kTlsNotOffered,
                "The server offers no TLS; SQL Server always does, so look at what else answers here, or "
                "give the server a certificate that it can load.")};
  }
};

/// What the reply says of encryption does not count any more.
class StrictStep final : public Prelogin {
 public:
  explicit StrictStep(const probe::TlsObservation& tls)
      : Prelogin(Stage::kProtocolStep, Encryption::kOn), when_passed_(common::outcome_when_passed(tls)) {}

 private:
  Action judge(const PreloginReply& /*reply*/) override {
    learned().client_certificate = when_passed_;
    return probe::Done{};
  }

  probe::ClientCertificateOutcome when_passed_;
};

class PlaintextAttempt final : public Prelogin {
 public:
  PlaintextAttempt() : Prelogin(Stage::kPlaintext, Encryption::kNotSupported) {}

  Action peer_closed() override {
    if (heard()) return Prelogin::peer_closed();
    return hung_up();
  }
  std::optional<Action> peer_reset() override {
    if (heard()) return std::nullopt;
    return hung_up();
  }

 private:
  Action judge(const PreloginReply& reply) override {
    if (reply.encryption == Encryption::kOn || reply.encryption == Encryption::kRequired) {
      return refuse("The server insists on encryption (Force Encryption); use tls.mode require or stronger.");
    }
    learned().plaintext_accepted = Tristate::kYes;
    return probe::Done{};
  }

  Action hung_up() {
    return refuse(
        "The server hangs up on a client that does not begin with TLS, as it does where strict encryption "
        "(TDS 8.0) is forced; use tls.mode require or stronger.");
  }

  Action refuse(std::string message) {
    learned().plaintext_accepted = Tristate::kNo;
    return probe::Refused{failure(Stage::kPlaintext, Cause::kTlsRequired, std::move(message))};
  }
};

}  // namespace

probe::ConversationPtr make_negotiation() {
  return std::make_unique<Negotiation>();
}

probe::ConversationPtr make_strict_step(const probe::TlsObservation& tls) {
  return std::make_unique<StrictStep>(tls);
}

probe::ConversationPtr make_plaintext_attempt() {
  return std::make_unique<PlaintextAttempt>();
}

}  // namespace tlswarden::drivers::sqlserver
