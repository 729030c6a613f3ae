#include "verdict/ladder.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using probe::Tristate;
using resource::Engine;
using resource::RungOutcome;
using resource::TlsMode;

/// One fault and what each mode makes of it, per engine: disable, prefer, require, verify-ca, verify-full.
struct Case {
  const char* name;
  Engine engine;
  std::function<void(Scenario&)> change;
  const char* expected;
  TlsMode at;  ///< the rung whose reason is looked at
  const char* reason;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name << " on " << to_string(each.engine);
}

void nothing(Scenario& /*unchanged*/) {}
void expired(Scenario& s) {
  s.serve_expired();
}
void expired_open(Scenario& s) {
  s.serve_expired().accept_plaintext();
}
void expired_no_ca(Scenario& s) {
  s.serve_expired();
  s.material.ca_declared = false;
}
void self_signed(Scenario& s) {
  s.serve_self_signed();
}
void self_signed_open(Scenario& s) {
  s.serve_self_signed().accept_plaintext();
}
void self_signed_untold(Scenario& s) {
  s.serve_self_signed().plaintext_needs_login();
}
void wrong_name(Scenario& s) {
  s.serve_for("db.example.com");
}
void no_intermediate(Scenario& s) {
  s.serve({&demo().leaf});
}
void tls_off(Scenario& s) {
  s.tls_off();
}
void tls_off_untold(Scenario& s) {
  s.tls_off().plaintext_needs_login();
}
void no_answer_to_hello(Scenario& s) {
  s.observation.tls.reset();
  s.accept_plaintext().fail(Stage::kHandshake, Cause::kNotTls);
}
void certificate_demanded_12(Scenario& s) {
  s.observation.tls->finished = false;
  s.observation.tls->version = resource::TlsVersion::kTls12;
  s.observation.client_certificate = ClientCertificateOutcome::kRequired;
  s.fail(Stage::kHandshake, Cause::kHandshakeRefused, "40").accept_plaintext();
}
void certificate_demanded_13(Scenario& s) {
  s.observation.client_certificate = ClientCertificateOutcome::kRequired;
  s.fail(Stage::kProtocolStep, Cause::kClientCertificateRequired, "116").accept_plaintext();
}
void certificate_demanded_by_hba(Scenario& s) {
  s.observation.client_certificate = ClientCertificateOutcome::kRequired;
  s.fail(Stage::kProtocolStep, Cause::kClientCertificateRequired, "28000").accept_plaintext();
}
void certificate_rejected_12(Scenario& s) {
  s.observation.tls->finished = false;
  s.observation.tls->version = resource::TlsVersion::kTls12;
  s.observation.client_certificate = ClientCertificateOutcome::kRejected;
  s.fail(Stage::kHandshake, Cause::kClientCertificateRejected, "48").accept_plaintext();
}
void certificate_rejected_13(Scenario& s) {
  s.observation.client_certificate = ClientCertificateOutcome::kRejected;
  s.fail(Stage::kProtocolStep, Cause::kClientCertificateRejected, "48").accept_plaintext();
}
void only_without_tls_for_this_user(Scenario& s) {
  s.observation.notice = probe::Failure{Stage::kProtocolStep, Cause::kTlsRefused, {}, {}, "28000"};
  s.accept_plaintext();
}
void no_system_store(Scenario& s) {
  s.material.ca_declared = false;
  s.material.trust = nullptr;
  s.material.problems.push_back(
      {pki::MaterialProblem::Kind::kReferenceNotFound, "spec.tls.ca", "There is none."});
}
void only_without_tls(Scenario& s) {
  s.fail(Stage::kProtocolStep, Cause::kTlsRefused, "28000").accept_plaintext();
}
void old_protocol(Scenario& s) {
  s.observation.tls->version = resource::TlsVersion::kTls11;
}
void old_protocol_open(Scenario& s) {
  old_protocol(s);
  s.accept_plaintext();
}
void protocol_alert(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kHandshake, Cause::kProtocolVersion, "70").accept_plaintext();
}
void handshake_timeout(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kHandshake, Cause::kTimedOut).accept_plaintext();
}
void handshake_reset(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kHandshake, Cause::kConnectionReset).accept_plaintext();
}
/// Hangs up on the request for TLS, and speaks its protocol without.
void request_cut(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kNegotiate, Cause::kPeerClosed).accept_plaintext();
}
void request_answered_with_an_error(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kNegotiate, Cause::kServerError, "XX000").accept_plaintext();
}
void request_not_understood(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kNegotiate, Cause::kTlsNotOffered, "0A000").accept_plaintext();
}
void not_tls(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kHandshake, Cause::kNotTls).accept_plaintext();
}
void greeting_broken(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kNegotiate, Cause::kMalformedMessage, "1043").accept_plaintext();
}
void denied_inside_tls(Scenario& s) {
  s.fail(Stage::kProtocolStep, Cause::kAuthenticationFailed, "1045").accept_plaintext();
}
void injected(Scenario& s) {
  s.observation.tls.reset();
  s.fail(Stage::kNegotiate, Cause::kUnexpectedBytes).accept_plaintext();
}
void refused(Scenario& s) {
  s.unreachable();
}
void busy(Scenario& s) {
  s.observation.tls.reset(), s.fail(Stage::kNegotiate, Cause::kServerBusy, "1040");
}
void starting_inside_tls(Scenario& s) {
  s.fail(Stage::kProtocolStep, Cause::kServerStarting, "57P03");
}
void bad_key(Scenario& s) {
  s.material.problems.push_back({pki::MaterialProblem::Kind::kPassphraseIncorrect,
                                 "spec.tls.clientKeyPassphrase", "The passphrase is wrong."});
  s.accept_plaintext();
}
void bad_ca(Scenario& s) {
  s.material.trust = nullptr;
  s.material.problems.push_back(
      {pki::MaterialProblem::Kind::kReferenceInvalid, "spec.tls.ca", "It holds no certificate."});
}
void cn_only(Scenario& s) {
  const auto leaf = test_support::mint(
      {.common_name = "localhost", .not_before = kNow - kDay, .not_after = kNow + 90 * kDay},
      &demo().intermediate);
  s.serve({&leaf, &demo().intermediate});
}
void weak_key(Scenario& s) {
  const auto leaf = test_support::mint({.common_name = "localhost",
                                        .dns_names = {"localhost"},
                                        .not_before = kNow - kDay,
                                        .not_after = kNow + 90 * kDay,
                                        .key = "RSA-1024"},
                                       &demo().intermediate);
  s.serve({&leaf, &demo().intermediate});
}

class LadderCases : public testing::TestWithParam<Case> {};

TEST_P(LadderCases, AgreesWithTheEnginesOwnClient) {
  Scenario scenario(GetParam().engine);
  GetParam().change(scenario);
  const auto status = scenario.judge();
  EXPECT_EQ(outcomes(status), GetParam().expected);
  EXPECT_EQ(rung(status, GetParam().at).reason, GetParam().reason) << rung(status, GetParam().at).message;
  for (const auto& each : status.modes)
    EXPECT_FALSE(each.message.empty());
}

constexpr auto kPg = Engine::kPostgresql;
constexpr auto kMy = Engine::kMysql;
constexpr auto kMaria = Engine::kMariadb;
constexpr auto kRedis = Engine::kRedis;
constexpr auto kSql = Engine::kSqlserver;
constexpr auto kOff = TlsMode::kDisable;
constexpr auto kPrefer = TlsMode::kPrefer;
constexpr auto kRequire = TlsMode::kRequire;
constexpr auto kCa = TlsMode::kVerifyCa;
constexpr auto kFull = TlsMode::kVerifyFull;

INSTANTIATE_TEST_SUITE_P(
    Faults, LadderCases,
    testing::Values(
        Case{"healthy", kPg, nothing, "RWWWW", kFull, ""},
        Case{"healthy", kMaria, nothing, "RWWWW", kOff, reason::kServerRequiresTls},
        Case{"healthy", kRedis, nothing, "RWWWW", kPrefer, reason::kPreferHasNoFallback},
        // libpq verifies as soon as a CA is declared, and prefer then slips to plaintext if it can.
        Case{"expired", kPg, expired, "RRRRR", kPrefer, reason::kCertificateExpired},
        Case{"expired, plaintext open", kPg, expired_open, "WWRRR", kPrefer, reason::kFallbackToPlaintext},
        Case{"expired, no CA", kPg, expired_no_ca, "RWWRR", kRequire, ""},
        Case{"expired", kMaria, expired, "RWWRR", kCa, reason::kCertificateExpired},
        Case{"expired", kMy, expired, "RWWRR", kFull, reason::kCertificateExpired},
        Case{"expired", kRedis, expired, "RWWRR", kCa, reason::kCertificateExpired},
        Case{"self-signed", kPg, self_signed, "RRRRR", kRequire, reason::kSelfSignedLeaf},
        Case{"self-signed, plaintext open", kPg, self_signed_open, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"self-signed, plaintext untold", kPg, self_signed_untold, "UURRR", kPrefer,
             reason::kCredentialsRequired},
        Case{"self-signed", kMaria, self_signed, "RWWRR", kFull, reason::kSelfSignedLeaf},
        Case{"self-signed", kRedis, self_signed, "RWWRR", kCa, reason::kSelfSignedLeaf},
        Case{"wrong name", kPg, wrong_name, "RWWWR", kFull, reason::kHostnameMismatch},
        Case{"wrong name", kMaria, wrong_name, "RWWWR", kFull, reason::kHostnameMismatch},
        Case{"wrong name", kRedis, wrong_name, "RWWWR", kFull, reason::kHostnameMismatch},
        Case{"intermediate not sent", kPg, no_intermediate, "RRRRR", kCa, reason::kIncompleteChain},
        Case{"intermediate not sent", kMaria, no_intermediate, "RWWRR", kFull, reason::kIncompleteChain},
        Case{"intermediate not sent", kRedis, no_intermediate, "RWWRR", kFull, reason::kIncompleteChain},
        Case{"TLS off", kPg, tls_off, "WWRRR", kRequire, reason::kTlsNotSupported},
        Case{"TLS off", kMaria, tls_off, "WWRRR", kPrefer, reason::kFallbackToPlaintext},
        // FreeTDS goes on without TLS where there is none, but not after TLS has failed.
        Case{"TLS off", kSql, tls_off, "WWRRR", kPrefer, reason::kFallbackToPlaintext},
        Case{"expired, plaintext open", kSql, expired_open, "WWWRR", kPrefer, ""},
        Case{"protocol version alert", kSql, protocol_alert, "WRRRR", kPrefer,
             reason::kProtocolVersionTooLow},
        Case{"client certificate rejected in TLS 1.2", kSql, certificate_rejected_12, "WRRRR", kPrefer,
             reason::kClientCertificateRejected},
        Case{"TLS off, plaintext untold", kMaria, tls_off_untold, "UURRR", kPrefer,
             reason::kCredentialsRequired},
        Case{"TLS off", kRedis, no_answer_to_hello, "WRRRR", kPrefer, reason::kNotTls},
        Case{"client certificate demanded in TLS 1.2", kRedis, certificate_demanded_12, "WRRRR", kPrefer,
             reason::kClientCertificateRequired},
        Case{"client certificate demanded in TLS 1.3", kRedis, certificate_demanded_13, "WRRRR", kFull,
             reason::kClientCertificateRequired},
        // FATAL inside TLS: libpq tries again in plaintext.
        Case{"client certificate demanded by pg_hba", kPg, certificate_demanded_by_hba, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"client certificate rejected in TLS 1.2", kPg, certificate_rejected_12, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"client certificate rejected in TLS 1.3", kPg, certificate_rejected_13, "WRRRR", kPrefer,
             reason::kClientCertificateRejected},
        Case{"client certificate rejected in TLS 1.2", kMaria, certificate_rejected_12, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"client certificate rejected in TLS 1.3", kMaria, certificate_rejected_13, "WRRRR", kPrefer,
             reason::kClientCertificateRejected},
        Case{"hostnossl only", kPg, only_without_tls, "WWRRR", kRequire, reason::kTlsRefused},
        Case{"hostnossl only, told beside", kPg, only_without_tls_for_this_user, "WWRRR", kFull,
             reason::kTlsRefused},
        Case{"no system trust store", kPg, no_system_store, "RWWRR", kFull, reason::kReferenceNotFound},
        Case{"TLS 1.1 at best", kPg, old_protocol, "RRRRR", kFull, reason::kProtocolVersionTooLow},
        Case{"TLS 1.1 at best, plaintext open", kPg, old_protocol_open, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"protocol version alert", kMaria, protocol_alert, "WWRRR", kRequire,
             reason::kProtocolVersionTooLow},
        // Silence is no TLS failure: neither client goes on in plaintext.
        Case{"handshake times out", kPg, handshake_timeout, "WRRRR", kPrefer, reason::kHandshakeTimeout},
        Case{"handshake times out", kMaria, handshake_timeout, "WRRRR", kPrefer, reason::kHandshakeTimeout},
        Case{"handshake cut off", kPg, handshake_reset, "WWRRR", kPrefer, reason::kFallbackToPlaintext},
        Case{"handshake cut off", kMaria, handshake_reset, "WRRRR", kPrefer, reason::kConnectionReset},
        Case{"request for TLS cut off", kPg, request_cut, "WRRRR", kPrefer, reason::kConnectionReset},
        Case{"request for TLS cut off", kMaria, request_cut, "WRRRR", kPrefer, reason::kConnectionReset},
        Case{"request for TLS answered with an error", kPg, request_answered_with_an_error, "WRRRR", kPrefer,
             reason::kServerError},
        Case{"request for TLS not understood", kPg, request_not_understood, "WRRRR", kPrefer,
             reason::kTlsNotSupported},
        Case{"garbage, or an error of the protocol, for ServerHello", kPg, not_tls, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"garbage, or an error of the protocol, for ServerHello", kMaria, not_tls, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"garbage, or an error of the protocol, for ServerHello", kRedis, not_tls, "WRRRR", kPrefer,
             reason::kNotTls},
        Case{"handshake of the protocol broken", kMaria, greeting_broken, "WWRRR", kPrefer,
             reason::kFallbackToPlaintext},
        Case{"login denied inside TLS", kMaria, denied_inside_tls, "WWWWW", kPrefer, ""},
        Case{"bytes injected", kPg, injected, "WRRRR", kPrefer, reason::kUnexpectedBytes},
        Case{"connection refused", kPg, refused, "UUUUU", kFull, reason::kConnectionRefused},
        Case{"too many connections", kMaria, busy, "UUUUU", kOff, reason::kServerBusy},
        Case{"starting up inside TLS", kPg, starting_inside_tls, "RWWWW", kFull, ""},
        Case{"passphrase wrong", kPg, bad_key, "WWRRR", kRequire, reason::kPassphraseIncorrect},
        Case{"passphrase wrong", kRedis, bad_key, "WRRRR", kPrefer, reason::kPassphraseIncorrect},
        Case{"CA unusable", kPg, bad_ca, "RRRRR", kRequire, reason::kReferenceInvalid},
        Case{"CA unusable", kMaria, bad_ca, "RWWRR", kCa, reason::kReferenceInvalid},
        Case{"common name only", kPg, cn_only, "RWWWW", kFull, reason::kCommonNameOnly},
        Case{"common name only", kMaria, cn_only, "RWWWW", kFull, reason::kCommonNameOnly},
        Case{"common name only", kRedis, cn_only, "RWWWW", kFull, reason::kCommonNameOnly},
        Case{"weak key", kMaria, weak_key, "RWWRR", kCa, reason::kWeakKey}));

class WithoutFallback : public testing::TestWithParam<Engine> {};

TEST_P(WithoutFallback, PreferIsRequireAndSaysSo) {
  Scenario healthy(GetParam(), kPrefer);
  healthy.material.ca_declared = false;
  EXPECT_EQ(rung(healthy.judge(), kPrefer).reason, reason::kPreferHasNoFallback);
  for (const auto& change : {tls_off, not_tls, protocol_alert, handshake_reset, request_cut}) {
    Scenario broken(GetParam(), kPrefer);
    change(broken);
    const auto status = broken.judge();
    EXPECT_EQ(rung(status, kPrefer).outcome, RungOutcome::kRejected);
    EXPECT_EQ(rung(status, kPrefer).reason, rung(status, kRequire).reason);
  }
}

INSTANTIATE_TEST_SUITE_P(Ladder, WithoutFallback,
                         testing::Values(Engine::kMongodb, Engine::kRedis, Engine::kCassandra,
                                         Engine::kClickhouse, Engine::kOracle, Engine::kEtcd),
                         [](const auto& engine) { return std::string(to_string(engine.param)); });

TEST(Ladder, StrongestModeIsTheStrongestRungThatWorks) {
  EXPECT_EQ(Scenario().judge().strongest_mode, TlsMode::kVerifyFull);
  Scenario wrong;
  wrong.serve_for("db.example.com");
  EXPECT_EQ(wrong.judge().strongest_mode, TlsMode::kVerifyCa);
  Scenario none;
  none.unreachable();
  EXPECT_EQ(none.judge().strongest_mode, std::nullopt);
}

TEST(Ladder, SaysWhereTheClientIsLooserThanTheModesName) {
  EXPECT_NE(rung(Scenario().judge(), kPrefer).message.find("drops to plaintext whenever TLS fails"),
            std::string::npos);
  EXPECT_NE(
      rung(Scenario().judge(), kRequire).message.find("verifies the chain here because a CA is declared"),
      std::string::npos);
  EXPECT_NE(rung(Scenario(kRedis).judge(), kFull).message.find("itself compares no names"),
            std::string::npos);
  Scenario system;
  system.material.ca_declared = false;
  EXPECT_NE(rung(system.judge(), kFull).message.find("sslrootcert"), std::string::npos);
}

TEST(Ladder, DoesNotTakeAnEncryptedLoginForAnEncryptedSession) {
  Scenario open(kSql);
  open.accept_plaintext();
  const std::string message = rung(open.judge(), kPrefer).message;
  EXPECT_NE(message.find("encrypts the login alone: what follows it goes in plaintext"), std::string::npos)
      << message;
  EXPECT_NE(rung(Scenario(kSql).judge(), kPrefer).message.find("because the server insists"),
            std::string::npos);
}

TEST(Ladder, KnowsThatAClientThatBeginsWithoutTlsIsNotHeardWhereTlsMustComeFirst) {
  Scenario strict(kSql);
  strict.observation.tls->style = resource::NegotiationStyle::kDirect;
  const auto status = strict.judge();
  EXPECT_EQ(outcomes(status), "RRWWW");
  EXPECT_EQ(rung(status, kPrefer).reason, reason::kServerRequiresTls);
  strict.endpoint.spec.tls.negotiation = resource::NegotiationStyle::kDirect;
  EXPECT_EQ(outcomes(strict.judge()), "RWWWW") << "nobody has asked in the protocol itself";
}

TEST(Ladder, MentionsThatTheChainNeedsAnIntermediateFromTheBundle) {
  Scenario scenario;
  scenario.serve({&demo().leaf});
  scenario.material.trust = test_support::store_of({&demo().root, &demo().intermediate});
  const auto status = scenario.judge();
  EXPECT_EQ(outcomes(status), "RWWWW");
  EXPECT_EQ(rung(status, kFull).reason, reason::kIntermediateNotSent);
}

TEST(Ladder, PutsTheServersWordsBelowOursAndEscapesThem) {
  Scenario scenario;
  scenario.fail(Stage::kProtocolStep, Cause::kTlsRefused, "28000",
                "no \x1b[31mpg_hba.conf entry, SSL encryption");
  const std::string message = rung(scenario.judge(), kRequire).message;
  EXPECT_NE(message.find("\nServer: \"no \\x1b[31mpg_hba.conf entry, SSL encryption\""), std::string::npos)
      << message;
}

/// What is known of plaintext and what becomes of disable.
struct PlainCase {
  const char* name;
  std::function<void(Scenario&)> change;
  RungOutcome outcome;
  const char* reason;
};

void PrintTo(const PlainCase& each, std::ostream* out) {
  *out << each.name;
}

class PlaintextCases : public testing::TestWithParam<PlainCase> {};

TEST_P(PlaintextCases, DecideDisable) {
  Scenario scenario(Engine::kMysql);
  GetParam().change(scenario);
  const auto status = scenario.judge();
  EXPECT_EQ(rung(status, kOff).outcome, GetParam().outcome);
  EXPECT_EQ(rung(status, kOff).reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Plaintext, PlaintextCases,
    testing::Values(PlainCase{"accepted though a stronger mode is declared",
                              [](Scenario& s) { s.accept_plaintext(); }, RungOutcome::kWorks,
                              reason::kPlaintextAccepted},
                    PlainCase{"accepted and declared",
                              [](Scenario& s) {
                                s.accept_plaintext();
                                s.endpoint.spec.tls.mode = kOff;
                              },
                              RungOutcome::kWorks, ""},
                    PlainCase{"refused", [](Scenario& s) { s.refuse_plaintext(); }, RungOutcome::kRejected,
                              reason::kServerRequiresTls},
                    PlainCase{"decided after a login", [](Scenario& s) { s.plaintext_needs_login(); },
                              RungOutcome::kUnknown, reason::kCredentialsRequired},
                    PlainCase{"not tried", [](Scenario& s) { s.observation.plaintext.reset(); },
                              RungOutcome::kUnknown, reason::kPlaintextNotChecked},
                    PlainCase{"timed out",
                              [](Scenario& s) {
                                s.plaintext(Tristate::kUnknown,
                                            probe::Failure{Stage::kPlaintext, Cause::kTimedOut, {}, {}, {}});
                              },
                              RungOutcome::kUnknown, reason::kNegotiationTimeout},
                    PlainCase{"the account's policy admits it",
                              [](Scenario& s) {
                                s.plaintext_needs_login();
                                s.login().plaintext_allowed = Tristate::kYes;
                              },
                              RungOutcome::kWorks, reason::kPlaintextAccepted},
                    PlainCase{"the account's policy forbids it",
                              [](Scenario& s) {
                                s.plaintext_needs_login();
                                s.login().plaintext_allowed = Tristate::kNo;
                              },
                              RungOutcome::kRejected, reason::kServerRequiresTls},
                    PlainCase{"the policy for the account outweighs an attempt for a made-up user",
                              [](Scenario& s) {
                                s.refuse_plaintext();
                                s.login().plaintext_allowed = Tristate::kYes;
                              },
                              RungOutcome::kWorks, reason::kPlaintextAccepted},
                    PlainCase{"an attempt for the declared user outweighs the policy",
                              [](Scenario& s) {
                                s.refuse_plaintext();
                                s.observation.plaintext->for_declared_user = true;
                                s.login().plaintext_allowed = Tristate::kYes;
                              },
                              RungOutcome::kRejected, reason::kServerRequiresTls},
                    PlainCase{"a login came through unencrypted",
                              [](Scenario& s) {
                                s.endpoint.spec.tls.mode = TlsMode::kPrefer;
                                s.plaintext_needs_login();
                                s.login().logged_in = true;
                                s.login().encrypted = Tristate::kNo;
                              },
                              RungOutcome::kWorks, reason::kPlaintextAccepted},
                    PlainCase{"a proxy ends TLS, and the server calls the login unencrypted",
                              [](Scenario& s) {
                                s.plaintext_needs_login();
                                s.login().logged_in = true;
                                s.login().encrypted = Tristate::kNo;
                              },
                              RungOutcome::kUnknown, reason::kCredentialsRequired},
                    PlainCase{"the login without TLS was denied",
                              [](Scenario& s) {
                                s.endpoint.spec.tls.mode = kOff;
                                s.plaintext_needs_login();
                                s.login().admitted_in_plaintext = Tristate::kNo;
                                s.login().failure = probe::Failure{
                                    Stage::kSession, Cause::kAuthenticationFailed, {}, {}, "1045"};
                              },
                              RungOutcome::kRejected, reason::kAuthenticationFailed},
                    PlainCase{"a login was refused for want of TLS",
                              [](Scenario& s) {
                                s.plaintext_needs_login();
                                s.login().failure =
                                    probe::Failure{Stage::kSession, Cause::kTlsRequired, {}, {}, "3159"};
                              },
                              RungOutcome::kRejected, reason::kServerRequiresTls}));

}  // namespace
}  // namespace tlswarden::verdict
