#include "drivers/etcd/protocol_step.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  probe::TlsObservation seen;
  seen.client_certificate_requested = true;
  seen.client_certificate_presented = true;
  return ScriptedConversation([seen] { return make_protocol_step(fixtures::target(), seen); },
                              probe::Stage::kProtocolStep)
      .never_writes("cret")
      .writes(base::to_bytes(fixtures::kAskVersion));
}

ScriptedConversation asked_for_health(const std::string& version) {
  return script().answers(version).writes(base::to_bytes(fixtures::kAskHealth));
}

TEST(EtcdProtocolStep, ReadsVersionAndHealth) {
  const auto played =
      asked_for_health(fixtures::kVersion).answers(fixtures::kHealthy).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "3.4.23");
  EXPECT_EQ(played.findings.server_product, "etcd");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  EXPECT_FALSE(played.findings.notice);
}

TEST(EtcdProtocolStep, MentionsThatAMemberIsUnwell) {
  const auto played =
      asked_for_health(fixtures::kVersion).answers(fixtures::kUnwell).ends(End::kDone).verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kServerError);
  EXPECT_NE(played.findings.notice->peer_text.find("NO LEADER"), std::string::npos);
}

TEST(EtcdProtocolStep, IsContentWithAServerThatLeavesBeforeItsHealth) {
  asked_for_health(fixtures::kVersion).closes().ends(End::kDone).verify();
  const auto closing =
      test_support::http_answer("200 OK", R"({"etcdserver":"3.5.16"})", "Connection: close\r\n");
  EXPECT_EQ(script().answers(closing).ends(End::kDone).verify().findings.server_version, "3.5.16");
}

TEST(EtcdProtocolStep, KnowsTheProxyByItsHealth) {
  const auto played =
      asked_for_health(fixtures::kNotFound).answers(fixtures::kHealthy).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_product, "etcd");
  EXPECT_EQ(played.findings.server_version, "");
}

TEST(EtcdProtocolStep, NamesAnotherProtocol) {
  script().answers("+PONG\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  asked_for_health(fixtures::kNotFound)
      .answers(fixtures::kNotFound)
      .ends(End::kFail, Cause::kNotThisProtocol)
      .verify();
}

TEST(EtcdProtocolStep, NamesAPeerThatOnlyCloses) {
  script().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::etcd
