#include "drivers/mysql/policy.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::mysql {
namespace {

using probe::Tristate;

TEST(MysqlPolicy, ReadsTheRequireClause) {
  struct Case {
    const char* statement;
    AccountPolicy policy;
  };
  const Case cases[] = {
      {"CREATE USER `u`@`%` IDENTIFIED BY PASSWORD '*0123'", AccountPolicy::kAnything},
      {"CREATE USER `u`@`%` IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$x' REQUIRE NONE PASSWORD "
       "EXPIRE DEFAULT",
       AccountPolicy::kAnything},
      {"CREATE USER `u`@`%` IDENTIFIED BY PASSWORD '*0123' REQUIRE SSL", AccountPolicy::kTls},
      {"CREATE USER `u`@`%` REQUIRE CIPHER 'AES256'", AccountPolicy::kTls},
      {"CREATE USER 'u'@'%' REQUIRE X509 WITH MAX_USER_CONNECTIONS 3", AccountPolicy::kClientCertificate},
      {"CREATE USER 'u'@'%' REQUIRE SUBJECT '/CN=x' AND ISSUER '/CN=y'", AccountPolicy::kClientCertificate},
      {"GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*0123' REQUIRE ISSUER '/CN=y'",
       AccountPolicy::kClientCertificate},
      {"CREATE USER `a REQUIRE SSL`@`%`", AccountPolicy::kAnything},
      {"CREATE USER `a`` REQUIRE SSL`@`%` COMMENT 'it''s \\' REQUIRE X509'", AccountPolicy::kAnything},
      {"CREATE USER `u`@`%` COMMENT 'unfinished REQUIRE SSL", AccountPolicy::kAnything},
      {"REQUIRE", AccountPolicy::kAnything},
      {"", AccountPolicy::kAnything},
      {"'\\", AccountPolicy::kAnything},
  };
  for (const auto& one : cases)
    EXPECT_EQ(account_policy(one.statement), one.policy) << one.statement;
}

TEST(MysqlPolicy, AllowsPlaintextOnlyWhereBothServerAndAccountDo) {
  EXPECT_EQ(plaintext_allowed(false, AccountPolicy::kAnything), Tristate::kYes);
  EXPECT_EQ(plaintext_allowed(true, AccountPolicy::kAnything), Tristate::kNo);
  EXPECT_EQ(plaintext_allowed(false, AccountPolicy::kTls), Tristate::kNo);
  EXPECT_EQ(plaintext_allowed(std::nullopt, AccountPolicy::kClientCertificate), Tristate::kNo);
  EXPECT_EQ(plaintext_allowed(true, std::nullopt), Tristate::kNo);
  EXPECT_EQ(plaintext_allowed(false, std::nullopt), Tristate::kUnknown);
  EXPECT_EQ(plaintext_allowed(std::nullopt, AccountPolicy::kAnything), Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::mysql
