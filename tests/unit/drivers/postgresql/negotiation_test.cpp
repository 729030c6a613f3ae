#include "drivers/postgresql/negotiation.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;
using test_support::End;
using test_support::ScriptedConversation;

const base::Bytes kSslRequest{0x00, 0x00, 0x00, 0x08, 0x04, 0xd2, 0x16, 0x2f};

ScriptedConversation script() {
  return ScriptedConversation([] { return make_negotiation(); }, probe::Stage::kNegotiate)
      .writes(kSslRequest);
}

TEST(PostgresqlNegotiation, StartsTlsAfterS) {
  const auto played = script().answers("S").ends(End::kStartTls).verify();
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kOffered);
}

TEST(PostgresqlNegotiation, IsRefusedByN) {
  const auto played = script().answers("N").ends(End::kRefused, Cause::kTlsNotOffered).verify();
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kNotOffered);
}

TEST(PostgresqlNegotiation, TakesAnythingBehindSForAnInjection) {
  const auto played = script().answers("SE").ends(End::kFail, Cause::kUnexpectedBytes).play();
  ASSERT_TRUE(played.failure);
  EXPECT_EQ(played.failure->cause, Cause::kUnexpectedBytes);
}

TEST(PostgresqlNegotiation, PassesOnThatThereIsNoRoom) {
  const auto played = script()
                          .answers(fixtures::error("53300", "sorry, too many clients already"))
                          .ends(End::kRefused, Cause::kServerBusy)
                          .verify();
  EXPECT_EQ(played.failure->code, "53300");
  EXPECT_EQ(played.failure->peer_text, "sorry, too many clients already");
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kUnknown);
}

TEST(PostgresqlNegotiation, TakesAnUnknownProtocolForAServerWithoutTls) {
  const auto played = script()
                          .answers(fixtures::error("0A000", "unsupported frontend protocol 1234.5679"))
                          .ends(End::kRefused, Cause::kTlsNotOffered)
                          .verify();
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kNotOffered);
}

TEST(PostgresqlNegotiation, ReadsAnErrorOfProtocolTwo) {
  base::Bytes answer = base::to_bytes("Ecould not fork new process for connection: no memory\n");
  answer.push_back(0);
  const auto played = script().answers(answer).ends(End::kRefused, Cause::kServerError).verify();
  EXPECT_EQ(played.failure->peer_text, "could not fork new process for connection: no memory\n");
}

TEST(PostgresqlNegotiation, NamesAnotherProtocol) {
  script().answers("HTTP/1.1 400 Bad Request\r\n\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
}

TEST(PostgresqlNegotiation, NamesAPeerThatOnlyCloses) {
  script().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql
