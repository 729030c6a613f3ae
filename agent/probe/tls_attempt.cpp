#include "probe/tls_attempt.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "pki/name_match.hpp"
#include "probe/converse.hpp"
#include "probe/tunnel.hpp"

namespace tlswarden::probe {
namespace {

using resource::NegotiationStyle;
using std::chrono::milliseconds;

/// How long a ClientHello may stay unanswered before a port that may be a plaintext one is asked in
/// plaintext.
constexpr milliseconds kPatience{1000};
constexpr milliseconds kGoodbye{500};

/// Whether the failure may come from having chosen the wrong way to start TLS.
bool may_be_the_style(const Failure& failure) {
  if (failure.stage != Stage::kNegotiate && failure.stage != Stage::kHandshake) return false;
  switch (failure.cause) {
    case Cause::kDirectTlsUnsupported:
    case Cause::kPeerClosed:
    case Cause::kConnectionReset:
    case Cause::kNotTls:
    case Cause::kNotThisProtocol:
    case Cause::kMalformedMessage:
    case Cause::kAlpnRefused:
    case Cause::kTimedOut:
      return true;
    default:
      return false;
  }
}

/// The server's own word that it has no TLS tells more than any way of hanging up.
bool tells_more(const TlsAttempt& one, const TlsAttempt& other) {
  const auto weight = [](const TlsAttempt& attempt) {
    if (attempt.tls && !attempt.tls->chain.empty()) return 3;
    if (attempt.failure->cause == Cause::kTlsNotOffered) return 2;
    return attempt.failure->cause == Cause::kTimedOut ? 0 : 1;
  };
  return weight(one) > weight(other);
}

std::string describe(const TlsObservation& tls) {
  if (!tls.version) return "no ServerHello";
  std::vector<std::string> parts{std::string(to_string(*tls.version)), tls.cipher};
  if (!tls.group.empty()) parts.push_back(tls.group);
  if (!tls.alpn.empty()) parts.push_back("ALPN " + base::printable(tls.alpn, 64));
  parts.push_back(std::to_string(tls.chain.size()) +
                  (tls.chain.size() == 1 ? " certificate" : " certificates"));
  if (tls.client_certificate_requested) {
    parts.push_back(tls.client_certificate_presented ? "client certificate presented"
                                                     : "client certificate requested, none presented");
  }
  return base::join(parts, ", ");
}

/// One style on one connection.
class StyleAttempt {
 public:
  StyleAttempt(Workshop& workshop, const Target& target, const Driver& driver, Journal& journal,
               const TlsAttemptOptions& options, NegotiationStyle style, base::Deadline deadline)
      : workshop_(workshop),
        target_(target),
        driver_(driver),
        journal_(journal),
        options_(options),
        style_(style),
        deadline_(deadline) {}

  net::Awaitable<TlsAttempt> run() {
    net::ByteStreamPtr transport = co_await connect();
    if (transport && co_await negotiate(*transport)) {
      co_await handshake(std::move(transport));
    } else if (transport) {
      co_await transport->close(deadline_.at_most(now(), kGoodbye));
    }
    co_return std::move(attempt_);
  }

 private:
  base::MonoTime now() const { return workshop_.services.clock.monotonic(); }

  net::Awaitable<net::ByteStreamPtr> connect() {
    Journal::Entry entry(journal_, Stage::kConnect);
    auto connected = co_await connect_to_server(workshop_.services, target_, options_.addresses, deadline_);
    if (!connected) {
      entry.say(connected.error());
      attempt_.failure = std::move(connected.error());
      co_return nullptr;
    }
    attempt_.address = connected->address;
    peer_ = net::to_string(connected->address);
    entry.say("connected to " + peer_ + (target_.bastion ? " through the bastion" : ""));
    co_return std::move(connected->stream);
  }

  /// Whether a ClientHello may follow.
  net::Awaitable<bool> negotiate(net::ByteStream& transport) {
    const ConversationPtr conversation = driver_.negotiate(target_, style_);
    if (!conversation) co_return true;
    Journal::Entry entry(journal_, Stage::kNegotiate);
    Conversed conversed =
        co_await converse(transport, *conversation,
                          ConverseOptions{Stage::kNegotiate, deadline_, peer_, journal_.transcript()});
    attempt_.findings = std::move(conversed.findings);
    attempt_.offer = attempt_.findings.tls_offer;
    if (conversed.end == Conversed::End::kStartTls) {
      attempt_.offer = Offer::kOffered;
      entry.say(std::string(to_string(style_)) + ": TLS may start");
      co_return true;
    }
    attempt_.failure = conversed.failure.value_or(
        Failure{Stage::kNegotiate, Cause::kInternal, "The negotiation ended without a result.", {}, {}});
    entry.say(*attempt_.failure);
    if (attempt_.failure->cause == Cause::kTlsNotOffered) attempt_.offer = Offer::kNotOffered;
    if (conversed.end == Conversed::End::kRefused) co_await say_farewell(transport);
    co_return false;
  }

  /// So that the server does not count an aborted connection. What it answers no longer matters.
  net::Awaitable<void> say_farewell(net::ByteStream& transport) {
    const ConversationPtr farewell = driver_.farewell(target_, attempt_.findings);
    if (!farewell) co_return;
    const base::Deadline soon = deadline_.at_most(now(), kGoodbye);
    co_await converse(transport, *farewell,
                      ConverseOptions{Stage::kNegotiate, soon, peer_, journal_.transcript()});
  }

  net::Awaitable<void> handshake(net::ByteStreamPtr transport) {
    Journal::Entry entry(journal_, Stage::kHandshake);
    const pki::ClientIdentity* identity = target_.material.client ? &*target_.material.client : nullptr;
    TlsSetting setting{options_.floor, driver_.alpn(style_), driver_.newest_tls(style_)};
    if (options_.ceiling)
      setting.ceiling = std::min(*options_.ceiling, setting.ceiling.value_or(*options_.ceiling));
    const auto context = workshop_.contexts.get(setting, identity);
    if (!context) {
      attempt_.failure = Failure{Stage::kHandshake, Cause::kInternal, context.error().message, {}, {}};
      entry.say(*attempt_.failure);
      co_return;
    }
    auto stream = std::make_unique<TlsStream>(std::move(transport), *context, target_.verified_name, peer_,
                                              driver_.handshake_framing(style_));
    HandshakeResult result = co_await shake_hands(*stream);
    take(std::move(result), stream->answered());
    co_await explain_hang_up(stream->answered());
    entry.say(attempt_.failure ? std::string(to_string(attempt_.failure->cause)) : describe(*attempt_.tls));
    if (!attempt_.failure) {
      attempt_.stream = std::move(stream);
    } else {
      co_await stream->close(deadline_.at_most(now(), kGoodbye));
    }
  }

  net::Awaitable<HandshakeResult> shake_hands(TlsStream& stream) {
    const resource::EngineFacts& facts = resource::engine_facts(target_.engine);
    if (!options_.ask_plaintext || !facts.silent_on_tls || style_ != NegotiationStyle::kDirect) {
      co_return co_await stream.handshake(deadline_, workshop_.certificates);
    }
    const auto patience = std::min<std::chrono::nanoseconds>(kPatience, deadline_.left(now()) / 4);
    HandshakeResult result =
        co_await stream.handshake(deadline_.at_most(now(), patience), workshop_.certificates);
    if (!result.failure || result.failure->cause != Cause::kTimedOut) co_return result;
    if (stream.answered()) co_return co_await stream.handshake(deadline_, workshop_.certificates);
    const PlaintextWord word = co_await options_.ask_plaintext(*attempt_.address);
    if (word != PlaintextWord::kNothing) {
      const std::string silent =
          peer_ + " speaks the plaintext protocol of " + facts.title + " and leaves TLS unanswered";
      if (facts.in_band) {
        result.failure->cause = Cause::kDirectTlsUnsupported;
        result.failure->message =
            silent + " when it comes first; set spec.tls.negotiation to in-band or auto.";
      } else {
        attempt_.offer = Offer::kNotOffered;
        result.failure->cause = Cause::kNotTls;
        result.failure->message = silent + ": this port has no TLS.";
      }
      co_return result;
    }
    co_return co_await stream.handshake(deadline_, workshop_.certificates);
  }

  void take(HandshakeResult result, bool answered) {
    result.tls.style = style_;
    attempt_.failure = std::move(result.failure);
    const Cause cause = attempt_.failure ? attempt_.failure->cause : Cause{};
    if (attempt_.failure && cause == Cause::kNotTls) {
      if (style_ == NegotiationStyle::kDirect) attempt_.offer = Offer::kNotOffered;
      return;
    }
    if (answered) {
      attempt_.offer = Offer::kOffered;
      attempt_.tls = std::move(result.tls);
      return;
    }
    const bool hung_up = cause == Cause::kPeerClosed || cause == Cause::kConnectionReset;
    if (hung_up && style_ == NegotiationStyle::kDirect && resource::engine_facts(target_.engine).in_band) {
      attempt_.failure->cause = Cause::kDirectTlsUnsupported;
      attempt_.failure->message =
          peer_ + " hangs up when TLS comes first; set spec.tls.negotiation to in-band or auto.";
    }
  }

  /// A server that knows TLS and has it switched off hangs up on a ClientHello, and answers without TLS
  /// (mongod).
  net::Awaitable<void> explain_hang_up(bool answered) {
    if (!attempt_.failure || answered || !options_.ask_plaintext) co_return;
    const Cause cause = attempt_.failure->cause;
    const auto& facts = resource::engine_facts(target_.engine);
    if ((cause != Cause::kPeerClosed && cause != Cause::kConnectionReset) || facts.in_band) co_return;
    const PlaintextWord word = co_await options_.ask_plaintext(*attempt_.address);
    if (word != PlaintextWord::kAccepted) co_return;
    attempt_.offer = Offer::kNotOffered;
    attempt_.failure->cause = Cause::kTlsNotOffered;
    attempt_.failure->message =
        peer_ + " hangs up when TLS comes and speaks " + facts.title + " without it: TLS is off there.";
  }

  Workshop& workshop_;
  const Target& target_;
  const Driver& driver_;
  Journal& journal_;
  const TlsAttemptOptions& options_;
  NegotiationStyle style_;
  base::Deadline deadline_;
  std::string peer_;
  TlsAttempt attempt_;
};

/// A driver may speak for several engines, of which not all know every way.
std::vector<NegotiationStyle> usable_styles(const Target& target, const Driver& driver) {
  const resource::EngineFacts& facts = resource::engine_facts(target.engine);
  std::vector<NegotiationStyle> styles = driver.styles(target.negotiation);
  std::erase_if(styles, [&](NegotiationStyle style) {
    return style == NegotiationStyle::kDirect ? !facts.direct : !facts.in_band;
  });
  return styles;
}

}  // namespace

net::Awaitable<TlsAttempt> attempt_tls(Workshop& workshop, const Target& target, const Driver& driver,
                                       Journal& journal, const TlsAttemptOptions& options) {
  const std::vector<NegotiationStyle> styles = usable_styles(target, driver);
  std::optional<TlsAttempt> best;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    const base::MonoTime now = workshop.services.clock.monotonic();
    const auto share = options.deadline.left(now) / static_cast<std::int64_t>(styles.size() - i);
    const base::Deadline deadline = options.deadline.at_most(now, share);
    StyleAttempt try_style(workshop, target, driver, journal, options, styles[i], deadline);
    TlsAttempt attempt = co_await try_style.run();
    if (!attempt.failure || !may_be_the_style(*attempt.failure)) co_return attempt;
    // The server has agreed to start TLS this way; what fails now is no matter of style.
    if (styles[i] == NegotiationStyle::kInBand && attempt.offer == Offer::kOffered) co_return attempt;
    if (!best || tells_more(attempt, *best)) best = std::move(attempt);
  }
  if (best) co_return *std::move(best);
  TlsAttempt none;
  none.failure = Failure{Stage::kNegotiate,
                         Cause::kUnsupported,
                         std::string(resource::engine_facts(target.engine).title) + " knows no " +
                             std::string(to_string(target.negotiation)) +
                             " negotiation; set spec.tls.negotiation to auto.",
                         {},
                         {}};
  co_return none;
}

}  // namespace tlswarden::probe
