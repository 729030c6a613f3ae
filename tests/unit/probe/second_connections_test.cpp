// The connections that a check makes beside its first: the attempt without TLS, and the login.
#include <openssl/tls1.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "tests/unit/probe/prober_fixture.hpp"

namespace tlswarden::probe {
namespace {

using resource::Engine;
using resource::NegotiationStyle;
using resource::TlsMode;
using test_support::ScriptedServer;
using test_support::ServerTls;
using testing::HasSubstr;

class PlaintextAttempt : public ProberTest {};

TEST_F(PlaintextAttempt, IsMadeWhenDue) {
  ScriptedServer server({answer_tls, answer_plaintext}, server_tls());
  Target looked_at = target(server.port());
  looked_at.plaintext_due = true;
  const Observation seen = observe(looked_at);
  EXPECT_FALSE(seen.failure);
  ASSERT_TRUE(seen.plaintext);
  EXPECT_EQ(seen.plaintext->accepted, Tristate::kYes);
  EXPECT_FALSE(seen.plaintext->failure);
  EXPECT_EQ(seen.plaintext->at, kTestNow);
  EXPECT_FALSE(seen.plaintext->for_declared_user);
}

TEST_F(PlaintextAttempt, IsMadeWhereTheModeMayComeToPlaintext) {
  for (const TlsMode mode : resource::kAllModes) {
    ScriptedServer server({answer_tls, answer_plaintext}, server_tls());
    EXPECT_EQ(observe(target(server.port(), mode)).plaintext.has_value(), mode <= TlsMode::kPrefer)
        << to_string(mode);
  }
}

TEST_F(PlaintextAttempt, KeepsItsFailureToItself) {
  ScriptedServer server({answer_tls,
                         [](Peer& peer) {
                           peer.receive(6);
                           peer.send("NO");
                           peer.drain();
                         }},
                        server_tls());
  Target looked_at = target(server.port());
  looked_at.plaintext_due = true;
  const Observation seen = observe(looked_at);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.plaintext->accepted, Tristate::kNo);
  ASSERT_TRUE(seen.plaintext->failure);
  EXPECT_EQ(seen.plaintext->failure->stage, Stage::kPlaintext);
  EXPECT_EQ(seen.plaintext->failure->cause, Cause::kTlsRequired);
}

TEST_F(PlaintextAttempt, StillHasTimeWhenTheTlsAttemptHangs) {
  ScriptedServer server(
      {[](Peer& peer) { peer.drain(); }, answer_plaintext, [](Peer& peer) { peer.drain(); }});
  Target looked_at = target(server.port(), TlsMode::kDisable);
  looked_at.timeout = base::Seconds(2);
  looked_at.credentials = credentials();
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
  EXPECT_EQ(seen.failure->stage, Stage::kNegotiate);
  EXPECT_EQ(seen.plaintext->accepted, Tristate::kYes);
  ASSERT_TRUE(seen.session);
  EXPECT_TRUE(seen.session->logged_in);
}

/// An engine whose plaintext port swallows a ClientHello.
class SilentPort : public ProberTest {
 protected:
  Target silent_target(std::uint16_t port) {
    driver_.order = {NegotiationStyle::kDirect};
    Target looked_at = target(port, TlsMode::kRequire);
    looked_at.engine = Engine::kRedis;
    looked_at.timeout = base::Seconds(60);
    return looked_at;
  }
};

TEST_F(SilentPort, ThatAnswersInPlaintextHasNoTls) {
  ScriptedServer server({[](Peer& peer) { peer.drain(); }, answer_plaintext});
  const base::MonoTime begin = clock_.monotonic();
  const Observation seen = observe(silent_target(server.port()));
  EXPECT_LT(clock_.monotonic() - begin, std::chrono::seconds(30)) << "long before the deadline";
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kHandshake);
  EXPECT_EQ(seen.failure->cause, Cause::kNotTls);
  EXPECT_THAT(seen.failure->message, HasSubstr("plaintext protocol of Redis"));
  EXPECT_EQ(seen.tls_offer, Offer::kNotOffered);
  EXPECT_EQ(seen.plaintext->accepted, Tristate::kYes);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(SilentPort, ThatOnlyTakesItsTimeIsWaitedFor) {
  std::promise<void> asked;
  auto then = asked.get_future().share();
  ScriptedServer server({[then](Peer& peer) {
                           then.wait();
                           if (!peer.start_tls()) return;
                           peer.receive(4);
                           peer.send("PONG");
                           peer.drain();
                         },
                         [&asked](Peer& peer) {
                           asked.set_value();
                           peer.finish();
                         }},
                        server_tls());
  const Observation seen = observe(silent_target(server.port()));
  ASSERT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_TRUE(seen.tls->finished);
}

TEST_F(SilentPort, MayOnlyWantItsOwnProtocolFirst) {
  ScriptedServer server({[](Peer& peer) { peer.drain(); }, answer_plaintext});
  Target looked_at = silent_target(server.port());
  looked_at.engine = Engine::kSqlserver;
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kHandshake);
  EXPECT_EQ(seen.failure->cause, Cause::kDirectTlsUnsupported);
  EXPECT_THAT(seen.failure->message, HasSubstr("in-band"));
  EXPECT_EQ(seen.tls_offer, Offer::kUnknown);
}

TEST_F(SilentPort, ThatStaysSilentTimesOut) {
  ScriptedServer server([](Peer& peer) { peer.drain(); });
  Target looked_at = silent_target(server.port());
  looked_at.timeout = base::Seconds(1);
  const Observation seen = observe(looked_at);
  EXPECT_EQ(seen.failure->stage, Stage::kHandshake);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
}

/// An engine that has TLS from the first byte or not at all.
class PortThatHangsUpOnTls : public ProberTest {
 protected:
  Observation observe_mongodb(const ScriptedServer& server) {
    driver_.order = {NegotiationStyle::kDirect};
    Target looked_at = target(server.port(), TlsMode::kRequire);
    looked_at.engine = Engine::kMongodb;
    return observe(looked_at);
  }
};

TEST_F(PortThatHangsUpOnTls, AndAnswersInPlaintextHasNoTls) {
  ScriptedServer server({[](Peer& peer) { peer.receive(1); }, answer_plaintext});
  const Observation seen = observe_mongodb(server);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kHandshake);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsNotOffered);
  EXPECT_THAT(seen.failure->message, HasSubstr("speaks MongoDB without it"));
  EXPECT_EQ(seen.tls_offer, Offer::kNotOffered);
}

TEST_F(PortThatHangsUpOnTls, AndOnEverythingElseIsNotSaidToHaveNone) {
  ScriptedServer server([](Peer& peer) { peer.receive(1); });
  const Observation seen = observe_mongodb(server);
  ASSERT_TRUE(seen.failure);
  EXPECT_THAT(seen.failure->cause, testing::AnyOf(Cause::kPeerClosed, Cause::kConnectionReset));
  EXPECT_EQ(seen.tls_offer, Offer::kUnknown);
}

class Login : public ProberTest {
 protected:
  Target with_login(std::uint16_t port, TlsMode mode) const {
    Target looked_at = target(port, mode);
    looked_at.credentials = credentials();
    return looked_at;
  }
  /// Answers TLS on every connection and remembers all that came through it.
  ScriptedServer::Script recording() {
    return [this](Peer& peer) {
      const std::string question = peer.receive(4);
      if (question == "PLAI") {
        peer.receive(2);
        peer.send("OK");
      } else if (question == "TLS?") {
        peer.send("S");
        if (!peer.start_tls()) return;
        if (const std::string first = peer.receive(4); first == "PING") {
          peer.send("PONG");
        } else {
          hear(first);
        }
      } else {
        hear(question);
      }
      for (std::string more = peer.receive_some(); !more.empty(); more = peer.receive_some())
        hear(more);
    };
  }
  void hear(const std::string& words) {
    const std::lock_guard lock(mutex_);
    heard_ += words;
    heard_something_.notify_all();
  }
  /// Once there is something: the server may still be reading when the client is done.
  std::string heard_at_last() {
    std::unique_lock lock(mutex_);
    heard_something_.wait_for(lock, std::chrono::seconds(60), [this] { return !heard_.empty(); });
    return heard_;
  }
  std::string heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable heard_something_;
  std::string heard_;
};

TEST_F(Login, GoesThroughAVerifiedChannelInEveryModeButDisable) {
  for (const TlsMode mode : resource::kAllModes) {
    ScriptedServer server(recording(), server_tls());
    const Observation seen = observe(with_login(server.port(), mode));
    ASSERT_TRUE(seen.session) << to_string(mode);
    EXPECT_TRUE(seen.session->logged_in) << to_string(mode);
    EXPECT_EQ(login_.encrypted, mode != TlsMode::kDisable) << to_string(mode);
  }
}

TEST_F(Login, IsNotAttemptedWithoutCredentials) {
  ScriptedServer server(recording(), server_tls());
  EXPECT_FALSE(observe(target(server.port())).session);
  EXPECT_FALSE(login_.attempted);
}

TEST_F(Login, IsNotAttemptedWithoutTheClientCertificateThatIsDeclaredButUnusable) {
  ScriptedServer server(recording(), server_tls());
  Target looked_at = with_login(server.port(), TlsMode::kVerifyFull);
  looked_at.material.problems = {
      {pki::MaterialProblem::Kind::kKeyMismatch, "spec.tls.clientKey", "they do not belong together"}};
  const Observation seen = observe(looked_at);
  EXPECT_FALSE(seen.failure) << "the server's own certificate is looked at all the same";
  EXPECT_FALSE(login_.attempted);
  looked_at.material.problems.front().last_good_kept = true;
  observe(looked_at);
  EXPECT_TRUE(login_.attempted) << "the last good pair is a whole one";
}

TEST_F(Login, WithholdsThePasswordFromAnUntrustedServer) {
  const test_support::DemoPki stranger = test_support::demo_pki(kTestNow);
  for (const TlsMode mode : {TlsMode::kVerifyCa, TlsMode::kVerifyFull}) {
    ScriptedServer server(recording(), server_tls());
    Target looked_at = with_login(server.port(), mode);
    looked_at.material.trust = test_support::store_of({&stranger.root});
    const Observation seen = observe(looked_at);
    EXPECT_FALSE(seen.failure) << "the look itself succeeds";
    ASSERT_TRUE(seen.session && seen.session->failure);
    EXPECT_EQ(seen.session->failure->cause, Cause::kChannelTooWeak);
    EXPECT_EQ(seen.session->failure->stage, Stage::kSession);
    EXPECT_FALSE(seen.session->logged_in);
  }
  EXPECT_EQ(heard(), "");
}

TEST_F(Login, JudgesTheConnectionItselfAndNotTheOneBefore) {
  // The first connection shows the trusted server, the second another one behind the same address.
  const test_support::DemoPki stranger = test_support::demo_pki(kTestNow);
  ServerTls honest = server_tls(), other = server_tls();
  other.chain = {stranger.leaf, stranger.intermediate};
  ScriptedServer trusted(recording(), honest), impostor(recording(), other);

  /// Leads the first connection to one port and all others to another.
  class Switching final : public net::Connector {
   public:
    Switching(net::Connector& below, std::uint16_t later) : below_(below), later_(later) {}
    net::Awaitable<net::IoResult<net::ByteStreamPtr>> connect(net::Address address,
                                                              base::Deadline deadline) override {
      if (std::exchange(used_, true)) address.port = later_;
      return below_.connect(std::move(address), deadline);
    }

   private:
    net::Connector& below_;
    std::uint16_t later_;
    bool used_ = false;
  } switching(*connector_, impostor.port());

  make_prober(resolver_, switching, &driver_);
  const Observation seen = observe(with_login(trusted.port(), TlsMode::kVerifyFull));
  EXPECT_FALSE(seen.failure);
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(impostor.connections(), 1U);
  EXPECT_EQ(heard(), "");
}

TEST_F(Login, WithholdsThePasswordFromAServerOfAnotherName) {
  ScriptedServer server(recording(), server_tls());
  Target looked_at = with_login(server.port(), TlsMode::kVerifyFull);
  looked_at.verified_name = "orders.db.internal";
  const Observation seen = observe(looked_at);
  EXPECT_EQ(seen.session->failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(heard(), "");
}

TEST_F(Login, InsistsOnTheDeclaredVersion) {
  ScriptedServer server(recording(), server_tls(TLS1_1_VERSION));
  const Observation seen = observe(with_login(server.port(), TlsMode::kRequire));
  EXPECT_FALSE(seen.failure) << "the look sees weak servers";
  EXPECT_EQ(seen.tls->version, resource::TlsVersion::kTls11);
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->stage, Stage::kSession);
  EXPECT_EQ(seen.session->failure->cause, Cause::kProtocolVersion);
  EXPECT_EQ(heard(), "");
}

TEST_F(Login, MakesAnotherHandshakeOnTheSameConnectionWhereItIsDemanded) {
  driver_.renews = true;
  ScriptedServer server({recording(),
                         [this](Peer& peer) {
                           peer.receive(4);
                           peer.send("S");
                           if (!peer.start_tls()) return;
                           peer.send("AGAIN");
                           if (peer.start_tls()) hear(peer.receive_some());
                           peer.drain();
                         }},
                        server_tls());
  const Observation seen = observe(with_login(server.port(), TlsMode::kVerifyFull));
  ASSERT_TRUE(seen.session);
  EXPECT_FALSE(seen.session->failure);
  EXPECT_TRUE(seen.session->logged_in);
  EXPECT_EQ(heard_at_last(), credentials()->password.reveal());
}

TEST_F(Login, GoesNoFurtherWhereTheOtherHandshakeFails) {
  driver_.renews = true;
  ScriptedServer server({recording(),
                         [](Peer& peer) {
                           peer.receive(4);
                           peer.send("S");
                           if (!peer.start_tls()) return;
                           peer.send("AGAIN");
                           peer.reset();
                         }},
                        server_tls());
  const Observation seen = observe(with_login(server.port(), TlsMode::kVerifyFull));
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->stage, Stage::kSession);
  EXPECT_FALSE(seen.session->logged_in);
}

TEST_F(Login, HasNoOtherHandshakeWithoutAFirst) {
  driver_.renews = true;
  ScriptedServer server({recording(), answer_plaintext,
                         [](Peer& peer) {
                           peer.send("AGAIN");
                           peer.drain();
                         }},
                        server_tls());
  const Observation seen = observe(with_login(server.port(), TlsMode::kDisable));
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->cause, Cause::kUnsupported);
}

/// Accepts a session without TLS, whose first four letters are `question`.
void accept_plaintext(test_support::ServerConnection& peer, const std::string& question) {
  if (question == "PLAI") {
    peer.receive(2);
    peer.send("OK");
  }
  peer.drain();
}

/// Refuses TLS, accepts anything else.
void without_tls(test_support::ServerConnection& peer) {
  const std::string question = peer.receive(4);
  if (question == "TLS?") {
    peer.send("N");
    if (peer.receive(3) == "BYE") peer.send("!");
  }
  accept_plaintext(peer, question);
}

TEST_F(Login, FallsBackToPlaintextOnlyWhereTheClientDoes) {
  ScriptedServer server(without_tls);
  const Observation native = observe(with_login(server.port(), TlsMode::kPrefer));
  EXPECT_EQ(native.tls_offer, Offer::kNotOffered);
  ASSERT_TRUE(native.session);
  EXPECT_TRUE(native.session->logged_in);
  EXPECT_FALSE(login_.encrypted);

  Target never = with_login(server.port(), TlsMode::kPrefer);
  never.engine = Engine::kMongodb;
  ASSERT_EQ(resource::engine_facts(never.engine).fallback, resource::PreferFallback::kNone);
  EXPECT_FALSE(observe(never).session);
}

/// Agrees to TLS and then answers `answer`, or hangs up; accepts anything else.
auto breaking_tls(std::string answer) {
  return [answer](test_support::ServerConnection& peer) {
    const std::string question = peer.receive(4);
    if (question != "TLS?") return accept_plaintext(peer, question);
    peer.send("S");
    peer.receive_some();
    peer.send(answer);
    peer.finish();
  };
}

TEST_F(Login, FallsBackAfterAnErrorOfTlsButNotAfterOneOfTheNetwork) {
  ScriptedServer rubbish(breaking_tls("rubbish, not a record of TLS"));
  const Observation fallen = observe(with_login(rubbish.port(), TlsMode::kPrefer));
  EXPECT_EQ(fallen.failure->cause, Cause::kNotTls);
  ASSERT_TRUE(fallen.session);
  EXPECT_TRUE(fallen.session->logged_in);
  EXPECT_FALSE(login_.encrypted);

  ScriptedServer hanging_up(breaking_tls(""));
  const Observation cut = observe(with_login(hanging_up.port(), TlsMode::kPrefer));
  EXPECT_EQ(cut.failure->cause, Cause::kPeerClosed);
  ASSERT_TRUE(cut.session && cut.session->failure);
  EXPECT_FALSE(cut.session->logged_in);
}

TEST_F(Login, FallsBackOnlyToWhereThereIsNoTlsWhereTheClientDoesNoMore) {
  ScriptedServer server(without_tls);
  Target sql = with_login(server.port(), TlsMode::kPrefer);
  sql.engine = Engine::kSqlserver;
  EXPECT_TRUE(observe(sql).session->logged_in);

  const auto refuse = [](Peer& peer) {
    if (peer.receive(4) == "TLS?") peer.send("S");
    peer.receive(5);
    peer.send(std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7));
    peer.finish();
  };
  ScriptedServer refusing(refuse);
  sql = with_login(refusing.port(), TlsMode::kPrefer);
  sql.engine = Engine::kSqlserver;
  const Observation seen = observe(sql);
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->cause, Cause::kHandshakeRefused);
}

TEST_F(Login, InsistsOnTlsWhereTheDriverDoes) {
  driver_.allow_plaintext = false;
  ScriptedServer server(without_tls);
  for (const TlsMode mode : {TlsMode::kDisable, TlsMode::kPrefer}) {
    const Observation seen = observe(with_login(server.port(), mode));
    ASSERT_TRUE(seen.session && seen.session->failure) << to_string(mode);
    EXPECT_EQ(seen.session->failure->cause, Cause::kTlsNotOffered);
  }
}

TEST_F(Login, IsNotAttemptedWhereTheDeclaredTlsDidNotComeAbout) {
  ScriptedServer server(without_tls);
  const Observation seen = observe(with_login(server.port(), TlsMode::kRequire));
  EXPECT_FALSE(seen.session);
  EXPECT_FALSE(login_.attempted);
}

TEST_F(Login, TellsThatItsClientCertificateWasRefusedLate) {
  ServerTls tls = server_tls(TLS1_3_VERSION);
  tls.client_auth = ServerTls::ClientAuth::kRequire;
  ScriptedServer server(recording(), tls);
  const Observation seen = observe(with_login(server.port(), TlsMode::kRequire));
  EXPECT_EQ(seen.failure->cause, Cause::kClientCertificateRequired);
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->cause, Cause::kClientCertificateRequired);
  EXPECT_EQ(heard(), "");
}

class Members : public ProberTest {};

TEST_F(Members, AreLookedAtOneByOneWhereAllAddressesAreDeclared) {
  ScriptedServer server({answer_tls, answer_tls}, server_tls());
  Target looked_at = target(server.port());
  test_support::FakeResolver both({{"db.test", {"127.0.0.1", "127.0.0.2"}}});
  make_prober(both, *connector_, &driver_);
  EXPECT_TRUE(observe(looked_at).members.empty());
  looked_at.all_addresses = true;
  const Observation seen = observe(looked_at);
  EXPECT_EQ(seen.address->ip, "127.0.0.1");
  ASSERT_EQ(seen.members.size(), 1U);
  // Nobody listens at the second address.
  EXPECT_EQ(seen.members[0].address->ip, "127.0.0.2");
  ASSERT_TRUE(seen.members[0].failure);
  EXPECT_EQ(seen.members[0].failure->cause, Cause::kConnectionRefused);
  EXPECT_FALSE(seen.failure);
}

TEST_F(Members, OfASeedListAreTargetsOfTheirOwn) {
  ScriptedServer first(answer_tls, server_tls());
  ScriptedServer second(answer_tls, server_tls());
  test_support::FakeResolver names({{"a.db.example", {"127.0.0.1"}}, {"b.db.example", {"127.0.0.1"}}});
  make_prober(names, *connector_, &driver_);
  dns_.srv_answer = std::vector<net::SrvRecord>{{1, 0, second.port(), "b.db.example"},
                                                {0, 0, first.port(), "a.db.example"},
                                                {2, 0, 27017, "gone.db.example"}};
  Target looked_at = target(1);
  looked_at.seed_list = true;
  looked_at.host = looked_at.verified_name = "c0.db.example";
  const Observation seen = observe(looked_at);
  EXPECT_THAT(dns_.asked, testing::Contains("SRV _mongodb._tcp.c0.db.example"));
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.member_host, "a.db.example");
  EXPECT_EQ(seen.address->port, first.port());
  ASSERT_EQ(seen.members.size(), 2U);
  EXPECT_EQ(seen.members[0].member_host, "b.db.example");
  EXPECT_TRUE(seen.members[0].tls->finished);
  EXPECT_EQ(seen.members[1].failure->cause, Cause::kNameNotFound);
  EXPECT_EQ(seen.members[1].address->ip, "gone.db.example");
}

TEST_F(Members, ASeedListThatIsNotThereIsSaidOnce) {
  Target looked_at = target(1);
  looked_at.seed_list = true;
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kResolve);
  EXPECT_EQ(seen.failure->cause, Cause::kNameNotFound);
  EXPECT_TRUE(seen.members.empty());
}

class LegacyProtocols : public ProberTest {};

TEST_F(LegacyProtocols, AreOfferedUntilNoneIsAccepted) {
  ServerTls with_a_floor = server_tls();
  with_a_floor.min_version = TLS1_2_VERSION;
  ScriptedServer server({answer_tls, answer_tls, answer_tls}, with_a_floor);
  Target looked_at = target(server.port());
  EXPECT_FALSE(observe(looked_at).legacy_protocols);
  looked_at.min_version = resource::TlsVersion::kTls13;
  looked_at.legacy_protocols_due = true;
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.legacy_protocols);
  EXPECT_EQ(seen.legacy_protocols->at, kTestNow);
  EXPECT_THAT(seen.legacy_protocols->accepted, testing::ElementsAre(resource::TlsVersion::kTls12));
}

TEST_F(LegacyProtocols, SilenceIsNoRefusal) {
  ScriptedServer server({answer_tls, [](Peer& peer) { peer.drain(); }}, server_tls());
  Target looked_at = target(server.port());
  looked_at.legacy_protocols_due = true;
  looked_at.timeout = base::Seconds(1);
  const Observation seen = observe(looked_at);
  EXPECT_FALSE(seen.failure);
  EXPECT_FALSE(seen.legacy_protocols);
}

}  // namespace
}  // namespace tlswarden::probe
