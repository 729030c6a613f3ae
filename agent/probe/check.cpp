#include "probe/check.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/text.hpp"
#include "pki/name_match.hpp"
#include "probe/io_failure.hpp"
#include "probe/journal.hpp"
#include "probe/legacy_protocols.hpp"
#include "probe/plaintext.hpp"
#include "probe/protocol_step.hpp"
#include "probe/session_context.hpp"
#include "probe/tls_attempt.hpp"
#include "probe/tunnel.hpp"
#include "probe/workshop.hpp"
#include "resource/engine.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::chrono::milliseconds kGoodbye{500};

bool may_lack_tls(const Target& target) {
  if (target.mode == resource::TlsMode::kDisable) return true;
  const bool falls_back = resource::engine_facts(target.engine).fallback != resource::PreferFallback::kNone;
  return target.mode == resource::TlsMode::kPrefer && falls_back;
}

/// One check of one endpoint.
class Check {
 public:
  Check(Workshop& workshop, const Target& target, Journal& journal, base::Deadline deadline)
      : workshop_(workshop),
        clock_(workshop.services.clock),
        target_(target),
        journal_(journal),
        deadline_(deadline),
        driver_(workshop.services.drivers.find(target.engine)) {
    seen_.at = clock_.now();
  }

  /// Every look at the server.
  net::Awaitable<Observation> run() {
    if (driver_ == nullptr) {
      seen_.failure = Failure{Stage::kNegotiate,
                              Cause::kUnsupported,
                              "This build cannot check " + std::string(to_string(target_.engine)) + ".",
                              {},
                              {}};
    } else if (co_await find_server()) {
      co_await check_tls();
      if (wants_plaintext()) {
        // GCC 12 loses its place in a coroutine that awaits with a temporary in a branch.
        const base::Deadline share = deadline_.at_most(clock_.monotonic(), plaintext_share());
        co_await check_plaintext(share);
      }
      if (wants_legacy_protocols()) co_await check_legacy_protocols();
      if (wants_session()) co_await check_session();
    }
    co_return std::move(seen_);
  }

  /// TLS alone; at `address` if that is known already.
  net::Awaitable<Observation> run_tls(std::optional<net::Address> address) {
    bool found = address.has_value();
    if (found) seen_.addresses = {*address};
    if (!found) found = co_await find_server();
    if (found) {
      co_await check_tls();
      if (!seen_.address) seen_.address = seen_.addresses.front();
    }
    co_return std::move(seen_);
  }

 private:
  net::Awaitable<bool> find_server() {
    const std::string name = pki::to_ascii_name(target_.host);
    if (!target_.bastion) co_return co_await resolve(name);
    Journal::Entry(journal_, Stage::kResolve).say("left to the bastion " + target_.bastion->host);
    seen_.addresses = {{name, target_.port}};
    co_return co_await reach();
  }

  net::Awaitable<bool> reach() {
    Journal::Entry entry(journal_, Stage::kTunnel);
    seen_.failure = co_await reach_bastion(workshop_.services, target_, deadline_);
    if (seen_.failure) {
      entry.say(*seen_.failure);
      co_return false;
    }
    entry.say("through " + net::to_string({target_.bastion->host, target_.bastion->port}));
    co_return true;
  }

  net::Awaitable<bool> resolve(std::string name) {
    Journal::Entry entry(journal_, Stage::kResolve);
    auto addresses = co_await workshop_.services.resolver.resolve(name, target_.port, deadline_);
    if (!addresses) {
      seen_.failure = failure_from(addresses.error(), Stage::kResolve, target_.host);
      entry.say(*seen_.failure);
      co_return false;
    }
    seen_.addresses = *std::move(addresses);
    std::vector<std::string> texts;
    for (const net::Address& address : seen_.addresses)
      texts.push_back(address.ip);
    entry.say(base::join(texts, ", "));
    co_return true;
  }

  net::Awaitable<void> check_tls() {
    const base::Deadline deadline = deadline_.at_most(clock_.monotonic(), tls_share());
    TlsAttemptOptions options{seen_.addresses, deadline};
    options.ask_plaintext = [this, deadline](const net::Address& address) -> net::Awaitable<PlaintextWord> {
      seen_.address = address;
      co_return co_await check_plaintext(deadline);
    };
    TlsAttempt attempt = co_await attempt_tls(workshop_, target_, *driver_, journal_, options);
    seen_.address = std::move(attempt.address);
    seen_.tls_offer = attempt.offer;
    seen_.tls = attempt.tls;
    seen_.failure = std::move(attempt.failure);
    learn(attempt.findings);
    if (seen_.failure) {
      seen_.client_certificate = outcome_of(*seen_.failure);
      co_return;
    }
    const std::string peer = net::to_string(*seen_.address);
    ProtocolStep step = co_await take_protocol_step(workshop_, target_, *driver_, journal_, *attempt.stream,
                                                    *attempt.tls, attempt.findings, peer, deadline);
    seen_.client_certificate = step.client_certificate;
    seen_.failure = std::move(step.failure);
    learn(step.findings);
    co_await attempt.stream->close(deadline_.at_most(clock_.monotonic(), kGoodbye));
  }

  void learn(const Findings& findings) {
    if (!findings.server_version.empty()) seen_.server_version = findings.server_version;
    if (!findings.server_product.empty()) seen_.server_product = findings.server_product;
    if (findings.notice) seen_.notice = findings.notice;
  }

  net::Awaitable<PlaintextWord> check_plaintext(base::Deadline deadline) {
    PlaintextAttempt attempt =
        co_await attempt_plaintext(workshop_, target_, *driver_, journal_, *seen_.address, deadline);
    seen_.plaintext = std::move(attempt.seen);
    if (seen_.server_version.empty()) seen_.server_version = std::move(attempt.findings.server_version);
    if (seen_.server_product.empty()) seen_.server_product = std::move(attempt.findings.server_product);
    if (seen_.plaintext->accepted == Tristate::kYes) co_return PlaintextWord::kAccepted;
    co_return attempt.spoke_protocol ? PlaintextWord::kSpoken : PlaintextWord::kNothing;
  }

  net::Awaitable<void> check_legacy_protocols() {
    const base::Deadline share = deadline_.at_most(clock_.monotonic(), plaintext_share());
    seen_.legacy_protocols = co_await offer_legacy_protocols(workshop_, target_, *driver_, journal_,
                                                             *seen_.address, seen_.tls->style, share);
  }

  net::Awaitable<void> check_session() {
    Journal::Entry entry(journal_, Stage::kSession);
    LiveSessionContext context(workshop_, target_, *driver_, *seen_.address, deadline_,
                               co_await boost::asio::this_coro::executor);
    seen_.session = co_await driver_->session(context);
    if (seen_.session->failure) {
      entry.say(*seen_.session->failure);
    } else {
      entry.say(seen_.session->logged_in ? "logged in" : "not logged in");
    }
  }

  bool cancelled() const { return seen_.failure && seen_.failure->cause == Cause::kCancelled; }

  /// An endpoint that does not accept connections needs no second look; one that was asked already, none
  /// either.
  bool wants_plaintext() const {
    return seen_.address && !cancelled() && !seen_.plaintext && plaintext_declared();
  }
  bool plaintext_declared() const { return target_.plaintext_due || may_lack_tls(target_); }

  /// A name alone is no login: it needs a password, or a client certificate that may stand for one. Where the
  /// declared certificate cannot be used, the account's own client would not come so far either.
  bool can_log_in() const {
    const bool with_tls = target_.mode != resource::TlsMode::kDisable;
    if (with_tls && pki::client_problem(target_.material) != nullptr) return false;
    return target_.credentials && (!target_.credentials->password.empty() || target_.material.client);
  }
  bool wants_session() const {
    if (!can_log_in() || !seen_.address || cancelled()) return false;
    return (seen_.tls && seen_.tls->finished) || may_lack_tls(target_);
  }

  /// Not where failed handshakes would add up against this host without a login that sets them back.
  bool wants_legacy_protocols() const {
    if (!target_.legacy_protocols_due || cancelled() || !seen_.tls || !seen_.tls->finished) return false;
    return !driver_->counts_failed_handshakes() || can_log_in();
  }

  /// The time is shared so that a TLS attempt that hangs leaves the others some: where TLS is declared it
  /// matters most, under disable it only feeds the ladder.
  std::chrono::nanoseconds tls_share() const {
    const int own = target_.mode == resource::TlsMode::kDisable ? 1 : 3;
    const int others = (plaintext_declared() ? 1 : 0) + (can_log_in() ? 2 : 0);
    return deadline_.left(clock_.monotonic()) * own / (own + others);
  }
  std::chrono::nanoseconds plaintext_share() const {
    const auto left = deadline_.left(clock_.monotonic());
    return wants_session() ? left / 2 : left;
  }

  Workshop& workshop_;
  const base::Clock& clock_;
  const Target& target_;
  Journal& journal_;
  base::Deadline deadline_;
  const Driver* driver_;
  Observation seen_;
};

}  // namespace

net::Awaitable<Observation> check_server(Workshop& workshop, const Target& target, Journal& journal,
                                         base::Deadline deadline) {
  Check check(workshop, target, journal, deadline);
  co_return co_await check.run();
}

net::Awaitable<Observation> check_tls_of_server(Workshop& workshop, const Target& target, Journal& journal,
                                                base::Deadline deadline,
                                                std::optional<net::Address> address) {
  Check check(workshop, target, journal, deadline);
  co_return co_await check.run_tls(std::move(address));
}

}  // namespace tlswarden::probe
