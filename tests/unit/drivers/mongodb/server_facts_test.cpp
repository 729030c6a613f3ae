#include "drivers/mongodb/server_facts.hpp"

#include <gtest/gtest.h>

#include "drivers/mongodb/server_error.hpp"
#include "fixtures.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Cause;
using probe::Tristate;

Document document(const std::string& json) {
  return Document::at_front_of(fixtures::bson(json)).value();
}

TEST(MongodbServerFacts, KnowTheVersionOfEachProduct) {
  EXPECT_EQ(version_of(document(fixtures::kBuildInfo)), "7.0.14");
  EXPECT_EQ(version_of(document(fixtures::kFerretBuildInfo)), "1.24.0");
  EXPECT_EQ(version_of(document(R"({"version": "7.0.77", "ferretdb": {"version": "v2.5.0"}, "ok": 1})")),
            "2.5.0");
  EXPECT_EQ(version_of(document(fixtures::kUnauthorized)), "");
  EXPECT_EQ(version_of(document(R"({"version": "8.0\u0007", "ok": 1})")), "8.0\\x07");
}

TEST(MongodbServerFacts, TakeAtlasOnlyFromItsOwnNames) {
  EXPECT_EQ(product_of_greeting(document(fixtures::kAtlas)), "MongoDB Atlas");
  EXPECT_EQ(product_of_greeting(document(R"({"me": "mongodb.net.example.com:27017"})")), "MongoDB");
  EXPECT_EQ(product_of_greeting(document(R"({"me": "evilmongodb.net"})")), "MongoDB");
}

TEST(MongodbServerFacts, KnowTheSettingFromEveryReplyThatHasIt) {
  const auto setting = [](const std::string& json) { return setting_of(document(json)); };
  EXPECT_EQ(setting(R"({"tlsMode": "requireTLS", "ok": 1})"), TlsSetting::kRequired);
  EXPECT_EQ(setting(R"({"sslMode": "requireSSL", "ok": 1})"), TlsSetting::kRequired);
  EXPECT_EQ(setting(R"({"tlsMode": "preferTLS", "ok": 1})"), TlsSetting::kOptional);
  EXPECT_EQ(setting(R"({"tlsMode": "allowTLS", "ok": 1})"), TlsSetting::kOptional);
  EXPECT_EQ(setting(R"({"tlsMode": "disabled", "ok": 1})"), TlsSetting::kDisabled);
  EXPECT_EQ(setting(R"({"parsed": {"net": {"tls": {"mode": "requireTLS"}}}, "ok": 1})"),
            TlsSetting::kRequired);
  EXPECT_EQ(setting(R"({"parsed": {"net": {"ssl": {"mode": "allowSSL"}}}, "ok": 1})"), TlsSetting::kOptional);
  EXPECT_EQ(setting(R"({"parsed": {}, "ok": 1})"), TlsSetting::kUnknown);
  EXPECT_EQ(setting(R"({"tlsMode": "requireTLS", "ok": 0})"), TlsSetting::kUnknown);
}

TEST(MongodbServerFacts, SayOfASessionOnlyWhatTheSettingProves) {
  EXPECT_EQ(encrypted_under(TlsSetting::kRequired), Tristate::kYes);
  EXPECT_EQ(encrypted_under(TlsSetting::kOptional), Tristate::kUnknown);
  EXPECT_EQ(encrypted_under(TlsSetting::kDisabled), Tristate::kNo);
  EXPECT_EQ(encrypted_under(TlsSetting::kUnknown), Tristate::kUnknown);
  EXPECT_EQ(plaintext_allowed_under(TlsSetting::kRequired), Tristate::kNo);
  EXPECT_EQ(plaintext_allowed_under(TlsSetting::kOptional), Tristate::kYes);
  EXPECT_EQ(plaintext_allowed_under(TlsSetting::kUnknown), Tristate::kUnknown);
}

TEST(MongodbServerError, IsNamedByItsCode) {
  const auto failure = [](const std::string& json) {
    return to_failure(document(json), probe::Stage::kSession);
  };
  EXPECT_EQ(failure(fixtures::kWrongPassword).cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(failure(fixtures::kWrongPassword).code, "AuthenticationFailed");
  EXPECT_EQ(failure(fixtures::kUnauthorized).cause, Cause::kAccessRefused);
  EXPECT_EQ(failure(fixtures::kShutdown).cause, Cause::kServerStarting);
  EXPECT_EQ(failure(R"({"ok": 0, "code": 8000, "errmsg": "bad auth"})").cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(failure(R"({"ok": 0, "code": 334})").cause, Cause::kUnsupported);
  const auto other = failure(R"({"ok": 0, "code": 4242, "errmsg": "no"})");
  EXPECT_EQ(other.cause, Cause::kServerError);
  EXPECT_EQ(other.code, "code 4242");
  EXPECT_EQ(other.peer_text, "no");
  EXPECT_EQ(failure(R"({"ok": 0, "errmsg": ")" + std::string(5000, 'x') + "\"}").peer_text.size(), 2048U);
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb
