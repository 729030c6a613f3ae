#include "probe/legacy_protocols.hpp"

#include <chrono>
#include <utility>

#include "probe/protocol_step.hpp"
#include "probe/tls_attempt.hpp"

namespace tlswarden::probe {
namespace {

using resource::TlsVersion;

constexpr std::chrono::milliseconds kGoodbye{500};

std::optional<TlsVersion> below(TlsVersion version) {
  if (version == TlsVersion::kTls10) return std::nullopt;
  return static_cast<TlsVersion>(static_cast<int>(version) - 1);
}

/// Whether a handshake that was offered too little says so, rather than that it was cut off.
bool is_refusal(const Failure& failure) {
  switch (failure.cause) {
    case Cause::kProtocolVersion:
    case Cause::kNoSharedCipher:
    case Cause::kHandshakeRefused:
    // Servers that hang up rather than send an alert.
    case Cause::kPeerClosed:
    case Cause::kConnectionReset:
      return failure.stage == Stage::kHandshake;
    default:
      return false;
  }
}

}  // namespace

net::Awaitable<std::optional<LegacyProtocolObservation>> offer_legacy_protocols(
    Workshop& workshop, const Target& target, const Driver& driver, Journal& journal, net::Address address,
    resource::NegotiationStyle style, base::Deadline deadline) {
  const base::Clock& clock = workshop.services.clock;
  LegacyProtocolObservation seen;
  seen.at = clock.now();
  Target offered = target;
  offered.negotiation = style;
  TlsAttemptOptions options{{std::move(address)}, deadline, TlsVersion::kTls10, below(target.min_version)};
  while (options.ceiling) {
    TlsAttempt attempt = co_await attempt_tls(workshop, offered, driver, journal, options);
    // A ServerHello is an acceptance, whatever becomes of the certificates after it.
    const bool accepted = attempt.tls && attempt.tls->version;
    if (accepted) seen.accepted.push_back(*attempt.tls->version);
    if (attempt.stream) {
      const std::string peer = net::to_string(*attempt.address);
      co_await take_protocol_step(workshop, offered, driver, journal, *attempt.stream, *attempt.tls,
                                  attempt.findings, peer, deadline);
      const base::Deadline soon = deadline.at_most(clock.monotonic(), kGoodbye);
      co_await attempt.stream->close(soon);
    }
    if (!accepted && !is_refusal(*attempt.failure)) co_return std::nullopt;
    if (!accepted) break;
    options.ceiling = below(*attempt.tls->version);
  }
  co_return seen;
}

}  // namespace tlswarden::probe
