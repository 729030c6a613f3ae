#include "net/ssh_private_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ssh_server.hpp"

namespace tlswarden::net {
namespace {

using testing::HasSubstr;

TunnelResult<SshKeyPtr> read(std::string_view key, std::optional<std::string_view> passphrase = {}) {
  SshSettings settings;
  settings.key = base::Secret(key);
  if (passphrase) settings.passphrase = base::Secret(*passphrase);
  return read_private_key(settings);
}

std::string trouble(const TunnelResult<SshKeyPtr>& result) {
  if (result) return "none";
  EXPECT_EQ(result.error().kind, TunnelError::Kind::kKeyUnusable);
  EXPECT_EQ(result.error().peer_text, "");
  return result.error().message;
}

TEST(SshPrivateKey, IsReadWithAndWithoutAPassphrase) {
  const auto plain = test_support::make_ssh_identity();
  const auto read_back = read(plain.file);
  ASSERT_TRUE(read_back) << trouble(read_back);
  EXPECT_EQ(ssh_key_cmp(read_back->get(), plain.key.get(), SSH_KEY_CMP_PUBLIC), 0);
  EXPECT_TRUE(read(plain.file, "not needed"));
  const auto encrypted = test_support::make_ssh_identity(SSH_KEYTYPE_ED25519, "open sesame");
  EXPECT_TRUE(read(encrypted.file, "open sesame"));
}

TEST(SshPrivateKey, TellsWhatIsWrong) {
  const auto encrypted = test_support::make_ssh_identity(SSH_KEYTYPE_ED25519, "open sesame");
  EXPECT_THAT(trouble(read(encrypted.file)), HasSubstr("is encrypted; declare its passphrase"));
  EXPECT_THAT(trouble(read(encrypted.file, "wrong")), HasSubstr("does not open"));
  EXPECT_THAT(trouble(read(encrypted.file, "")), HasSubstr("does not open"));
  EXPECT_THAT(trouble(read("")), HasSubstr("There is no private key"));
  EXPECT_THAT(trouble(read("rubbish")), HasSubstr("holds no private key"));
  EXPECT_THAT(trouble(read(encrypted.line)), HasSubstr("holds no private key"));
  const auto plain = test_support::make_ssh_identity();
  EXPECT_THAT(trouble(read(plain.file.substr(0, plain.file.size() / 2))), HasSubstr("holds no private key"));
}

}  // namespace
}  // namespace tlswarden::net
