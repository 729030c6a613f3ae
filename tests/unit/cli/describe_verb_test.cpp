#include "cli/describe_verb.hpp"

#include <gmock/gmock.h>

#include "cli/age_text.hpp"
#include "cli/endpoint_description.hpp"
#include "cluster_verb_fixture.hpp"

namespace tlswarden::cli {
namespace {

using test_support::refusal;
using test_support::reply;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Json = nlohmann::ordered_json;

constexpr base::WallTime kNow{base::Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z

const Json kEndpoint = Json::parse(R"({
  "apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
  "metadata": {"name": "orders", "namespace": "shop", "labels": {"tier": "gold", "team": "pay"},
               "creationTimestamp": "2026-02-27T12:00:00Z"},
  "spec": {"engine": "postgresql", "tls": {"mode": "verify-full", "ca": {"inline": "a\nb\nc\n"}}},
  "status": {
    "lastCheckTime": "2026-03-01T11:59:00Z",
    "conditions": [{"type": "Ready", "status": "False", "reason": "CertificateExpired",
                    "lastTransitionTime": "2026-03-01T09:00:00Z", "message": "It\u001b[31m has expired."}],
    "modes": [{"mode": "require", "outcome": "Works"},
              {"mode": "verify-full", "outcome": "Rejected", "reason": "CertificateExpired", "message": "no"}],
    "strongestMode": "require",
    "expiry": {"notAfter": "2026-03-11T12:00:00Z", "role": "leaf", "subject": "CN=db",
               "rotateBy": "2026-03-07T01:00:00Z",
               "window": {"start": "2026-03-07T01:00:00Z", "end": "2026-03-07T03:00:00Z"}},
    "tls": {"version": "TLSv1.3", "chain": [{"role": "leaf", "subject": "CN=db", "issuer": "CN=ca",
            "notBefore": "2026-01-01T00:00:00Z", "notAfter": "2026-03-11T12:00:00Z", "key": "EC-256"}]},
    "advice": [{"action": "RotateServerCertificate", "urgency": "Now", "by": "2026-03-07T01:00:00Z",
                "reason": "CertificateExpired", "message": "Renew it.", "steps": ["Issue.", "Reload."]}],
    "agentMemory": {"secret": "internal"}}})");

TEST(EndpointDescription, TellsAllThatADatabaseAdministratorNeeds) {
  const std::string text = endpoint_description(kEndpoint, kNow, {});
  for (const char* part :
       {"Name:         orders\n", "Labels:       team=pay\n              tier=gold\n",
        "Created:      2026-02-27T12:00:00Z (2 days ago)\n", "Declared:\n  engine: postgresql\n",
        "    mode: verify-full\n", "Conditions:\n  Type   Status  Reason              Age  Message\n",
        "  Ready  False   CertificateExpired  3h   It", "  verify-full  Rejected  CertificateExpired  no\n",
        "  Strongest:  require\n", "  Expires First:  leaf, CN=db\n",
        "  Not After:      2026-03-11T12:00:00Z (in 10 days)\n",
        "  Window:         2026-03-07T01:00:00Z (in 5 days) to 2026-03-07T03:00:00Z\n",
        "  leaf  server  2026-01-01  2026-03-11  EC-256  CN=db, issued by CN=ca\n",
        "  RotateServerCertificate (Now, by 2026-03-07T01:00:00Z (in 5 days))\n    Renew it.\n"
        "      1. Issue.\n      2. Reload.\n    More: tlswarden explain CertificateExpired\n"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, AllOf(Not(HasSubstr("internal")), Not(HasSubstr("\x1b"))));
}

TEST(EndpointDescription, OfOneThatNobodyLookedAtIsShort) {
  const auto fresh = Json::parse(R"({"metadata":{"name":"a"},"status":{"observedGeneration":-1}})");
  EXPECT_THAT(endpoint_description(fresh, kNow, {}),
              AllOf(HasSubstr("Name:         a\n"), HasSubstr("nobody has looked yet"),
                    Not(HasSubstr("Modes:")), Not(HasSubstr("Expiry:"))));
}

TEST(EndpointDescription, TakesWhateverTheServerHolds) {
  const auto odd = Json::parse(R"({"metadata":[],"spec":3,"status":{"conditions":[5,{"type":7}],"modes":"x",
    "expiry":[],"tls":{"chain":[null]},"advice":[{"steps":{"a":1}},4],"members":[[]],"server":"y"}})");
  EXPECT_THAT(endpoint_description(odd, kNow, {}), HasSubstr("Conditions:"));
}

Json event_of(const char* text) {
  return Json::parse(text);
}

TEST(EventsDescription, ShowsTheNewestLastAndHowOften) {
  const std::string text = events_description(
      {event_of(R"({"type":"Warning","reason":"Later","message":"b","eventTime":"2026-03-01T11:00:00.123456Z",
                    "series":{"count":4,"lastObservedTime":"2026-03-01T11:59:00.000000Z"},
                    "reportingComponent":"tlswarden.dev/agent","source":{}})"),
       event_of(R"({"type":"Normal","reason":"First","message":"a","firstTimestamp":"2026-03-01T11:30:00Z",
                    "lastTimestamp":"2026-03-01T11:30:00Z","count":1,"eventTime":null,
                    "source":{"component":"old"}})")},
      kNow, {});
  EXPECT_EQ(text,
            "Events:\n"
            "  Type     Reason  Age                From                 Message\n"
            "  ----     ------  ---                ----                 -------\n"
            "  Normal   First   30m                old                  a\n"
            "  Warning  Later   60s (x4 over 60m)  tlswarden.dev/agent  b\n");
}

TEST(EventsDescription, NoneAreNamedSo) {
  EXPECT_EQ(events_description({}, kNow, {}), "Events:  <none>\n");
}

struct Age {
  int seconds;
  const char* text;
};

class Ages : public ::testing::TestWithParam<Age> {};
INSTANTIATE_TEST_SUITE_P(Table, Ages,
                         ::testing::Values(Age{-5, "<invalid>"}, Age{-1, "0s"}, Age{0, "0s"},
                                           Age{119, "119s"}, Age{120, "2m"}, Age{200, "3m20s"},
                                           Age{600, "10m"}, Age{10799, "179m"}, Age{10800, "3h"},
                                           Age{12000, "3h20m"}, Age{28800, "8h"}, Age{172799, "47h"},
                                           Age{172800, "2d"}, Age{180000, "2d2h"}, Age{691200, "8d"},
                                           Age{63072000, "2y"}, Age{63158400, "2y1d"}, Age{252288000, "8y"}));

TEST_P(Ages, AreKubectls) {
  EXPECT_EQ(age_text(base::Seconds(GetParam().seconds)), GetParam().text);
}

class DescribeVerb : public ClusterVerbTest {};

TEST_F(DescribeVerb, AsksForTheEventsOfThisVeryObject) {
  server_.then(reply(200, object("orders", "3"))).then(reply(200, R"({"items":[]})"));
  EXPECT_EQ(run({"describe", "orders"}), 0);
  EXPECT_THAT(out(), AllOf(HasSubstr("Name:         orders\n"), HasSubstr("Events:  <none>\n")));
  EXPECT_THAT(server_.calls(2)[1].target, HasSubstr("/api/v1/namespaces/shop/events?fieldSelector="));
  EXPECT_THAT(server_.calls(2)[1].target, HasSubstr("involvedObject.uid%3Du-orders"));
}

TEST_F(DescribeVerb, ABeginningOfANameStandsForAllThatBeginSo) {
  server_.then(refusal(404, "NotFound")).then(reply(200, "{}"));
  server_.then(reply(200, list("5", {object("orders", "3"), object("x", "4")})));
  server_.then(reply(200, R"({"items":[]})"));
  EXPECT_EQ(run({"describe", "ord"}), 0);
  EXPECT_THAT(out(), AllOf(HasSubstr("orders"), Not(HasSubstr("Name:         x"))));
}

TEST_F(DescribeVerb, NothingOfThatNameIsAnError) {
  server_.then(refusal(404, "NotFound")).then(reply(200, "{}"));
  server_.then(reply(200, list("5", {object("x", "4")})));
  EXPECT_EQ(run({"describe", "ord"}), 1);
  EXPECT_EQ(out(), "");
}

TEST_F(DescribeVerb, EventsThatMayNotBeReadDoNotHideTheRest) {
  server_.then(reply(200, list("5", {object("orders", "3")}))).then(refusal(403, "Forbidden"));
  EXPECT_EQ(run({"describe"}), 0);
  EXPECT_THAT(out(), HasSubstr("Events:  <unknown>\n"));
  EXPECT_THAT(err(), HasSubstr("(Forbidden)"));
}

}  // namespace
}  // namespace tlswarden::cli
