#include "net/ssh_pinned_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ssh_server.hpp"

namespace tlswarden::net {
namespace {

using Judgement = PinnedKeys::Judgement;
using testing::HasSubstr;
using testing::StartsWith;

class PinnedKeysTest : public testing::Test {
 protected:
  Judgement judge(const std::string& lines, std::uint16_t port = 22,
                  const std::string& host = "bastion.test") {
    return PinnedKeys(lines, host, port).judge(right_.key.get());
  }

  test_support::SshIdentity right_ = test_support::make_ssh_identity();
  test_support::SshIdentity wrong_ = test_support::make_ssh_identity();
  const std::string key_ = " " + right_.line + "\n", other_ = " " + wrong_.line + "\n";
};

TEST_F(PinnedKeysTest, TrustsTheKeyOfALineThatNamesTheHost) {
  EXPECT_EQ(judge("bastion.test" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("bastion.test" + key_, 22, "Bastion.Test"), Judgement::kPinned);
  EXPECT_EQ(judge("a.test,bastion.test,10.0.0.1" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("*.test" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("bastion.tes?" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("bastion.test" + other_ + "bastion.test" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("2001:db8::1" + key_, 22, "2001:db8::1"), Judgement::kPinned);
}

TEST_F(PinnedKeysTest, KnowsNothingOfAHostThatNoLineNames) {
  EXPECT_EQ(judge(""), Judgement::kUnknown);
  EXPECT_EQ(judge("\n\n# bastion.test" + key_), Judgement::kUnknown);
  EXPECT_EQ(judge("other.test" + key_), Judgement::kUnknown);
  EXPECT_EQ(judge("*.test,!bastion.test" + key_), Judgement::kUnknown);
  EXPECT_EQ(judge("!bastion.*,*.test" + key_), Judgement::kUnknown);
  EXPECT_EQ(judge("bastion.test,!bastion.test" + key_), Judgement::kUnknown);
}

TEST_F(PinnedKeysTest, TellsAnotherKey) {
  EXPECT_EQ(judge("bastion.test" + other_), Judgement::kMismatch);
  const auto rsa = test_support::make_ssh_identity(SSH_KEYTYPE_RSA);
  EXPECT_EQ(judge("bastion.test " + rsa.line), Judgement::kMismatch);
}

TEST_F(PinnedKeysTest, GoesByThePortAndFallsBackToTheNameAlone) {
  EXPECT_EQ(judge("[bastion.test]:2222" + key_, 2222), Judgement::kPinned);
  EXPECT_EQ(judge("[bastion.test]:2222" + key_, 22), Judgement::kUnknown);
  EXPECT_EQ(judge("[bastion.test]:2223" + key_, 2222), Judgement::kUnknown);
  EXPECT_EQ(judge("bastion.test" + key_, 2222), Judgement::kPinned);
  EXPECT_EQ(judge("[bastion.test]:2222" + other_ + "bastion.test" + key_, 2222), Judgement::kMismatch);
}

TEST_F(PinnedKeysTest, ReadsHashedNames) {
  // printf bastion.test | openssl dgst -sha1 -mac HMAC -macopt
  // hexkey:000102030405060708090a0b0c0d0e0f10111213
  const std::string hashed = "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|yC4sgGU7Jv5UxCchT1yMY11PvdI=";
  EXPECT_EQ(judge(hashed + key_), Judgement::kPinned);
  EXPECT_EQ(judge(hashed + key_, 22, "other.test"), Judgement::kUnknown);
}

TEST_F(PinnedKeysTest, TakesARevocationSeriously) {
  EXPECT_EQ(judge("bastion.test" + key_ + "@revoked bastion.test" + key_), Judgement::kRevoked);
  EXPECT_EQ(judge("@revoked *" + key_ + "bastion.test" + key_), Judgement::kRevoked);
  EXPECT_EQ(judge("@revoked *" + key_), Judgement::kRevoked);
  EXPECT_EQ(judge("[bastion.test]:2222" + key_ + "@revoked bastion.test" + key_, 2222), Judgement::kRevoked);
  EXPECT_EQ(judge("bastion.test" + key_ + "@revoked other.test" + key_), Judgement::kPinned);
  EXPECT_EQ(judge("bastion.test" + key_ + "@revoked *" + other_), Judgement::kPinned);
}

TEST_F(PinnedKeysTest, DoesNotTakeAnAuthorityForAHost) {
  const PinnedKeys keys("@cert-authority *.test" + key_, "bastion.test", 22);
  EXPECT_EQ(keys.judge(right_.key.get()), Judgement::kUnknown);
  EXPECT_TRUE(keys.has_authority());
  EXPECT_EQ(judge("@unheard-of bastion.test" + key_), Judgement::kUnknown);
}

TEST_F(PinnedKeysTest, ReadsOnPastLinesThatCannotBeParsed) {
  const std::string rubbish =
      "bastion.test\nbastion.test ssh-ed25519\nbastion.test ssh-ed25519 AAAA\n@\n@revoked\n,\n! \n"
      "bastion.test ssh-unheard-of AAAA\n|1|x bad\n" +
      std::string(20000, 'x') + "\n";
  EXPECT_EQ(judge(rubbish), Judgement::kUnknown);
  EXPECT_EQ(judge(rubbish + "bastion.test\t" + right_.line + "\tcomment\r\n"), Judgement::kPinned);
  EXPECT_EQ(judge(rubbish + "  bastion.test " + right_.line), Judgement::kPinned)
      << "no line end, and indented";
}

TEST_F(PinnedKeysTest, AsksForThePinnedKindsFirst) {
  EXPECT_THAT(PinnedKeys("", "bastion.test", 22).algorithms(), HasSubstr("ssh-ed25519"));
  const auto rsa = test_support::make_ssh_identity(SSH_KEYTYPE_RSA);
  EXPECT_THAT(PinnedKeys("bastion.test " + rsa.line, "bastion.test", 22).algorithms(),
              StartsWith("rsa-sha2-512,rsa-sha2-256,ssh-ed25519,"));
  EXPECT_THAT(PinnedKeys("other.test " + rsa.line, "bastion.test", 22).algorithms(),
              testing::EndsWith("rsa-sha2-512,rsa-sha2-256"));
}

TEST_F(PinnedKeysTest, NamesAKeyAsSshKeygenDoes) {
  EXPECT_THAT(fingerprint(right_.key.get()), StartsWith("ssh-ed25519 SHA256:"));
}

}  // namespace
}  // namespace tlswarden::net
