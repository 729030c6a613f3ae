#include "probe/tunnel.hpp"

#include "tests/unit/probe/prober_fixture.hpp"

namespace tlswarden::probe {
namespace {

using Kind = net::TunnelError::Kind;
using test_support::ScriptedServer;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

class TunnelTest : public ProberTest {
 protected:
  Target behind_bastion(std::uint16_t port) {
    Target behind = target(port);
    behind.host = "only.there";
    auto settings = std::make_shared<net::SshSettings>();
    settings->host = "bastion.test";
    behind.bastion = settings;
    return behind;
  }
};

TEST_F(TunnelTest, LeavesTheNameToTheBastionAndGoesThroughItForEveryConnection) {
  const std::vector<ScriptedServer::Script> scripts{answer_tls, answer_plaintext, answer_tls};
  ScriptedServer server(scripts, server_tls());
  Target looked_at = behind_bastion(server.port());
  looked_at.plaintext_due = true;
  looked_at.credentials = credentials();
  const Observation seen = observe(looked_at);
  ASSERT_FALSE(seen.failure) << seen.failure->message;
  ASSERT_TRUE(seen.session);
  EXPECT_FALSE(seen.session->failure) << seen.session->failure->message;
  EXPECT_THAT(resolver_.asked(), IsEmpty());
  EXPECT_EQ(tunnels_.asked().size(), 3U);
  EXPECT_THAT(tunnels_.asked(), Each("only.there:" + std::to_string(server.port())));
  EXPECT_EQ(seen.address, (net::Address{"only.there", server.port()}));
  EXPECT_THAT(std::vector<Stage>(progress_.begin(), progress_.begin() + 3),
              ElementsAre(Stage::kResolve, Stage::kTunnel, Stage::kConnect));
}

TEST_F(TunnelTest, TriesNothingWithoutTheTunnel) {
  ScriptedServer server(answer_tls, server_tls());
  tunnels_.fail_to_reach({Kind::kHostKeyMismatch, "The bastion shows another key.", "words"});
  Target looked_at = behind_bastion(server.port());
  looked_at.plaintext_due = true;
  looked_at.credentials = credentials();
  const Observation seen = observe(looked_at);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kTunnel);
  EXPECT_EQ(seen.failure->cause, Cause::kHostKeyMismatch);
  EXPECT_EQ(seen.failure->message, "The bastion shows another key.");
  EXPECT_EQ(seen.failure->peer_text, "words");
  EXPECT_FALSE(seen.plaintext);
  EXPECT_FALSE(seen.session);
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(TunnelTest, SaysOfWhichConnectionTheBastionSpoke) {
  tunnels_.fail_to_connect({Kind::kForwardingRefused, "no"});
  Observation seen = observe(behind_bastion(1));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kConnect);
  EXPECT_EQ(seen.failure->cause, Cause::kForwardingRefused);
  tunnels_.fail_to_connect({Kind::kLost, "lost"});
  seen = observe(behind_bastion(1));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->stage, Stage::kTunnel);
}

TEST_F(TunnelTest, AFailureOfTheTunnelIsNoneOfTheOtherConnections) {
  ScriptedServer server(answer_tls, server_tls());
  Target looked_at = behind_bastion(server.port());
  looked_at.plaintext_due = true;
  looked_at.credentials = credentials();
  tunnels_.fail_to_connect({Kind::kLost, "The SSH connection broke off."}, 1);
  const Observation seen = observe(looked_at);
  EXPECT_FALSE(seen.failure);
  ASSERT_TRUE(seen.plaintext && seen.plaintext->failure);
  EXPECT_EQ(seen.plaintext->failure->stage, Stage::kTunnel);
  ASSERT_TRUE(seen.session && seen.session->failure);
  EXPECT_EQ(seen.session->failure->stage, Stage::kTunnel);
  EXPECT_EQ(seen.session->failure->cause, Cause::kTunnelLost);
}

struct Mapped {
  Kind kind;
  net::IoError::Kind network;
  Cause cause;
};

TEST(TunnelFailure, HasACauseOfItsOwnForEachKind) {
  using Io = net::IoError::Kind;
  for (const Mapped& mapped : {Mapped{Kind::kBastionUnreachable, Io::kTimedOut, Cause::kTimedOut},
                               Mapped{Kind::kBastionUnreachable, Io::kNameNotFound, Cause::kNameNotFound},
                               Mapped{Kind::kNotSsh, Io::kOther, Cause::kNotThisProtocol},
                               Mapped{Kind::kHostKeyUnknown, Io::kOther, Cause::kHostKeyUnknown},
                               Mapped{Kind::kHostKeyMismatch, Io::kOther, Cause::kHostKeyMismatch},
                               Mapped{Kind::kKeyUnusable, Io::kOther, Cause::kTunnelKeyUnusable},
                               Mapped{Kind::kKeyRefused, Io::kOther, Cause::kTunnelKeyRefused},
                               Mapped{Kind::kForwardingRefused, Io::kOther, Cause::kForwardingRefused},
                               Mapped{Kind::kTargetUnreachable, Io::kTimedOut, Cause::kUnreachableByBastion},
                               Mapped{Kind::kLost, Io::kOther, Cause::kTunnelLost},
                               Mapped{Kind::kCancelled, Io::kCancelled, Cause::kCancelled},
                               Mapped{Kind::kInternal, Io::kOther, Cause::kInternal}}) {
    const Failure failure =
        failure_from(net::TunnelError{mapped.kind, "m", "p", mapped.network}, Stage::kSession);
    EXPECT_EQ(failure.cause, mapped.cause);
    const bool about_server =
        mapped.kind == Kind::kForwardingRefused || mapped.kind == Kind::kTargetUnreachable;
    EXPECT_EQ(failure.stage, about_server ? Stage::kSession : Stage::kTunnel);
  }
}

}  // namespace
}  // namespace tlswarden::probe
