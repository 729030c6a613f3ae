#include "resource/reference.hpp"

#include <gtest/gtest.h>

namespace tlswarden::resource {
namespace {

TEST(DescribeReference, NamesThePlaceAndNeverTheContent) {
  using Kind = Reference::Kind;
  EXPECT_EQ(describe({Kind::kSecretKey, "ca", "ca.crt", "", nullptr}), "Secret ca, key ca.crt");
  EXPECT_EQ(describe({Kind::kConfigMapKey, "ca", "ca.crt", "", nullptr}), "ConfigMap ca, key ca.crt");
  EXPECT_EQ(describe({Kind::kFile, "", "", "/etc/ca.pem", nullptr}), "file /etc/ca.pem");
  EXPECT_EQ(describe({Kind::kEnv, "", "", "PASSWORD", nullptr}), "environment variable PASSWORD");
  EXPECT_EQ(describe({Kind::kInline, "", "", "secret", nullptr}), "inline text");
  EXPECT_EQ(describe({Kind::kValue, "", "", "secret", nullptr}), "literal value");
}

}  // namespace
}  // namespace tlswarden::resource
