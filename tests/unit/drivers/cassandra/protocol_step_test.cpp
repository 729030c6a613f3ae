#include "drivers/cassandra/protocol_step.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script(bool requested = false, bool presented = false) {
  probe::TlsObservation seen;
  seen.client_certificate_requested = requested;
  seen.client_certificate_presented = presented;
  return ScriptedConversation([seen] { return make_protocol_step(seen); }, probe::Stage::kProtocolStep)
      .writes(base::to_bytes(fixtures::kOptions));
}

TEST(CassandraProtocolStep, TellsTheProductAndNoVersion) {
  const auto cassandra = script().answers(fixtures::supported()).ends(End::kDone).verify();
  EXPECT_EQ(cassandra.findings.server_product, "Cassandra");
  EXPECT_EQ(cassandra.findings.server_version, "") << "3.4.7 is the version of CQL";
  EXPECT_FALSE(cassandra.findings.notice);
  const auto scylla = script().answers(fixtures::scylla_supported()).ends(End::kDone).verify();
  EXPECT_EQ(scylla.findings.server_product, "ScyllaDB");
  EXPECT_EQ(scylla.findings.server_version, "");
}

TEST(CassandraProtocolStep, TellsWhetherACertificateWasWanted) {
  const auto outcome = [](bool requested, bool presented) {
    return script(requested, presented).answers(fixtures::supported()).play().findings.client_certificate;
  };
  EXPECT_EQ(outcome(false, false), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(true, false), ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(outcome(true, true), ClientCertificateOutcome::kAccepted);
}

TEST(CassandraProtocolStep, TakesAnErrorForAcceptanceAndSaysIt) {
  for (const auto& [code, cause] : {std::pair{0x1001U, Cause::kServerBusy},
                                    {0x1002U, Cause::kServerStarting},
                                    {0x000AU, Cause::kUnsupported},
                                    {0x0000U, Cause::kServerError}}) {
    const auto played =
        script(true, true).answers(fixtures::error(code, "its words")).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
    ASSERT_TRUE(played.findings.notice);
    EXPECT_EQ(played.findings.notice->cause, cause);
    EXPECT_EQ(played.findings.notice->peer_text, "its words");
  }
}

TEST(CassandraProtocolStep, NamesAnotherProtocol) {
  script().answers("HTTP/1.1 400 Bad Request\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
}

TEST(CassandraProtocolStep, NamesABrokenAnswer) {
  script()
      .answers(fixtures::frame(Opcode::kSupported, "\xff\xff"))
      .ends(End::kFail, Cause::kMalformedMessage)
      .verify();
  script().answers(fixtures::frame(Opcode::kReady, "")).ends(End::kFail, Cause::kMalformedMessage).verify();
}

TEST(CassandraProtocolStep, NamesAPeerThatOnlyCloses) {
  script().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra
