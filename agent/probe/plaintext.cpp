#include "probe/plaintext.hpp"

#include <utility>

#include "probe/converse.hpp"
#include "probe/tunnel.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::chrono::milliseconds kGoodbye{500};

/// Whether an ended conversation shows that the peer speaks this engine's protocol.
bool spoke_protocol(const Conversed& conversed) {
  if (conversed.findings.plaintext_accepted != Tristate::kUnknown) return true;
  return conversed.end == Conversed::End::kDone || conversed.end == Conversed::End::kRefused;
}

void judge(PlaintextObservation& seen, Conversed conversed) {
  seen.accepted = conversed.findings.plaintext_accepted;
  seen.failure = conversed.failure ? std::move(conversed.failure) : std::move(conversed.findings.notice);
  if (seen.failure) seen.failure->stage = Stage::kPlaintext;
  if (seen.accepted == Tristate::kYes) seen.failure.reset();
}

}  // namespace

net::Awaitable<PlaintextAttempt> attempt_plaintext(Workshop& workshop, const Target& target,
                                                   const Driver& driver, Journal& journal,
                                                   net::Address address, base::Deadline deadline) {
  const base::Clock& clock = workshop.services.clock;
  Journal::Entry entry(journal, Stage::kPlaintext);
  PlaintextAttempt attempt;
  attempt.seen.at = clock.now();
  attempt.seen.for_declared_user = target.credentials && !target.credentials->username.empty();

  const ConversationPtr conversation = driver.plaintext_attempt(target);
  if (!conversation) {
    attempt.seen.failure = Failure{Stage::kPlaintext,
                                   Cause::kUnsupported,
                                   "There is no way to ask this engine for a session without TLS.",
                                   {},
                                   {}};
    entry.say(*attempt.seen.failure);
    co_return attempt;
  }
  const std::vector<net::Address> addresses{std::move(address)};
  auto connected = co_await connect_to_server(workshop.services, target, addresses, deadline);
  if (!connected) {
    attempt.seen.failure = std::move(connected.error());
    restage(*attempt.seen.failure, Stage::kPlaintext);
    entry.say(*attempt.seen.failure);
    co_return attempt;
  }
  const std::string peer = net::to_string(connected->address);
  Conversed conversed =
      co_await converse(*connected->stream, *conversation,
                        ConverseOptions{Stage::kPlaintext, deadline, peer, journal.transcript()});
  co_await connected->stream->close(deadline.at_most(clock.monotonic(), kGoodbye));
  attempt.spoke_protocol = spoke_protocol(conversed);
  attempt.findings = conversed.findings;
  judge(attempt.seen, std::move(conversed));
  if (attempt.seen.failure) entry.say(*attempt.seen.failure);
  if (attempt.seen.accepted == Tristate::kYes) entry.say("accepted");
  co_return attempt;
}

}  // namespace tlswarden::probe
