#include "kube/member_lease.hpp"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::StartsWith;

TEST(MemberLease, is_called_after_group_and_identity) {
  EXPECT_EQ(lease_name("prod", "prod-tlswarden-5d7f9c6b8-abcde"), "prod-prod-tlswarden-5d7f9c6b8-abcde");
}

TEST(MemberLease, what_no_name_may_be_is_called_nearly_so_and_alike_by_nobody_else) {
  const std::string odd = lease_name("Team_A", "Pod");
  EXPECT_THAT(odd, StartsWith("team-a-pod-x"));
  EXPECT_NE(odd, lease_name("team-a", "pod"));
  EXPECT_NE(odd, lease_name("Team_a", "Pod"));
  const std::string longest = lease_name("g", std::string(300, 'a'));
  EXPECT_EQ(longest.size(), 253u);
  EXPECT_NE(longest, lease_name("g", std::string(301, 'a')));
  for (const char* identity : {"", "-", ".", "_", "a..b", "-a", "a-", "a.-b", "\xff"}) {
    const std::string name = lease_name(identity, identity);
    EXPECT_THAT(name,
                testing::MatchesRegex("[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*"));
  }
}

TEST(MemberLease, is_held_by_a_process_of_an_identity) {
  test_support::FakeRandom random(0.5);
  EXPECT_EQ(process_holder("pod-a", random), "pod-a_8000000080000000");
  EXPECT_EQ(identity_of("pod-a_8000000080000000"), "pod-a");
  EXPECT_EQ(identity_of("somebody"), "somebody");
}

TEST(MemberLease, writes_times_with_six_digits) {
  const MicroTime time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  EXPECT_EQ(format_micro_time(time), "2026-11-22T00:00:00.000000Z");
  EXPECT_EQ(format_micro_time(time + std::chrono::microseconds(1'000'042)), "2026-11-22T00:00:01.000042Z");
}

TEST(MemberLease, comes_back_as_it_was_written) {
  const MemberLease lease{.name = "prod-a",
                          .uid = "u",
                          .resource_version = "7",
                          .holder = "a_1",
                          .duration = base::Seconds(10),
                          .acquired = "2026-11-22T00:00:00.000000Z",
                          .renewed = "2026-11-22T00:00:03.000000Z",
                          .transitions = 2};
  const auto document = lease_document(lease, "ns", "prod", {});
  EXPECT_EQ(
      document.dump(),
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"prod-a",)"
      R"("namespace":"ns","labels":{"tlswarden.dev/member-of":"prod"},"uid":"u","resourceVersion":"7"},)"
      R"("spec":{"holderIdentity":"a_1","leaseDurationSeconds":10,)"
      R"("acquireTime":"2026-11-22T00:00:00.000000Z","renewTime":"2026-11-22T00:00:03.000000Z",)"
      R"("leaseTransitions":2}})");
  const MemberLease read = read_lease(document);
  EXPECT_EQ(read.name, "prod-a");
  EXPECT_EQ(read.uid, "u");
  EXPECT_EQ(read.resource_version, "7");
  EXPECT_EQ(read.holder, "a_1");
  EXPECT_EQ(read.duration, base::Seconds(10));
  EXPECT_EQ(read.renewed, lease.renewed);
  EXPECT_EQ(read.acquired, lease.acquired);
  EXPECT_EQ(read.transitions, 2);
  EXPECT_EQ(delete_options(lease), R"({"apiVersion":"v1","kind":"DeleteOptions",)"
                                   R"("preconditions":{"uid":"u","resourceVersion":"7"}})");
}

TEST(MemberLease, goes_with_the_pod_of_its_member) {
  const auto owners = [](const MemberPod& pod) {
    return lease_document(MemberLease{}, "ns", "prod", pod)["metadata"].value("ownerReferences",
                                                                              nlohmann::ordered_json());
  };
  EXPECT_EQ(owners({"a", "12-34"}).dump(), R"([{"apiVersion":"v1","kind":"Pod","name":"a","uid":"12-34"}])");
  EXPECT_TRUE(owners({"a", ""}).is_null());
  EXPECT_TRUE(owners({"", "12-34"}).is_null());
}

TEST(MemberLease, is_read_whatever_it_looks_like) {
  for (const char* text : {"null", "[]", "{}", R"({"spec":null})", R"({"spec":[]})",
                           R"({"spec":{"leaseDurationSeconds":"10","leaseTransitions":{}}})",
                           R"({"spec":{"leaseDurationSeconds":-1}})",
                           R"({"spec":{"leaseDurationSeconds":18446744073709551615}})"}) {
    const MemberLease lease = read_lease(nlohmann::ordered_json::parse(text));
    EXPECT_EQ(lease.holder, "") << text;
    EXPECT_EQ(lease.duration.count(), 0) << text;
    EXPECT_EQ(lease.transitions, 0) << text;
  }
  const auto forever = nlohmann::ordered_json::parse(R"({"spec":{"leaseDurationSeconds":2147483647}})");
  EXPECT_EQ(read_lease(forever).duration, base::Seconds(3600));
}

}  // namespace
}  // namespace tlswarden::kube
