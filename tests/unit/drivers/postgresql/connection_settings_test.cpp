#include "drivers/postgresql/connection_settings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "drivers/postgresql/libpq.hpp"
#include "fixtures.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using resource::NegotiationStyle;
using resource::TlsMode;

const net::Address kAddress{.ip = "10.0.0.7", .port = 6543};
const base::WallTime kNow{std::chrono::sys_days{std::chrono::January / 15 / 2030}};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

ConnectionSettings native(const probe::Target& target) {
  auto settings = ConnectionSettings::native(target, kAddress);
  EXPECT_TRUE(settings.has_value()) << (settings ? "" : settings.error().message);
  return std::move(*settings);
}

/// What libpq understands of a connection string.
std::map<std::string, std::string> understood(const base::Secret& text) {
  char* error = nullptr;
  const OptionsPtr options(PQconninfoParse(text.reveal().data(), &error));
  EXPECT_TRUE(options) << (error != nullptr ? error : "");
  PQfreemem(error);
  std::map<std::string, std::string> values;
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  return values;
}

class PostgresqlConnectionSettings : public testing::Test {
 protected:
  test_support::DemoPki pki_ = test_support::demo_pki(kNow);
  probe::Target with_ca() {
    auto target = fixtures::target_with_user();
    target.material.trust = test_support::store_of({&pki_.root});
    target.material.ca_declared = true;
    return target;
  }
};

TEST_F(PostgresqlConnectionSettings, ConnectsToTheAddressAndVerifiesTheName) {
  auto target = with_ca();
  target.verified_name = "orders.example";
  const auto settings = native(target);
  EXPECT_EQ(settings.values().at("hostaddr"), "10.0.0.7");
  EXPECT_EQ(settings.values().at("port"), "6543");
  EXPECT_EQ(settings.values().at("host"), "orders.example");
  EXPECT_EQ(settings.values().at("sslmode"), "verify-full");
  EXPECT_EQ(settings.values().at("gssencmode"), "disable");
  EXPECT_EQ(settings.values().at("ssl_min_protocol_version"), "TLSv1.2");
  EXPECT_EQ(content_of(settings.values().at("sslrootcert")), pki_.root.certificate_pem);
}

TEST_F(PostgresqlConnectionSettings, QuotesTheCredentials) {
  const auto values = understood(native(with_ca()).connection_string());
  EXPECT_EQ(values.at("user"), "monitor");
  EXPECT_EQ(values.at("password"), "h0rse'ba\\ttery");
  EXPECT_EQ(values.at("dbname"), "orders");
}

TEST_F(PostgresqlConnectionSettings, GivesRootsExactlyWhenTheSpecOrTheModeWantsThem) {
  auto target = fixtures::target_with_user();
  target.material.trust = test_support::store_of({&pki_.root});
  const auto has_roots = [&](TlsMode mode, bool declared) {
    target.mode = mode;
    target.material.ca_declared = declared;
    return !content_of(native(target).values().at("sslrootcert")).empty();
  };
  EXPECT_FALSE(has_roots(TlsMode::kPrefer, false));
  EXPECT_FALSE(has_roots(TlsMode::kRequire, false));
  EXPECT_TRUE(has_roots(TlsMode::kVerifyCa, false));
  EXPECT_TRUE(has_roots(TlsMode::kVerifyFull, false));
  EXPECT_TRUE(has_roots(TlsMode::kPrefer, true));
  EXPECT_TRUE(has_roots(TlsMode::kRequire, true));
  EXPECT_FALSE(has_roots(TlsMode::kDisable, true));
}

TEST_F(PostgresqlConnectionSettings, RefusesToVerifyWithoutRoots) {
  auto target = fixtures::target_with_user();
  EXPECT_FALSE(ConnectionSettings::native(target, kAddress));
  target.mode = TlsMode::kRequire;
  EXPECT_TRUE(ConnectionSettings::native(target, kAddress));
  target.material.ca_declared = true;
  EXPECT_FALSE(ConnectionSettings::native(target, kAddress));
}

TEST_F(PostgresqlConnectionSettings, KeepsTheClientKeyInAPrivateFile) {
  auto target = with_ca();
  target.material.client = pki::ClientIdentity{
      .chain = test_support::chain_of({&pki_.leaf, &pki_.intermediate}), .key = pki_.leaf.private_key()};
  std::string path;
  {
    const auto settings = native(target);
    path = settings.values().at("sslkey");
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_TRUE(S_ISREG(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(content_of(path), pki_.leaf.key_pem);
    EXPECT_EQ(content_of(settings.values().at("sslcert")),
              pki_.leaf.certificate_pem + pki_.intermediate.certificate_pem);
  }
  EXPECT_TRUE(content_of(path).empty()) << "the key outlived its settings";
}

TEST_F(PostgresqlConnectionSettings, LetsNothingInFromTheEnvironment) {
  const auto kept = understood(native(with_ca()).connection_string());
  const OptionsPtr options(PQconndefaults());
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    // libpq takes an empty service for one that does not exist, so that one can't be set.
    if (option->envvar == nullptr || std::string_view(option->keyword) == "service") continue;
    EXPECT_TRUE(kept.contains(option->keyword)) << option->envvar << " would slip in";
  }
}

TEST_F(PostgresqlConnectionSettings, InsistsOnTlsForDirectNegotiation) {
  auto target = with_ca();
  target.negotiation = NegotiationStyle::kDirect;
  target.mode = TlsMode::kPrefer;
  const auto settings = native(target);
  EXPECT_EQ(settings.values().at("sslnegotiation"), "direct");
  EXPECT_EQ(settings.values().at("sslmode"), "require");
}

TEST_F(PostgresqlConnectionSettings, SpeaksPlainlyThroughARelay) {
  const auto settings = ConnectionSettings::relayed(with_ca(), "/run/relay");
  EXPECT_EQ(settings.values().at("host"), "/run/relay");
  EXPECT_EQ(settings.values().at("port"), "5432");
  EXPECT_EQ(settings.values().at("sslmode"), "disable");
  EXPECT_EQ(understood(settings.connection_string()).at("hostaddr"), "");
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql
