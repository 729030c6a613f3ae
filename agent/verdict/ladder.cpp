#include "verdict/ladder.hpp"

#include <algorithm>

#include "verdict/client_certificate.hpp"
#include "verdict/client_preflight.hpp"
#include "verdict/protocol_floor.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::Stage;
using resource::EngineFacts;
using resource::PreferFallback;
using resource::RungOutcome;
using resource::TlsMode;

/// What becomes of TLS in one mode, before any second attempt without it.
struct Attempt {
  RungOutcome outcome = RungOutcome::kWorks;
  Finding finding;
  FailureClass failure_class = FailureClass::kTls;  ///< meaningful when rejected
};

Attempt rejected(Finding finding, FailureClass failure_class) {
  return {RungOutcome::kRejected, std::move(finding), failure_class};
}

/// Errors by which the server refuses this user or this moment rather than TLS.
bool about_something_else(const probe::Failure& failure) {
  switch (failure.cause) {
    case Cause::kServerBusy:
    case Cause::kServerStarting:
    case Cause::kHostBlocked:
    case Cause::kHostNotAllowed:
    case Cause::kAuthenticationFailed:
    case Cause::kAccessRefused:
    case Cause::kDatabaseNotFound:
    case Cause::kServerError:
      return failure.stage > Stage::kHandshake;
    default:
      return false;
  }
}

/// Failures that say nothing about the server: ours, or a silence after a good handshake.
bool says_nothing(const probe::Failure& failure) {
  switch (failure.cause) {
    case Cause::kUnsupported:
    case Cause::kCancelled:
    case Cause::kInternal:
    case Cause::kChannelTooWeak:
    case Cause::kTunnelLost:
      return true;
    case Cause::kTimedOut:
      return failure.stage > Stage::kHandshake;
    default:
      return false;
  }
}

const pki::MaterialProblem* material_problem(TlsMode mode, const JudgeInput& input,
                                             const EngineFacts& facts) {
  if (const auto* problem = pki::client_problem(input.material)) return problem;
  return verifies_chain(mode, facts, input.material) ? ca_problem(input.material) : nullptr;
}

/// A failure that the client meets before it judges the certificate.
std::optional<Attempt> failure_before_identity(const JudgeInput& input) {
  const auto& failure = input.observation.failure;
  if (!failure || failure->stage > Stage::kHandshake || client_certificate_refusal(input.observation)) {
    return std::nullopt;
  }
  if (says_nothing(*failure))
    return Attempt{RungOutcome::kUnknown, describe(*failure), FailureClass::kNetwork};
  return rejected(describe(*failure), classify(*failure));
}

/// A failure that the client meets after the certificate has satisfied it.
std::optional<Attempt> failure_after_identity(const JudgeInput& input) {
  if (const auto refusal = client_certificate_refusal(input.observation)) {
    return rejected(describe(*refusal), classify(*refusal));
  }
  const auto& session = input.observation.session;
  for (const auto& said : {input.observation.notice, session ? session->failure : std::nullopt}) {
    if (said && said->cause == Cause::kTlsRefused)
      return rejected(describe(*said), FailureClass::kServerRefusal);
  }
  const auto& failure = input.observation.failure;
  if (!failure || failure->stage <= Stage::kHandshake || about_something_else(*failure)) return std::nullopt;
  if (says_nothing(*failure))
    return Attempt{RungOutcome::kUnknown, describe(*failure), FailureClass::kNetwork};
  return rejected(describe(*failure), classify(*failure));
}

std::optional<Attempt> identity_failure(TlsMode mode, const JudgeInput& input, const EngineFacts& facts,
                                        const Identity& identity) {
  if (!verifies_chain(mode, facts, input.material)) return std::nullopt;
  if (!identity.trust_known) {
    return rejected({reason::kReferenceInvalid, "there is no CA to verify the chain with", {}},
                    FailureClass::kTls);
  }
  if (!identity.chain_faults.empty()) return rejected(identity.chain_faults.front(), FailureClass::kTls);
  if (mode != TlsMode::kVerifyFull || identity.name_faults.empty()) return std::nullopt;
  Finding finding = identity.name_faults.front();
  if (!facts.client_checks_names) {
    finding.sentence += "; " + facts.client + " itself compares no names and would not notice";
  }
  return rejected(std::move(finding), FailureClass::kTls);
}

/// Whether the server asks for a client certificate, none is declared, and only a login can tell whether the
/// account needs one.
bool account_may_demand_certificate(const JudgeInput& input, const EngineFacts& facts) {
  const auto& tls = input.observation.tls;
  return facts.account_decides && tls && tls->client_certificate_requested &&
         !tls->client_certificate_presented;
}

std::optional<Attempt> account_demand(const JudgeInput& input, const EngineFacts& facts) {
  const auto& session = input.observation.session;
  const bool denied = session && session->failure && session->admitted_over_tls == probe::Tristate::kNo;
  if (!denied || !account_may_demand_certificate(input, facts)) return std::nullopt;
  return rejected(describe(*session->failure), FailureClass::kServerRefusal);
}

Attempt attempt_tls(TlsMode mode, const JudgeInput& input, const EngineFacts& facts,
                    const Identity* identity) {
  if (const auto* problem = material_problem(mode, input, facts))
    return rejected(describe(*problem), FailureClass::kTls);
  if (auto refused = key_file_refusal(input.material, facts))
    return rejected(*std::move(refused), FailureClass::kTls);
  if (auto failed = failure_before_identity(input)) return *std::move(failed);
  const auto& tls = input.observation.tls;
  if (!tls || identity == nullptr) {
    if (auto failed = failure_after_identity(input)) return *std::move(failed);
    return {
        RungOutcome::kUnknown, {reason::kNoCertificateSeen, "TLS was not tried", {}}, FailureClass::kNetwork};
  }
  if (auto floor = judge_protocol(*tls, input.endpoint.spec.tls.min_version)) {
    return rejected(*std::move(floor), FailureClass::kTls);
  }
  if (auto failed = identity_failure(mode, input, facts, *identity)) return *std::move(failed);
  if (auto failed = failure_after_identity(input)) return *std::move(failed);
  return account_demand(input, facts).value_or(Attempt{});
}

/// Measured with psql 15 and mariadb 10.11, tests/integration/test_prefer.py.
bool falls_back(PreferFallback fallback, const Attempt& attempt) {
  const FailureClass failure_class = attempt.failure_class;
  switch (fallback) {
    case PreferFallback::kNone:
      return false;
    case PreferFallback::kTwoPass:
      // CR_SSL_CONNECTION_ERROR; CR_SERVER_HANDSHAKE_ERR and ER_HANDSHAKE_ERROR.
      return failure_class == FailureClass::kTls || failure_class == FailureClass::kBeforeTls;
    case PreferFallback::kLoginOnly:
      return attempt.finding.reason == reason::kTlsNotSupported;
    case PreferFallback::kNative:
      return failure_class == FailureClass::kTls || failure_class == FailureClass::kLost ||
             failure_class == FailureClass::kServerRefusal;
  }
  return false;
}

/// The remark that a rung carries although it works.
Finding remark(TlsMode mode, const JudgeInput& input, const EngineFacts& facts, const Identity& identity) {
  const bool verifies = verifies_chain(mode, facts, input.material);
  if (mode == TlsMode::kPrefer && facts.fallback == PreferFallback::kNone) {
    return {reason::kPreferHasNoFallback,
            facts.client +
                " has no fallback to plaintext: prefer is the same as require, which encrypts and verifies "
                "nothing",
            {}};
  }
  if (verifies) {
    if (!identity.revocation.revoked.empty()) {
      Finding revoked = identity.revocation.revoked.front();
      revoked.sentence += "; " + facts.client + " connects all the same unless it is told to check this";
      return revoked;
    }
    for (const Finding& found : identity.remarks) {
      if (found.reason != reason::kCommonNameOnly || mode == TlsMode::kVerifyFull) return found;
    }
  }
  switch (mode) {
    case TlsMode::kPrefer:
      return {{},
              verifies
                  ? "encrypted and the chain verified, but the client drops to plaintext whenever TLS fails"
                  : "encrypted, but nothing is verified and the client drops to plaintext whenever TLS fails",
              {}};
    case TlsMode::kRequire:
      return {{},
              verifies ? "encrypted; " + facts.client +
                             " verifies the chain here because a CA is declared, but not the name"
                       : "encrypted, but nothing is verified: whoever answers is believed",
              {}};
    case TlsMode::kVerifyCa:
      return {{}, "encrypted and the chain verified, but not the name", {}};
    case TlsMode::kVerifyFull:
      return {{},
              facts.client_checks_names ? "encrypted, chain and name verified"
                                        : "encrypted, chain and name verified; " + facts.client +
                                              " itself compares no names, so this holds for clients that do",
              {}};
    case TlsMode::kDisable:
      break;
  }
  return {};
}

/// A login that was not tried leaves open what the account demands besides TLS.
void mention_withheld_login(Rung& rung, const JudgeInput& input, const EngineFacts& facts) {
  const auto& session = input.observation.session;
  const bool withheld = session && session->failure && session->failure->cause == Cause::kChannelTooWeak;
  if (!withheld || rung.mode >= input.endpoint.spec.tls.mode) return;
  if (account_may_demand_certificate(input, facts)) {
    rung.finding.sentence +=
        "; no login was tried on a connection weaker than declared, so whether the account needs a client "
        "certificate stays open";
  }
}

/// libpq before 16 cannot use the system's store by itself.
void mention_system_store(Rung& rung, const JudgeInput& input, const EngineFacts& facts) {
  if (rung.mode < TlsMode::kVerifyCa || facts.names != resource::NameRules::kLibpq ||
      input.material.ca_declared)
    return;
  rung.finding.sentence += "; libpq needs sslrootcert to name the system's CA file for this";
}

Rung tls_rung(TlsMode mode, const JudgeInput& input, const EngineFacts& facts, const Identity* identity) {
  Attempt attempt = attempt_tls(mode, input, facts, identity);
  Rung rung{mode, attempt.outcome, std::move(attempt.finding)};
  if (rung.outcome == RungOutcome::kWorks) {
    rung.finding = remark(mode, input, facts, *identity);
    mention_system_store(rung, input, facts);
    mention_withheld_login(rung, input, facts);
  }
  return rung;
}

/// prefer when TLS has failed in a way after which the client goes on without it.
Rung fallen_back(Finding tls_finding, const PlaintextVerdict& plaintext) {
  if (plaintext.outcome == RungOutcome::kWorks) {
    return {TlsMode::kPrefer,
            RungOutcome::kWorks,
            {reason::kFallbackToPlaintext, "connects, but in plaintext: " + tls_finding.sentence,
             tls_finding.peer_text}};
  }
  if (plaintext.outcome == RungOutcome::kRejected) {
    tls_finding.sentence += ", and the server refuses the fallback to plaintext";
    return {TlsMode::kPrefer, RungOutcome::kRejected, std::move(tls_finding)};
  }
  return {TlsMode::kPrefer,
          RungOutcome::kUnknown,
          {plaintext.finding.reason,
           tls_finding.sentence + "; the client then goes on in plaintext, but " + plaintext.finding.sentence,
           tls_finding.peer_text}};
}

/// Whether TLS came about only by putting it first, after the engine's own protocol had been tried.
bool only_direct(const JudgeInput& input) {
  const auto& tls = input.observation.tls;
  return tls && tls->style == resource::NegotiationStyle::kDirect &&
         input.endpoint.spec.tls.negotiation == resource::NegotiationStyle::kAuto;
}

/// What a client gets that asks for nothing but an encrypted login.
std::string login_only_remark(const EngineFacts& facts, const PlaintextVerdict& plaintext) {
  if (plaintext.outcome == RungOutcome::kRejected)
    return "encrypted, because the server insists, but nothing is verified";
  const std::string what = facts.client + " encrypts the login alone: what follows it goes in plaintext";
  return plaintext.outcome == RungOutcome::kWorks ? what : what + " unless the server insists on more";
}

Rung prefer_rung(const JudgeInput& input, const EngineFacts& facts, const Identity* identity,
                 const PlaintextVerdict& plaintext) {
  const Attempt attempt = attempt_tls(TlsMode::kPrefer, input, facts, identity);
  if (attempt.outcome == RungOutcome::kRejected && falls_back(facts.fallback, attempt)) {
    return fallen_back(attempt.finding, plaintext);
  }
  Rung rung = tls_rung(TlsMode::kPrefer, input, facts, identity);
  if (rung.outcome != RungOutcome::kWorks || facts.fallback != PreferFallback::kLoginOnly) return rung;
  if (only_direct(input)) {
    return {TlsMode::kPrefer,
            RungOutcome::kRejected,
            {reason::kServerRequiresTls,
             "the server wants TLS before everything else, and prefer begins without",
             {}}};
  }
  rung.finding.sentence = login_only_remark(facts, plaintext);
  return rung;
}

/// Nothing is known of a server that could not be reached.
Ladder unreachable_ladder(const probe::Failure& failure) {
  Ladder ladder;
  for (const TlsMode mode : resource::kAllModes) {
    ladder.rungs.at(static_cast<std::size_t>(mode)) = {mode, RungOutcome::kUnknown, describe(failure)};
  }
  return ladder;
}

}  // namespace

bool verifies_chain(TlsMode mode, const EngineFacts& facts, const pki::Material& material) {
  switch (mode) {
    case TlsMode::kDisable:
      return false;
    case TlsMode::kPrefer:
      return facts.prefer_verifies_with_ca && material.ca_declared;
    case TlsMode::kRequire:
      return facts.require_verifies_with_ca && material.ca_declared;
    case TlsMode::kVerifyCa:
    case TlsMode::kVerifyFull:
      return true;
  }
  return true;
}

std::optional<TlsMode> Ladder::strongest() const {
  const auto found = std::find_if(rungs.rbegin(), rungs.rend(),
                                  [](const Rung& rung) { return rung.outcome == RungOutcome::kWorks; });
  if (found == rungs.rend()) return std::nullopt;
  return found->mode;
}

Ladder build_ladder(const JudgeInput& input, const Identity* identity, const PlaintextVerdict& plaintext) {
  const bool handshake_done = input.observation.tls && input.observation.tls->finished;
  const probe::Failure* in_the_way = obstacle(input.observation);
  if (in_the_way != nullptr && !handshake_done) return unreachable_ladder(*in_the_way);
  const EngineFacts& facts = resource::engine_facts(input.endpoint.spec.engine);
  Ladder ladder;
  ladder.rungs[0] = {TlsMode::kDisable, plaintext.outcome, plaintext.finding};
  ladder.rungs[1] = prefer_rung(input, facts, identity, plaintext);
  for (const TlsMode mode : {TlsMode::kRequire, TlsMode::kVerifyCa, TlsMode::kVerifyFull}) {
    ladder.rungs.at(static_cast<std::size_t>(mode)) = tls_rung(mode, input, facts, identity);
  }
  return ladder;
}

resource::ModeRung to_status(const Rung& rung, const EngineFacts& facts) {
  std::string sentence = rung.finding.sentence;
  if (rung.outcome == RungOutcome::kRejected && rung.mode != TlsMode::kDisable) {
    sentence += "; clients with " + std::string(to_string(rung.mode)) + " are refused";
  }
  if (rung.outcome == RungOutcome::kWorks && sentence.empty()) {
    sentence = facts.client + " connects with " + facts.spelling.at(static_cast<std::size_t>(rung.mode));
  }
  return {rung.mode, rung.outcome, rung.finding.reason, compose(sentence, {}, rung.finding.peer_text)};
}

}  // namespace tlswarden::verdict
