#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/driver.hpp"

/// A made-up database protocol for tests of the prober: "TLS?" is answered S or N, "PING" PONG, "PLAIN?" OK
/// or NO.
namespace tlswarden::probe {

class FakeConversation final : public Conversation {
 public:
  using Answer = std::function<Action(std::string_view, Findings&)>;
  FakeConversation(std::string question, Answer answer)
      : question_(std::move(question)), answer_(std::move(answer)) {}

  Action start() override { return Send{base::to_bytes(question_), Send::Next::kRead}; }
  Action receive(base::ByteView bytes) override {
    heard_ += base::as_text(bytes);
    return answer_(heard_, findings_);
  }
  Action peer_closed() override { return Fail{Failure{{}, Cause::kPeerClosed, "the peer hung up", {}, {}}}; }
  const Findings& findings() const override { return findings_; }

 private:
  std::string question_, heard_;
  Answer answer_;
  Findings findings_;
};

inline Failure fake_failure(Cause cause) {
  return Failure{{}, cause, "the peer said so", {}, {}};
}

/// What a login did, when there was one.
struct FakeLogin {
  bool attempted = false, allow_plaintext = true, encrypted = false;
  std::optional<Failure> failure;
};

class FakeDriver final : public Driver {
 public:
  explicit FakeDriver(FakeLogin& login) : login_(login) {}

  std::vector<resource::NegotiationStyle> order{resource::NegotiationStyle::kInBand};
  bool allow_plaintext = true;
  bool renews = false;  ///< the channel, once the server has said something on it

  std::vector<resource::Engine> engines() const override { return {}; }
  std::vector<resource::NegotiationStyle> styles(resource::NegotiationStyle /*declared*/) const override {
    return order;
  }
  std::vector<std::string> alpn(resource::NegotiationStyle /*style*/) const override { return {}; }

  ConversationPtr negotiate(const Target& /*target*/, resource::NegotiationStyle style) const override {
    if (style == resource::NegotiationStyle::kDirect) return nullptr;
    return std::make_unique<FakeConversation>(
        "TLS?", [](std::string_view heard, Findings& findings) -> Action {
          findings.server_version = "1.0";
          if (heard == "S") return StartTls{};
          if (heard == "N") return Refused{fake_failure(Cause::kTlsNotOffered)};
          return Fail{
              fake_failure(heard.starts_with("S") ? Cause::kUnexpectedBytes : Cause::kNotThisProtocol)};
        });
  }
  ConversationPtr protocol_step(const Target& /*target*/, const Findings& /*negotiated*/,
                                const TlsObservation& /*tls*/) const override {
    return std::make_unique<FakeConversation>(
        "PING", [](std::string_view heard, Findings& findings) -> Action {
          if (heard == "PONG") return Done{};
          if (heard == "CERT") {
            findings.client_certificate = ClientCertificateOutcome::kRequired;
            return Refused{fake_failure(Cause::kClientCertificateRequired)};
          }
          if (heard != "WHO?") return NeedMore{};
          findings.notice = fake_failure(Cause::kAuthenticationFailed);
          return Done{};
        });
  }
  ConversationPtr plaintext_attempt(const Target& /*target*/) const override {
    return std::make_unique<FakeConversation>(
        "PLAIN?", [](std::string_view heard, Findings& findings) -> Action {
          findings.plaintext_accepted = heard == "OK" ? Tristate::kYes : Tristate::kNo;
          if (heard == "OK") return Done{};
          return Refused{fake_failure(Cause::kTlsRequired)};
        });
  }
  ConversationPtr farewell(const Target& /*target*/, const Findings& /*negotiated*/) const override {
    return std::make_unique<FakeConversation>("BYE",
                                              [](std::string_view, Findings&) -> Action { return Done{}; });
  }
  net::Awaitable<SessionObservation> session(SessionContext& context) const override {
    login_.attempted = true;
    SessionObservation seen;
    auto channel = co_await context.open_channel(allow_plaintext);
    if (!channel) {
      login_.failure = seen.failure = channel.error();
      co_return seen;
    }
    login_.encrypted = channel->encrypted;
    if (renews) {
      base::Bytes heard(16);
      const auto demanded = co_await channel->stream->read_some(heard, context.deadline());
      if (!demanded) {
        login_.failure = seen.failure = Failure{Stage::kSession, Cause::kConnectionReset, "gone", {}, {}};
        co_return seen;
      }
      channel = co_await context.renew_channel(*std::move(channel));
    }
    if (!channel) {
      login_.failure = seen.failure = channel.error();
      co_return seen;
    }
    const auto sent = co_await channel->stream->write_all(
        base::as_bytes(context.target().credentials->password.reveal()), context.deadline());
    seen.logged_in = sent.has_value();
    co_await channel->stream->close(context.deadline());
    co_return seen;
  }

 private:
  FakeLogin& login_;
};

class FakeRegistry final : public DriverRegistry {
 public:
  explicit FakeRegistry(const Driver* driver) : driver_(driver) {}
  const Driver* find(resource::Engine /*engine*/) const override { return driver_; }

 private:
  const Driver* driver_;
};

}  // namespace tlswarden::probe
