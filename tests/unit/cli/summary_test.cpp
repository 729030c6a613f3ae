#include "cli/summary.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/summary_report.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::PathCertificate;
using verdict::PathCertificates;

constexpr base::WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr base::Seconds kDay{86400};

PathCertificate certificate(const std::string& role, const std::string& name, int days,
                            bool verified = true) {
  return {role, "sha-" + name, "CN=" + name, "CN=Issuing CA", kNow - kDay, kNow + days * kDay, verified};
}

EndpointFacts endpoint(const std::string& key, std::vector<PathCertificates> servers) {
  return {key, key.substr(0, key.find('/')), std::move(servers), {}, {}};
}

PathCertificates path(int leaf_days = 60) {
  return {certificate("leaf", "db", leaf_days), certificate("intermediate", "Issuing CA", 20),
          certificate("ca", "Root CA", 900)};
}

std::string table(SummaryKind kind, const std::vector<EndpointFacts>& facts, bool wide = false) {
  return summary_table({kind, facts, kNow, false}, wide, {});
}

TEST(Summary, ByCaHasTheEarliestOfThePathAndTheUnanchoredApart) {
  const std::vector<EndpointFacts> facts{endpoint("a/1", {path()}), endpoint("b/2", {path(10)}),
                                         endpoint("b/3", {{certificate("leaf", "x", 5, false)}}),
                                         endpoint("b/4", {{}})};
  const auto groups = summarise_by_ca(facts);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].state, CaGroup::State::kNotAnchored) << "it expires first";
  EXPECT_EQ(groups[1].root, "CN=Root CA");
  EXPECT_EQ(groups[1].first->role, "leaf");
  EXPECT_THAT(groups[1].endpoints.keys(), ElementsAre("a/1", "b/2"));
  EXPECT_THAT(groups[1].endpoints.namespaces(), ElementsAre("a", "b"));
  EXPECT_EQ(groups[2].state, CaGroup::State::kNoCertificate);
  EXPECT_FALSE(groups[2].first);
}

TEST(Summary, AnEndpointWithSeveralMembersIsInEachGroupOnce) {
  PathCertificates other = path();
  other.back() = certificate("ca", "Other Root", 900);
  const std::vector<EndpointFacts> facts{endpoint("a/1", {path(), path(), other})};
  const auto groups = summarise_by_ca(facts);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].endpoints.size(), 1U);
  EXPECT_EQ(summarise_by_certificate(facts, {"intermediate"}).front().endpoints.size(), 1U);
}

TEST(Summary, ListsNobodyAsSafeWhoBreaksAndKeepsTheUndeclaredOut) {
  std::vector<EndpointFacts> facts{endpoint("a/1", {path()}), endpoint("a/2", {path()}),
                                   endpoint("a/3", {path()})};
  facts[0].next_ca = {.declared = true, .breaks = true, .old_needed = true, .bundle_lacks = true};
  facts[1].next_ca = {.declared = true, .safe = true};
  const std::string text = table(SummaryKind::kCa, facts);
  EXPECT_THAT(text,
              AllOf(HasSubstr("2 of 3 endpoints declare spec.tls.nextCA"),
                    HasSubstr("safe to switch               1          2\n"),
                    HasSubstr("would break                  1          1\n"), Not(HasSubstr("not known"))));
}

TEST(Summary, NamesAFewAndCountsTheRest) {
  std::vector<EndpointFacts> facts;
  for (int i = 100; i < 137; ++i)
    facts.push_back(endpoint("a/" + std::to_string(i), {path()}));
  EXPECT_THAT(table(SummaryKind::kIssuer, facts), HasSubstr("100, 101, 102, 103 and 33 more\n"));
  EXPECT_THAT(table(SummaryKind::kIssuer, facts, true), AllOf(HasSubstr(", 136\n"), Not(HasSubstr("more"))));
}

TEST(Summary, OfCertificatesIsSortedByExpiryAndMarksWhatNobodyVouchesFor) {
  PathCertificate doubtful = certificate("intermediate", "Doubtful", 30, false);
  doubtful.subject += "\x1b[31m";
  const std::vector<EndpointFacts> facts{endpoint("a/1", {{certificate("leaf", "x", 5, false), doubtful}}),
                                         endpoint("a/2", {path()})};
  const auto groups = summarise_by_certificate(facts, {"intermediate", "ca"});
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].certificate.subject, "CN=Issuing CA");
  const std::string text = table(SummaryKind::kIssuer, facts);
  EXPECT_THAT(text, AllOf(HasSubstr("intermediate (unverified)"), Not(HasSubstr("\x1b"))));
}

TEST(Summary, OfReferencesJoinsTheFieldsThatTakeFromOneSecret) {
  const auto pki = test_support::demo_pki(kNow);
  const ReferenceUse ca{"Secret", "a", "tls", "ca.crt", "spec.tls.ca", pki.root.certificate};
  const ReferenceUse key{"Secret", "a", "tls", "tls.key", "spec.tls.clientKey"};
  const ReferenceUse namesake{"Secret", "b", "tls", "ca.crt", "spec.tls.ca"};
  std::vector<EndpointFacts> facts{endpoint("a/1", {{}}), endpoint("a/2", {{}}), endpoint("b/1", {{}})};
  facts[0].references = {ca, key};
  facts[1].references = {ca};
  facts[2].references = {namesake};
  const auto groups = summarise_by_reference(facts);
  ASSERT_EQ(groups.size(), 2U) << "Secrets of one name in two namespaces are two";
  EXPECT_EQ(groups[0].endpoints.size(), 2U);
  EXPECT_EQ(groups[0].first->not_after, pki.root.certificate->facts.not_after);
  EXPECT_THAT(table(SummaryKind::kSecret, facts),
              HasSubstr("Secret a/tls  in 90 days       2          spec.tls.ca (ca.crt): a/1, a/2; "
                        "spec.tls.clientKey (tls.key): a/1\n"));
}

TEST(Summary, ForProgramsNamesEveryEndpoint) {
  std::vector<EndpointFacts> facts;
  for (int i = 10; i < 30; ++i)
    facts.push_back(endpoint("a/" + std::to_string(i), {path()}));
  const auto document = nlohmann::json::parse(summary_json({SummaryKind::kCa, facts, kNow, false}));
  EXPECT_EQ(document["summary"], "ca");
  EXPECT_EQ(document["judgedAt"], "2026-03-01T00:00:00Z");
  EXPECT_EQ(document["groups"][0]["endpoints"].size(), 20U);
  EXPECT_FALSE(document["groups"][0].contains("nextCA"));
}

}  // namespace
}  // namespace tlswarden::cli
