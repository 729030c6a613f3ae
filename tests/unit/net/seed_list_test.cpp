#include "net/seed_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/fake_dns.hpp"
#include "tests/support/run_loop.hpp"

namespace tlswarden::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = SeedListError::Kind;

const std::string kHost = "cluster0.abc.example.com";

SrvRecord member(const std::string& target, std::uint16_t port = 27017) {
  return {0, 0, port, target};
}

TEST(SeedListDomain, IsThatOfTheHost) {
  EXPECT_TRUE(may_follow("cluster.example.com", "a.example.com"));
  EXPECT_TRUE(may_follow("cluster.example.com", "deep.down.example.com"));
  EXPECT_TRUE(may_follow("cluster.example.com", "cluster.example.com"));
  EXPECT_FALSE(may_follow("cluster.example.com", "example.com"));
  EXPECT_FALSE(may_follow("cluster.example.com", "evilexample.com"));
  EXPECT_FALSE(may_follow("cluster.example.com", "a.example.com.evil.org"));
  EXPECT_FALSE(may_follow("cluster.example.com", "a.com"));
}

TEST(SeedListDomain, OfAShortHostIsTheHost) {
  EXPECT_TRUE(may_follow("example.com", "a.example.com"));
  EXPECT_FALSE(may_follow("example.com", "example.com"));
  EXPECT_FALSE(may_follow("example.com", "other.com"));
  EXPECT_TRUE(may_follow("localdb", "a.localdb"));
  EXPECT_FALSE(may_follow("localdb", "alocaldb"));
}

TEST(SeedList, IsTheSameInWhateverOrderItComes) {
  const std::vector<SrvRecord> ordered{{0, 9, 1, "z.abc.example.com"},
                                       {0, 1, 1, "a.abc.example.com"},
                                       {0, 1, 1, "b.abc.example.com"},
                                       {5, 9, 1, "a.abc.example.com"}};
  auto shuffled = ordered;
  std::reverse(shuffled.begin(), shuffled.end());
  shuffled.push_back(ordered.front());
  EXPECT_EQ(seed_list_from(kHost, shuffled, {})->members, ordered);
  EXPECT_EQ(seed_list_from(kHost, ordered, {})->members, ordered);
}

TEST(SeedList, IsMissingWithoutMembers) {
  EXPECT_EQ(seed_list_from(kHost, {}, {}).error().kind, Kind::kMissing);
  EXPECT_EQ(seed_list_from(kHost, {member("", 0)}, {}).error().kind, Kind::kMissing);
  EXPECT_THAT(seed_list_from(kHost, {}, {}).error().message, HasSubstr("_mongodb._tcp." + kHost));
}

TEST(SeedList, LeadsNowhereElse) {
  const auto list = seed_list_from(kHost, {member("a.abc.example.com"), member("a.evil.example.org")}, {});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, Kind::kUnfit);
  EXPECT_EQ(list.error().peer_text, "a.evil.example.org");
  EXPECT_THAT(list.error().message, Not(HasSubstr("evil")));
}

TEST(SeedList, ComparesWithoutRegardToCase) {
  EXPECT_TRUE(seed_list_from("Cluster0.ABC.example.com", {member("a.abc.example.com")}, {}));
}

TEST(SeedList, TakesOnlyNamesAndPorts) {
  for (const auto* target : {"a b.abc.example.com", "a\\010.abc.example.com", "a/b.abc.example.com"})
    EXPECT_EQ(seed_list_from(kHost, {member(target)}, {}).error().kind, Kind::kUnfit) << target;
  EXPECT_EQ(seed_list_from(kHost, {member("a.abc.example.com", 0)}, {}).error().kind, Kind::kUnfit);
}

TEST(SeedList, TakesTheThreeOptionsOfATxtRecord) {
  const auto list = seed_list_from(kHost, {member("a.abc.example.com")},
                                   {"authSource=my%2ddb&replicaSet=rs0&loadBalanced=true"});
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->auth_source, "my-db");
  EXPECT_EQ(list->replica_set, "rs0");
  EXPECT_TRUE(list->load_balanced);
  const auto none = seed_list_from(kHost, {member("a.abc.example.com")}, {""});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->auth_source, "");
  EXPECT_FALSE(none->load_balanced);
}

TEST(SeedList, TakesNoOtherOption) {
  for (const auto* text : {"tls=false", "authSource=a&tlsInsecure=true", "authSource", "authSource=", "&",
                           "x", "loadBalanced=maybe", "authSource=%zz", "authSource=%4"}) {
    const auto list = seed_list_from(kHost, {member("a.abc.example.com")}, {text});
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().kind, Kind::kUnfit);
    EXPECT_EQ(list.error().peer_text, text);
  }
  EXPECT_EQ(
      seed_list_from(kHost, {member("a.abc.example.com")}, {"authSource=a", "replicaSet=b"}).error().kind,
      Kind::kUnfit);
}

/// One member and one option, unless a test says otherwise.
class SeedListDns : public test_support::FakeDns {
 public:
  SeedListDns() {
    srv_answer = std::vector<SrvRecord>{member("a.abc.example.com")};
    txt_answer = std::vector<std::string>{"replicaSet=rs0"};
  }
};

base::Result<SeedList, SeedListError> discover(SeedListDns& dns) {
  return test_support::run_loop(discover_seed_list(dns, kHost, base::Deadline(base::MonoTime::max())));
}

TEST(SeedListDiscovery, AsksForMembersAndOptions) {
  SeedListDns dns;
  const auto list = discover(dns);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->replica_set, "rs0");
  EXPECT_THAT(dns.asked, ElementsAre("SRV _mongodb._tcp." + kHost, "TXT " + kHost));
}

TEST(SeedListDiscovery, DoesWithoutOptions) {
  SeedListDns dns;
  dns.txt_answer = tl::unexpected(IoError{IoError::Kind::kNameNotFound, "no such name"});
  EXPECT_TRUE(discover(dns));
}

TEST(SeedListDiscovery, DoesNotTakeAFailureForAnAnswer) {
  SeedListDns dns;
  dns.txt_answer = tl::unexpected(IoError{IoError::Kind::kTimedOut, "late"});
  EXPECT_EQ(discover(dns).error().dns.kind, IoError::Kind::kTimedOut);
  dns.srv_answer = tl::unexpected(IoError{IoError::Kind::kResolverFailure, "broken"});
  const auto failed = discover(dns);
  EXPECT_EQ(failed.error().kind, Kind::kDns);
  EXPECT_EQ(failed.error().dns.kind, IoError::Kind::kResolverFailure);
  dns.srv_answer = tl::unexpected(IoError{IoError::Kind::kNameNotFound, "no such name"});
  EXPECT_EQ(discover(dns).error().kind, Kind::kMissing);
}

}  // namespace
}  // namespace tlswarden::net
