#include "cli/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "verdict/judge.hpp"

namespace tlswarden::cli {
namespace {

using base::Seconds;
using base::WallTime;
using resource::ConditionStatus;
using resource::DatabaseEndpoint;
using resource::TlsMode;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kNow{Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z
constexpr Seconds kDay{86400};

DatabaseEndpoint endpoint(const std::string& name, ConditionStatus ready, const std::string& reason,
                          const std::string& message) {
  DatabaseEndpoint e;
  e.metadata.name = name;
  e.spec.engine = resource::Engine::kPostgresql;
  e.spec.host = "db";
  e.spec.port = 5432;
  e.spec.tls.mode = TlsMode::kVerifyFull;
  for (const char* type : resource::kAllConditions) {
    e.status.conditions.push_back({type, ConditionStatus::kUnknown, reason, message, kNow, 1});
  }
  e.status.conditions.front().status = ready;
  return e;
}

DatabaseEndpoint healthy() {
  DatabaseEndpoint e = endpoint("orders", ConditionStatus::kTrue, "Healthy", "verify-full works");
  for (auto& condition : e.status.conditions) {
    if (!resource::abnormal_when_true(condition.type)) condition.status = ConditionStatus::kTrue;
    if (resource::abnormal_when_true(condition.type)) condition.status = ConditionStatus::kFalse;
  }
  e.status.strongest_mode = TlsMode::kVerifyFull;
  e.status.server.version = "15.4";
  e.status.server.address = "10.0.0.7:5432";
  e.status.tls = resource::TlsStatus{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {}};
  e.status.expiry = resource::Expiry{kNow + 89 * kDay, "leaf", "CN=db", kNow + 61 * kDay, std::nullopt};
  return e;
}

DatabaseEndpoint expired() {
  DatabaseEndpoint e =
      endpoint("billing", ConditionStatus::kFalse, "CertificateExpired", "Expired 3 days ago <&>");
  e.status.strongest_mode = TlsMode::kPrefer;
  e.status.expiry = resource::Expiry{kNow - 3 * kDay, "leaf", "CN=db", kNow - 4 * kDay, std::nullopt};
  e.status.advice = {{"RotateServerCertificate",
                      resource::Urgency::kNow,
                      kNow + 2 * kDay,
                      "CertificateExpired",
                      "Renew the certificate.",
                      {"Issue a new one.", "Reload the server.", "Source: https://db.example/reload"}}};
  return e;
}

std::string table(const std::vector<DatabaseEndpoint>& endpoints, Format format = Format::kTable) {
  return table_report({endpoints, kNow, false}, format, {});
}

TEST(TableReport, HasOneRowForEachEndpointAndTheNextStepForTheOneInTrouble) {
  const std::vector<DatabaseEndpoint> fleet{healthy(), expired()};
  ASSERT_EQ(verdict::severity(fleet[0].status), verdict::Severity::kOk);
  ASSERT_EQ(verdict::severity(fleet[1].status), verdict::Severity::kCritical);
  EXPECT_EQ(table(fleet),
            "NAME     ENGINE      MODE         STRONGEST    READY  EXPIRES           VERSION  MESSAGE\n"
            "orders   postgresql  verify-full  verify-full  True   in 89 days, leaf  15.4     " +
                verdict::headline(fleet[0].status) +
                "\n"
                "billing  postgresql  verify-full  prefer       False  3 days ago, leaf  -        " +
                verdict::headline(fleet[1].status) + R"(

2 endpoints: 1 CRITICAL, 1 OK.

billing: CRITICAL
  Renew the certificate.
  By 2026-03-03 (in 2 days).
    1. Issue a new one.
    2. Reload the server.
    Source: https://db.example/reload
  More: tlswarden explain CertificateExpired
)");
}

TEST(TableReport, AddsAddressProtocolAndRotationWhenWide) {
  const std::string text = table({healthy()}, Format::kWide);
  EXPECT_THAT(text, HasSubstr("ADDRESS        TLS      CIPHER                  ROTATE BY   MESSAGE"));
  EXPECT_THAT(text, HasSubstr("10.0.0.7:5432  TLSv1.3  TLS_AES_256_GCM_SHA384  2026-05-01  "));
}

TEST(TableReport, NamesTheNamespaceOnlyWhereThereAreSeveral) {
  EXPECT_THAT(table({healthy()}), Not(HasSubstr("default/orders")));
  DatabaseEndpoint other = healthy();
  other.metadata.ns = "payments";
  EXPECT_THAT(table({healthy(), other}), HasSubstr("payments/orders"));
}

TEST(TableReport, SaysWhichDayWasJudged) {
  const std::vector<DatabaseEndpoint> fleet{healthy()};
  EXPECT_THAT(table_report({fleet, kNow, true}, Format::kTable, {}),
              HasSubstr("1 endpoint: 1 OK, judged as of 2026-03-01T12:00:00Z on what was seen now."));
}

TEST(TableReport, SaysThatAnEndpointWhichIsOkHasAdviceUnlessItIsAMatterOfTaste) {
  DatabaseEndpoint e = healthy();
  e.status.advice = {
      {"RequireTLSAtServer", resource::Urgency::kConsider, std::nullopt, "PlaintextAccepted", "Think.", {}}};
  EXPECT_THAT(table({e}), HasSubstr("\n1 endpoint: 1 OK.\n"));
  EXPECT_THAT(table({e}), Not(HasSubstr("advice")));
  e.status.advice.front().urgency = resource::Urgency::kPlanned;
  EXPECT_THAT(table({e}),
              HasSubstr("1 endpoint: 1 OK.\n1 of the OK has advice that can wait; -o yaml shows it.\n"));
  EXPECT_THAT(table({e, expired(), e}), HasSubstr("2 of the OK have advice that can wait"));
}

TEST(TableReport, ColoursSeverityWhenAsked) {
  const std::vector<DatabaseEndpoint> fleet{expired()};
  EXPECT_THAT(table_report({fleet, kNow, false}, Format::kTable, {std::nullopt, true}),
              HasSubstr("\x1b[31mFalse\x1b[0m"));
}

TEST(TableReport, FallsBackToTheReasonsOwnAdvice) {
  DatabaseEndpoint silent = expired();
  silent.status.advice.clear();
  EXPECT_THAT(table({silent}), HasSubstr("More: tlswarden explain CertificateExpired"));
}

TEST(JsonReport, IsTheResourceItselfForOneAndAListForSeveral) {
  const std::vector<DatabaseEndpoint> one{healthy()};
  const auto document = nlohmann::json::parse(json_report({one, kNow, false}));
  EXPECT_EQ(document["kind"], "DatabaseEndpoint");
  EXPECT_EQ(document["status"]["strongestMode"], "verify-full");
  EXPECT_FALSE(document["metadata"].contains("annotations"));
  const std::vector<DatabaseEndpoint> two{healthy(), expired()};
  const auto list = nlohmann::json::parse(json_report({two, kNow, true}));
  EXPECT_EQ(list["apiVersion"], "v1");
  EXPECT_EQ(list["kind"], "List");
  EXPECT_EQ(list["items"].size(), 2U);
  EXPECT_EQ(list["items"][1]["metadata"]["annotations"][kJudgedAtAnnotation], "2026-03-01T12:00:00Z");
}

TEST(YamlReport, IsTheSameDocument) {
  const std::vector<DatabaseEndpoint> one{healthy()};
  const std::string text = yaml_report({one, kNow, false});
  EXPECT_THAT(
      text,
      HasSubstr("apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata:\n  name: orders\n"));
  EXPECT_THAT(text, HasSubstr("\n    version: \"15.4\"\n"));
}

TEST(JunitReport, CountsFailuresAndEscapesWords) {
  const std::vector<DatabaseEndpoint> fleet{healthy(), expired(),
                                            endpoint("vault", ConditionStatus::kUnknown, "Suspended", "x")};
  const std::string text = junit_report({fleet, kNow, false});
  const auto unknown = verdict::severity(fleet[2].status) == verdict::Severity::kUnknown;
  ASSERT_TRUE(unknown);
  EXPECT_THAT(text, HasSubstr(R"(<testsuite name="tlswarden" tests="3" failures="1" errors="1">)"));
  EXPECT_THAT(text, HasSubstr(R"(    <testcase classname="default" name="orders"/>)"));
  EXPECT_THAT(text, HasSubstr(R"(<failure type="CertificateExpired" message=")"));
  EXPECT_THAT(text, Not(HasSubstr("<&>")));
  EXPECT_THAT(text, HasSubstr("Renew the certificate."));
}

}  // namespace
}  // namespace tlswarden::cli
