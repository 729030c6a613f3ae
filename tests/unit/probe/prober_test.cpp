#include "probe/prober.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>

#include "tests/unit/probe/prober_fixture.hpp"

namespace tlswarden::probe {
namespace {

using resource::NegotiationStyle;
using resource::TlsMode;
using test_support::ScriptedServer;
using test_support::ServerTls;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ProberTest, GoesThroughEveryStageOnOneConnection) {
  ScriptedServer server(answer_tls, server_tls());
  Target looked_at = target(server.port());
  looked_at.transcript = true;
  const Observation seen = observe(looked_at);
  ASSERT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_EQ(seen.at, kTestNow);
  EXPECT_THAT(seen.addresses, ElementsAre(net::Address{"127.0.0.1", server.port()}));
  EXPECT_EQ(seen.address, seen.addresses.front());
  EXPECT_EQ(seen.tls_offer, Offer::kOffered);
  ASSERT_TRUE(seen.tls);
  EXPECT_TRUE(seen.tls->finished);
  EXPECT_EQ(seen.tls->style, NegotiationStyle::kInBand);
  EXPECT_EQ(seen.tls->chain.size(), 2U);
  EXPECT_EQ(seen.client_certificate, ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(seen.server_version, "1.0");
  EXPECT_FALSE(seen.plaintext);
  EXPECT_FALSE(seen.session);
  EXPECT_EQ(server.connections(), 1U);

  const auto stages = ElementsAre(Stage::kResolve, Stage::kConnect, Stage::kNegotiate, Stage::kHandshake,
                                  Stage::kProtocolStep);
  EXPECT_THAT(progress_, stages);
  std::vector<Stage> recorded;
  for (const StageRecord& record : seen.stages)
    recorded.push_back(record.stage);
  EXPECT_THAT(recorded, stages);
  EXPECT_GT(seen.stages[3].took.count(), 0);
  EXPECT_THAT(seen.transcript, testing::Contains(HasSubstr("\"TLS?\"")));
}

TEST_F(ProberTest, KeepsNoTranscriptUnlessAskedTo) {
  ScriptedServer server(answer_tls, server_tls());
  EXPECT_TRUE(observe(target(server.port())).transcript.empty());
}

TEST_F(ProberTest, ReadsAnUnchangedChainOnlyOnce) {
  ScriptedServer server(answer_tls, server_tls());
  const Observation first = observe(target(server.port()));
  const Observation second = observe(target(server.port()));
  ASSERT_TRUE(first.tls && second.tls);
  EXPECT_EQ(first.tls->chain, second.tls->chain) << "the very same objects";
}

TEST_F(ProberTest, TellsANameThatDoesNotExist) {
  Target looked_at = target(1);
  looked_at.host = "missing.test";
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kResolve);
  EXPECT_EQ(seen.failure->cause, Cause::kNameNotFound);
  EXPECT_THAT(seen.failure->message, HasSubstr("missing.test"));
  EXPECT_FALSE(seen.address);
}

TEST_F(ProberTest, AsksForTheAsciiFormOfAName) {
  Target looked_at = target(1);
  looked_at.host = "bücher.test";
  observe(looked_at);
  EXPECT_THAT(resolver_.asked(), ElementsAre("xn--bcher-kva.test"));
}

TEST_F(ProberTest, TellsAResolverInTrouble) {
  resolver_.fail_with({net::IoError::Kind::kResolverFailure, "Temporary failure in name resolution"});
  EXPECT_EQ(observe(target(1)).failure->cause, Cause::kResolverFailure);
  resolver_.fail_with({net::IoError::Kind::kTimedOut, ""});
  const Observation seen = observe(target(1));
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
  EXPECT_EQ(seen.failure->stage, Stage::kResolve);
}

TEST_F(ProberTest, TellsARefusedConnectionAndAsksNothingMore) {
  const test_support::ClosedPort port;
  Target looked_at = target(port.port(), TlsMode::kPrefer);
  looked_at.credentials = credentials();
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kConnect);
  EXPECT_EQ(seen.failure->cause, Cause::kConnectionRefused);
  EXPECT_THAT(seen.failure->message, HasSubstr("127.0.0.1:" + std::to_string(port.port())));
  EXPECT_FALSE(seen.plaintext);
  EXPECT_FALSE(seen.session);
  EXPECT_FALSE(login_.attempted);
}

TEST_F(ProberTest, TriesTheNextAddressWhenOneDoesNotAccept) {
  ScriptedServer server(answer_tls, server_tls());
  // Nothing of the tests listens on the other loopback addresses.
  test_support::FakeResolver several({{"db.test", {"127.0.0.2", "127.0.0.1"}}});
  make_prober(several, *connector_, &driver_);
  const Observation seen = observe(target(server.port()));
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.addresses.size(), 2U);
  EXPECT_EQ(seen.address->ip, "127.0.0.1");
}

TEST_F(ProberTest, TellsAnEngineThatThisBuildCannotCheck) {
  make_prober(resolver_, *connector_, nullptr);
  EXPECT_EQ(observe(target(1)).failure->cause, Cause::kUnsupported);
}

TEST_F(ProberTest, SaysFarewellWhereTlsIsNotOffered) {
  std::promise<std::string> last_words;
  ScriptedServer server([&last_words](Peer& peer) {
    peer.receive(4);
    peer.send("N");
    last_words.set_value(peer.receive(3));
    peer.send("!");
    peer.drain();
  });
  const Observation seen = observe(target(server.port()));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kNegotiate);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsNotOffered);
  EXPECT_EQ(seen.tls_offer, Offer::kNotOffered);
  EXPECT_FALSE(seen.tls);
  EXPECT_EQ(last_words.get_future().get(), "BYE");
}

TEST_F(ProberTest, RefusesBytesThatComeBeforeTls) {
  ScriptedServer server([](Peer& peer) {
    peer.receive(4);
    peer.send("Sinjected");
    peer.drain();
  });
  const Observation seen = observe(target(server.port()));
  EXPECT_EQ(seen.failure->cause, Cause::kUnexpectedBytes);
  EXPECT_FALSE(seen.tls);
}

struct SilentAt {
  Stage stage;
  void (*script)(test_support::ServerConnection&);
};

class Silence : public ProberTest, public testing::WithParamInterface<SilentAt> {};

TEST_P(Silence, AtThisStageEndsAtTheDeadline) {
  ScriptedServer server(GetParam().script, server_tls(TLS1_2_VERSION));
  Target looked_at = target(server.port());
  looked_at.timeout = base::Seconds(3);  // enough to reach the stage on a busy machine
  const base::MonoTime begin = clock_.monotonic();
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, GetParam().stage);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
  EXPECT_LT(clock_.monotonic() - begin, std::chrono::seconds(30));
}

INSTANTIATE_TEST_SUITE_P(All, Silence,
                         testing::Values(SilentAt{Stage::kNegotiate, [](auto& peer) { peer.drain(); }},
                                         SilentAt{Stage::kHandshake,
                                                  [](auto& peer) {
                                                    peer.receive(4);
                                                    peer.send("S");
                                                    peer.drain();
                                                  }},
                                         SilentAt{Stage::kProtocolStep, [](auto& peer) {
                                                    peer.receive(4);
                                                    peer.send("S");
                                                    peer.start_tls();
                                                    peer.drain();
                                                  }}));

struct ClosingAt {
  Stage stage;
  Cause cause;
  void (*script)(test_support::ServerConnection&);
};

class BrokenOff : public ProberTest, public testing::WithParamInterface<ClosingAt> {};

TEST_P(BrokenOff, AtThisStageIsToldAsThis) {
  ScriptedServer server(GetParam().script, server_tls());
  const Observation seen = observe(target(server.port()));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, GetParam().stage);
  EXPECT_EQ(seen.failure->cause, GetParam().cause) << to_string(seen.failure->cause);
}

INSTANTIATE_TEST_SUITE_P(All, BrokenOff,
                         testing::Values(ClosingAt{Stage::kNegotiate, Cause::kPeerClosed,
                                                   [](auto& peer) { peer.finish(); }},
                                         ClosingAt{Stage::kNegotiate, Cause::kConnectionReset,
                                                   [](auto& peer) {
                                                     peer.receive(4);
                                                     peer.reset();
                                                   }},
                                         ClosingAt{Stage::kNegotiate, Cause::kNotThisProtocol,
                                                   [](auto& peer) {
                                                     peer.send("220 mail.test ESMTP");
                                                     peer.finish();
                                                   }},
                                         ClosingAt{Stage::kHandshake, Cause::kPeerClosed,
                                                   [](auto& peer) {
                                                     peer.receive(4);
                                                     peer.send("S");
                                                     peer.finish();
                                                   }},
                                         ClosingAt{Stage::kHandshake, Cause::kNotTls,
                                                   [](auto& peer) {
                                                     peer.receive(4);
                                                     peer.send("S");
                                                     peer.receive(1);
                                                     peer.send("ERROR: out of memory");
                                                     peer.finish();
                                                   }},
                                         ClosingAt{Stage::kProtocolStep, Cause::kPeerClosed, [](auto& peer) {
                                                     peer.receive(4);
                                                     peer.send("S");
                                                     peer.start_tls();
                                                     peer.receive(4);
                                                     peer.close_notify();
                                                   }}));

TEST_F(ProberTest, TriesTheNextStyleOnANewConnection) {
  driver_.order = {NegotiationStyle::kDirect, NegotiationStyle::kInBand};
  ScriptedServer server({[](Peer& peer) { peer.finish(); }, answer_tls}, server_tls());
  const Observation seen = observe(target(server.port()));
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.tls->style, NegotiationStyle::kInBand);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ProberTest, TellsAServerThatTakesTlsOnlyInBand) {
  driver_.order = {NegotiationStyle::kDirect};
  ScriptedServer server([](Peer& peer) { peer.finish(); });
  const Observation seen = observe(target(server.port()));
  EXPECT_EQ(seen.failure->stage, Stage::kHandshake);
  EXPECT_EQ(seen.failure->cause, Cause::kDirectTlsUnsupported);
  EXPECT_THAT(seen.failure->message, HasSubstr("in-band"));
}

TEST_F(ProberTest, PrefersTheServersOwnWordOverAHangUp) {
  driver_.order = {NegotiationStyle::kDirect, NegotiationStyle::kInBand};
  const auto no_tls = [](Peer& peer) {
    peer.receive(4);
    peer.send("N");
    peer.receive(3);
    peer.send("!");
    peer.drain();
  };
  ScriptedServer one({[](Peer& peer) { peer.finish(); }, no_tls});
  EXPECT_EQ(observe(target(one.port())).failure->cause, Cause::kTlsNotOffered);
  driver_.order = {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
  ScriptedServer other({no_tls, [](Peer& peer) { peer.finish(); }});
  EXPECT_EQ(observe(target(other.port())).failure->cause, Cause::kTlsNotOffered);
}

TEST_F(ProberTest, DoesNotTryAnotherStyleAfterAFailureThatIsNotOneOfStyle) {
  driver_.order = {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
  ServerTls tls = server_tls(TLS1_2_VERSION);
  tls.client_auth = ServerTls::ClientAuth::kRequire;
  ScriptedServer server(answer_tls, tls);
  const Observation seen = observe(target(server.port()));
  EXPECT_EQ(seen.failure->cause, Cause::kClientCertificateRequired);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ProberTest, DoesNotTryAnotherStyleOnceTheServerHasAgreedToOne) {
  driver_.order = {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
  ScriptedServer server([](Peer& peer) {
    peer.receive(4);
    peer.send("S");
    peer.receive_some();
    peer.finish();
  });
  const Observation seen = observe(target(server.port()));
  EXPECT_EQ(seen.failure->cause, Cause::kPeerClosed);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ProberTest, TriesOnlyTheStylesThatTheEngineKnows) {
  driver_.order = {NegotiationStyle::kInBand, NegotiationStyle::kDirect};
  ScriptedServer server({[](Peer& peer) { peer.finish(); }, answer_tls}, server_tls());
  Target cockroach = target(server.port());
  cockroach.engine = resource::Engine::kCockroachdb;
  EXPECT_TRUE(observe(cockroach).failure);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ProberTest, TellsAnEngineThatKnowsNoSuchStyle) {
  driver_.order = {};
  EXPECT_EQ(observe(target(1)).failure->cause, Cause::kUnsupported);
}

TEST_F(ProberTest, TellsWhetherAClientCertificateIsRequired) {
  using Outcome = ClientCertificateOutcome;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ServerTls tls = server_tls(version);
    tls.client_auth = ServerTls::ClientAuth::kRequest;
    ScriptedServer asking(answer_tls, tls);
    const Observation optional = observe(target(asking.port()));
    EXPECT_FALSE(optional.failure);
    EXPECT_EQ(optional.client_certificate, Outcome::kNotRequired);
    EXPECT_TRUE(optional.tls->client_certificate_requested);

    tls.client_auth = ServerTls::ClientAuth::kRequire;
    ScriptedServer requiring(answer_tls, tls);
    const Observation refused = observe(target(requiring.port()));
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->cause, Cause::kClientCertificateRequired);
    EXPECT_EQ(refused.client_certificate, Outcome::kRequired);
    EXPECT_EQ(refused.tls->chain.size(), 2U);

    const test_support::Minted client = test_support::mint(
        {.common_name = "client", .not_before = kTestNow, .not_after = kTestNow + base::Seconds(86400)},
        &pki_.root);
    Target with_identity = target(requiring.port());
    with_identity.material.client =
        pki::ClientIdentity{test_support::chain_of({&client}), client.private_key()};
    const Observation accepted = observe(with_identity);
    EXPECT_FALSE(accepted.failure);
    EXPECT_EQ(accepted.client_certificate, Outcome::kAccepted);

    tls.client_authorities = {pki_.intermediate};
    ScriptedServer distrusting(answer_tls, tls);
    with_identity.port = distrusting.port();
    const Observation rejected = observe(with_identity);
    ASSERT_TRUE(rejected.failure);
    EXPECT_EQ(rejected.failure->cause, Cause::kClientCertificateRejected);
    EXPECT_EQ(rejected.client_certificate, Outcome::kRejected);
  }
}

TEST_F(ProberTest, PresentsTheIntermediatesOfItsChainAndIsRefusedWithoutThem) {
  const test_support::Minted client = test_support::mint(
      {.common_name = "client", .not_before = kTestNow, .not_after = kTestNow + base::Seconds(86400)},
      &pki_.intermediate);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ServerTls tls = server_tls(version);
    tls.client_auth = ServerTls::ClientAuth::kRequire;
    tls.client_authorities = {pki_.root};
    ScriptedServer server(answer_tls, tls);
    Target complete = target(server.port());
    complete.material.client =
        pki::ClientIdentity{test_support::chain_of({&client, &pki_.intermediate}), client.private_key()};
    EXPECT_EQ(observe(complete).client_certificate, ClientCertificateOutcome::kAccepted);
    Target incomplete = complete;
    incomplete.material.client->chain.pop_back();
    const Observation refused = observe(incomplete);
    EXPECT_EQ(refused.client_certificate, ClientCertificateOutcome::kRejected);
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->cause, Cause::kClientCertificateRejected);
  }
}

TEST_F(ProberTest, BelievesTheProtocolAboutTheClientCertificate) {
  ServerTls tls = server_tls(TLS1_2_VERSION);
  tls.client_auth = ServerTls::ClientAuth::kRequest;
  ScriptedServer server(
      [](Peer& peer) {
        peer.receive(4);
        peer.send("S");
        peer.start_tls();
        peer.receive(4);
        peer.send("CERT");
        peer.drain();
      },
      tls);
  const Observation seen = observe(target(server.port()));
  EXPECT_EQ(seen.client_certificate, ClientCertificateOutcome::kRequired);
  EXPECT_EQ(seen.failure->stage, Stage::kProtocolStep);
}

TEST_F(ProberTest, KeepsANoticeApartFromFailure) {
  ScriptedServer server(
      [](Peer& peer) {
        peer.receive(4);
        peer.send("S");
        peer.start_tls();
        peer.receive(4);
        peer.send("WHO?");
        peer.drain();
      },
      server_tls());
  const Observation seen = observe(target(server.port()));
  EXPECT_FALSE(seen.failure);
  ASSERT_TRUE(seen.notice);
  EXPECT_EQ(seen.notice->cause, Cause::kAuthenticationFailed);
}

TEST_F(ProberTest, SaysSoWhenItIsCancelled) {
  ScriptedServer server([](Peer& peer) { peer.drain(); });
  Target looked_at = target(server.port(), TlsMode::kPrefer);
  looked_at.credentials = credentials();
  make_prober();
  boost::asio::cancellation_signal stop;
  std::optional<Observation> seen;
  boost::asio::co_spawn(
      loop_,
      prober_->observe(looked_at,
                       [&](Stage stage) {
                         if (stage == Stage::kNegotiate) {
                           boost::asio::post(loop_,
                                             [&] { stop.emit(boost::asio::cancellation_type::terminal); });
                         }
                       }),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error, Observation result) {
        EXPECT_FALSE(error);
        seen = std::move(result);
      }));
  loop_.run();
  ASSERT_TRUE(seen && seen->failure);
  EXPECT_EQ(seen->failure->cause, Cause::kCancelled);
  EXPECT_FALSE(seen->plaintext);
  EXPECT_FALSE(login_.attempted);
}

TEST_F(ProberTest, LooksAtManyEndpointsAtATime) {
  ScriptedServer server(answer_tls, server_tls());
  make_prober();
  int good = 0;
  constexpr int kMany = 40;
  for (int i = 0; i < kMany; ++i) {
    boost::asio::co_spawn(loop_, prober_->observe(target(server.port())),
                          [&](std::exception_ptr, const Observation& seen) { good += seen.failure ? 0 : 1; });
  }
  loop_.run();
  EXPECT_EQ(good, kMany);
}

}  // namespace
}  // namespace tlswarden::probe
