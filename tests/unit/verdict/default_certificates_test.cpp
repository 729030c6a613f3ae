#include "verdict/default_certificates.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using test_support::mint;
using test_support::Minted;
using test_support::MintSpec;
using testing::HasSubstr;

MintSpec spec(std::string common_name, std::string organization = {}) {
  return {.common_name = std::move(common_name),
          .not_before = kNow - kDay,
          .not_after = kNow - kDay + 365 * kDay,
          .organization = std::move(organization)};
}

/// As make-ssl-cert makes them.
MintSpec snakeoil(const std::string& host = "db1.example.com") {
  MintSpec made = spec(host);
  made.dns_names = {host};
  made.not_after = made.not_before + 3650 * kDay;
  made.key = "RSA-2048";
  return made;
}

std::string found(const MintSpec& made, const Minted* issuer = nullptr) {
  const DefaultCertificate* known = find_default_certificate(mint(made, issuer).certificate->facts);
  return known == nullptr ? "none" : known->name;
}

Minted issuer_named(const char* common_name, const char* organization = "") {
  MintSpec made = spec(common_name, organization);
  made.ca = true;
  return mint(made);
}

TEST(DefaultCertificates, EachHasANameMarksAndASource) {
  EXPECT_FALSE(all_default_certificates().empty());
  for (const DefaultCertificate& known : all_default_certificates()) {
    EXPECT_FALSE(known.name.empty());
    EXPECT_TRUE(!known.subject.empty() || !known.issuer.empty() || known.only_its_name) << known.name;
    EXPECT_TRUE(known.source.starts_with("https://")) << known.name;
  }
}

TEST(DefaultCertificates, AreKnownByWhatTheySayOfThemselves) {
  const Minted mysql = issuer_named("MySQL_Server_8.4.0_Auto_Generated_CA_Certificate");
  EXPECT_THAT(found(spec("MySQL_Server_8.4.0_Auto_Generated_Server_Certificate"), &mysql),
              HasSubstr("MySQL"));
  EXPECT_THAT(found(spec("db"), &mysql), HasSubstr("MySQL"));
  EXPECT_THAT(found(spec("MariaDB Server")), HasSubstr("MariaDB"));
  EXPECT_THAT(found(spec("SSL_Self_Signed_Fallback")), HasSubstr("SQL Server"));
  EXPECT_THAT(found(snakeoil()), HasSubstr("snakeoil"));
  const Minted redis = issuer_named("Certificate Authority", "Redis Test");
  EXPECT_THAT(found(spec("Server-only", "Redis Test"), &redis), HasSubstr("Redis"));
  EXPECT_THAT(found(spec("dbhost.yourdomain.com")), HasSubstr("PostgreSQL"));
  EXPECT_THAT(found(spec("", "etcd")), HasSubstr("etcd"));
}

TEST(DefaultCertificates, AreNotSeenInCertificatesOfTheUsersOwn) {
  const Minted company = issuer_named("Example Issuing CA", "Example");
  EXPECT_EQ(found(spec("MariaDB Server"), &company), "none");
  EXPECT_EQ(found(spec("db1", "etcd"), &company), "none");
  EXPECT_EQ(found(snakeoil(), &company), "none");
}

TEST(DefaultCertificates, SnakeoilIsToldFromOtherSelfSignedCertificates) {
  const auto changed = [](auto change) {
    MintSpec made = snakeoil();
    change(made);
    return found(made);
  };
  EXPECT_EQ(changed([](MintSpec& made) { made.ca = true; }), "none") << "openssl req -x509 makes CAs";
  EXPECT_EQ(changed([](MintSpec& made) { made.not_after -= kDay; }), "none");
  EXPECT_EQ(changed([](MintSpec& made) { made.not_after += base::Seconds(1); }), "none");
  EXPECT_EQ(changed([](MintSpec& made) { made.dns_names.push_back("db"); }), "none");
  EXPECT_EQ(changed([](MintSpec& made) { made.dns_names.clear(); }), "none");
  EXPECT_EQ(changed([](MintSpec& made) { made.ip_addresses = {"10.0.0.1"}; }), "none");
  EXPECT_EQ(changed([](MintSpec& made) { made.organization = "Example"; }), "none");
}

TEST(DefaultCertificates, AreNamedWhereNobodyCanVerifyThem) {
  const Minted own = mint(snakeoil("localhost"));
  const auto status =
      Scenario(resource::Engine::kPostgresql, resource::TlsMode::kRequire).serve({&own}).judge();
  const auto& valid = condition_of(status, condition::kCertificateValid);
  EXPECT_EQ(valid.reason, reason::kDefaultCertificate);
  EXPECT_THAT(valid.message, HasSubstr("a placeholder, Debian's snakeoil certificate ('localhost')"));
}

TEST(DefaultCertificates, AreLeftAloneWhereTheyAreTrusted) {
  const Minted own = mint(snakeoil("localhost"));
  Scenario scenario;
  scenario.material.trust = test_support::store_of({&own});
  EXPECT_EQ(condition_of(scenario.serve({&own}).judge(), condition::kCertificateValid).reason,
            reason::kChainVerified);
}

}  // namespace
}  // namespace tlswarden::verdict
