#include "probe/session_context.hpp"

#include <utility>

#include "probe/channel_strength.hpp"
#include "probe/protocol_step.hpp"
#include "probe/tls_attempt.hpp"
#include "probe/tunnel.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::chrono::milliseconds kGoodbye{500};

tl::unexpected<Failure> as_session_failure(Failure failure) {
  restage(failure, Stage::kSession);
  return tl::unexpected(std::move(failure));
}

/// Errors of the TLS class, after which prefer goes on without TLS: none offered, or a handshake that the
/// server refused. Never one of the network, and never one that came after the handshake.
bool permits_second_pass(const Failure& failure, resource::PreferFallback fallback) {
  if (fallback == resource::PreferFallback::kNone) return false;
  if (fallback == resource::PreferFallback::kLoginOnly) return failure.cause == Cause::kTlsNotOffered;
  switch (failure.cause) {
    case Cause::kTlsNotOffered:
      return true;
    case Cause::kNotTls:  // also ER_HANDSHAKE_ERROR in answer to ClientHello
    case Cause::kProtocolVersion:
    case Cause::kNoSharedCipher:
    case Cause::kHandshakeRefused:
    case Cause::kNameUnrecognised:
    case Cause::kClientCertificateRequired:
    case Cause::kClientCertificateRejected:
      return failure.stage == Stage::kHandshake;
    default:
      return false;
  }
}

}  // namespace

LiveSessionContext::LiveSessionContext(Workshop& workshop, const Target& target, const Driver& driver,
                                       net::Address address, base::Deadline deadline, net::Executor executor)
    : workshop_(workshop),
      target_(target),
      driver_(driver),
      address_(std::move(address)),
      deadline_(deadline),
      executor_(std::move(executor)) {}

net::Awaitable<base::Result<SessionChannel, Failure>> LiveSessionContext::open_channel(bool allow_plaintext) {
  if (target_.mode == resource::TlsMode::kDisable && allow_plaintext) co_return co_await open_plaintext();
  auto encrypted = co_await open_encrypted();
  if (encrypted) co_return encrypted;
  const auto fallback = resource::engine_facts(target_.engine).fallback;
  if (target_.mode != resource::TlsMode::kPrefer || !allow_plaintext ||
      !permits_second_pass(encrypted.error(), fallback)) {
    co_return as_session_failure(std::move(encrypted.error()));
  }
  auto plaintext = co_await open_plaintext();
  const bool not_offered = encrypted.error().cause == Cause::kTlsNotOffered;
  if (plaintext) plaintext->findings.tls_offer = not_offered ? Offer::kNotOffered : Offer::kOffered;
  co_return plaintext;
}

net::Awaitable<base::Result<SessionChannel, Failure>> LiveSessionContext::open_plaintext() {
  const std::vector<net::Address> addresses{address_};
  auto connected = co_await connect_to_server(workshop_.services, target_, addresses, deadline_);
  if (!connected) co_return as_session_failure(std::move(connected.error()));
  SessionChannel channel;
  channel.stream = std::move(connected->stream);
  channel.address = std::move(connected->address);
  co_return channel;
}

net::Awaitable<base::Result<SessionChannel, Failure>> LiveSessionContext::open_encrypted() {
  const base::Clock& clock = workshop_.services.clock;
  Journal unread(clock, false, {});
  const TlsAttemptOptions options{{address_}, deadline_, target_.min_version};
  TlsAttempt attempt = co_await attempt_tls(workshop_, target_, driver_, unread, options);
  if (attempt.failure) co_return tl::unexpected(*std::move(attempt.failure));

  auto late = co_await await_late_refusal(clock, *attempt.stream, *attempt.tls, deadline_);
  if (late) co_return as_session_failure(*std::move(late));
  auto weak = too_weak(target_, Channel{true, attempt.tls->chain}, clock.now(), workshop_.verifications);
  if (weak) {
    // The credential-free ending, so that the server does not count an aborted connection.
    const base::Deadline soon = deadline_.at_most(clock.monotonic(), kGoodbye);
    co_await take_protocol_step(workshop_, target_, driver_, unread, *attempt.stream, *attempt.tls,
                                attempt.findings, net::to_string(address_), soon);
    co_await attempt.stream->close(soon);
    co_return tl::unexpected(*std::move(weak));
  }
  SessionChannel channel;
  channel.stream = std::move(attempt.stream);
  channel.address = address_;
  channel.encrypted = true;
  channel.findings = std::move(attempt.findings);
  co_return channel;
}

net::Awaitable<base::Result<SessionChannel, Failure>> LiveSessionContext::renew_channel(
    SessionChannel channel) {
  auto* first = dynamic_cast<TlsStream*>(channel.stream.get());
  if (first == nullptr) co_return co_await SessionContext::renew_channel(std::move(channel));
  const pki::ClientIdentity* identity = target_.material.client ? &*target_.material.client : nullptr;
  const TlsSetting setting{target_.min_version, driver_.alpn(resource::NegotiationStyle::kDirect)};
  const auto context = workshop_.contexts.get(setting, identity);
  if (!context)
    co_return tl::unexpected(Failure{Stage::kSession, Cause::kInternal, context.error().message, {}, {}});
  auto second = std::make_unique<TlsStream>(first->release(), *context, target_.verified_name,
                                            net::to_string(channel.address));
  HandshakeResult result = co_await second->handshake(deadline_, workshop_.certificates);
  if (result.failure) co_return as_session_failure(*std::move(result.failure));
  const base::Clock& clock = workshop_.services.clock;
  auto late = co_await await_late_refusal(clock, *second, result.tls, deadline_);
  if (late) co_return as_session_failure(*std::move(late));
  auto weak = too_weak(target_, Channel{true, result.tls.chain}, clock.now(), workshop_.verifications);
  if (weak) {
    co_await second->close(deadline_.at_most(clock.monotonic(), kGoodbye));
    co_return tl::unexpected(*std::move(weak));
  }
  channel.stream = std::move(second);
  co_return channel;
}

}  // namespace tlswarden::probe
