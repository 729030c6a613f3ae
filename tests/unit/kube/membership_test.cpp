#include "kube/membership.hpp"

#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/stepped_time.hpp"
#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/lease_server.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ApiCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr base::WallTime kNow{seconds(1'800'000'000)};
constexpr milliseconds kStep{250};

/// A replica's part in the group "prod". Without leave(), its end is a crash.
class Replica {
 public:
  Replica(const ClusterAccess& access, test_support::SteppedTime& time, const std::string& identity)
      : client_(access, ApiClientOptions{.user_agent = "t"}, time, time, cancellation_),
        membership({client_, time, random_, time, cancellation_},
                   {.ns = "ns", .group = "prod", .identity = identity}) {
    membership.watch([this] { ++told; });
  }

  std::atomic<int> told{0};

 private:
  base::SystemRandom random_;
  Cancellation cancellation_;
  ApiClient client_;

 public:
  Membership membership;
};

class MembershipTest : public ::testing::Test {
 protected:
  MembershipTest() { std::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<Replica> start(const std::string& identity) {
    ClusterAccess access;
    access.server = {.secure = false, .host = "127.0.0.1", .port = leases_.server.port(), .prefix = {}};
    return std::make_unique<Replica>(access, time_, identity);
  }
  /// Without any time passing on the replicas' clock.
  static testing::AssertionResult soon(const std::function<bool()>& holds) {
    for (int i = 0; i < 60'000; ++i) {
      if (holds()) return testing::AssertionSuccess();
      std::this_thread::sleep_for(milliseconds(1));
    }
    return testing::AssertionFailure() << "not within a minute";
  }
  /// How long that took on the clock of the replicas, which are all that run; two minutes are the most.
  milliseconds passed_until(const std::vector<Replica*>& replicas, const std::function<bool()>& holds) {
    constexpr milliseconds kMost{120'000};
    milliseconds passed{0};
    for (; passed < kMost && !holds(); passed += kStep) {
      for (const Replica* replica : replicas)
        EXPECT_TRUE(
            soon([&] { return replica->membership.watch_health().last_contact >= leases_.last_sent(); }));
      // Each replica has a thread that renews and one that tells.
      EXPECT_TRUE(time_.advance_when_waiting(2 * replicas.size(), kStep));
      std::this_thread::sleep_for(milliseconds(1));
    }
    return passed;
  }
  static bool are(const std::unique_ptr<Replica>& replica, const std::vector<std::string>& members) {
    return replica->membership.members() == members;
  }
  static std::size_t owned(const std::unique_ptr<Replica>& replica) {
    std::size_t count = 0;
    for (int i = 0; i < 300; ++i)
      count += replica->membership.owns("uid-" + std::to_string(i)) ? 1 : 0;
    return count;
  }
  std::vector<ApiCall> calls(const std::string& method) {
    std::vector<ApiCall> all = leases_.server.calls(0);
    std::erase_if(all, [&](const ApiCall& call) { return call.method != method; });
    return all;
  }

  test_support::SteppedTime time_{kNow};
  LeaseServer leases_{time_};
};

TEST_F(MembershipTest, one_alone_owns_everything_once_it_sees_its_own_lease) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  EXPECT_EQ(owned(a), 300u);
  EXPECT_TRUE(a->membership.leads());
  EXPECT_TRUE(soon([&] { return a->told == 1; }));
  EXPECT_EQ(a->membership.watch_health().lists, 1u);
  const ApiCall list = leases_.server.calls(1).front();
  EXPECT_EQ(list.target.substr(0, list.target.find('?')),
            "/apis/coordination.k8s.io/v1/namespaces/ns/leases");
  EXPECT_EQ(list.parameter("labelSelector"), "tlswarden.dev%2Fmember-of%3Dprod");
  const auto lease = leases_.lease("prod-pod-a");
  ASSERT_TRUE(lease);
  EXPECT_EQ(text_at(*lease, {"metadata", "labels", "tlswarden.dev/member-of"}), "prod");
}

TEST_F(MembershipTest, nothing_is_owned_before_it_is_seen_or_without_a_server) {
  leases_.refuse_writes(true);
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return !calls("POST").empty(); }));
  EXPECT_EQ(owned(a), 0u);
  EXPECT_FALSE(a->membership.leads());
  EXPECT_THAT(a->membership.members(), IsEmpty());
  EXPECT_EQ(a->told, 0);
}

TEST_F(MembershipTest, several_share_everything_without_overlap) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  const auto b = start("pod-b");
  const auto c = start("pod-c");
  const std::vector<std::string> all = {"pod-a", "pod-b", "pod-c"};
  for (const auto* replica : {&a, &b, &c})
    ASSERT_TRUE(soon([&] { return are(*replica, all); }));
  EXPECT_EQ(owned(a) + owned(b) + owned(c), 300u);
  for (const auto* replica : {&a, &b, &c})
    EXPECT_GT(owned(*replica), 60u);
  EXPECT_EQ(a->membership.leads() + b->membership.leads() + c->membership.leads(), 1);
  EXPECT_TRUE(soon([&] { return a->told >= 2 && b->told >= 1 && c->told >= 1; }));
}

TEST_F(MembershipTest, one_that_leaves_is_followed_at_once) {
  const auto a = start("pod-a");
  const auto b = start("pod-b");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a", "pod-b"}) && are(b, {"pod-a", "pod-b"}); }));
  b->membership.leave();
  EXPECT_EQ(owned(b), 0u);
  EXPECT_FALSE(b->membership.leads());
  EXPECT_THAT(b->membership.members(), IsEmpty());
  EXPECT_FALSE(leases_.lease("prod-pod-b"));
  EXPECT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  EXPECT_EQ(owned(a), 300u);
  const int told = b->told;
  b->membership.leave();
  EXPECT_EQ(b->told, told);
  EXPECT_EQ(calls("DELETE").size(), 1u);
}

TEST_F(MembershipTest, one_that_crashed_is_replaced_within_a_duration_and_its_share_alone_moves) {
  const auto a = start("pod-a");
  auto b = start("pod-b");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a", "pod-b"}) && are(b, {"pod-a", "pod-b"}); }));
  b.reset();
  const milliseconds passed = passed_until({a.get()}, [&] { return owned(a) == 300; });
  EXPECT_GE(passed, seconds(6));
  EXPECT_LE(passed, seconds(11));
  EXPECT_THAT(a->membership.members(), ElementsAre("pod-a"));
  EXPECT_TRUE(soon([&] { return a->told >= 2; })) << "time alone brought it about";
}

TEST_F(MembershipTest, one_whose_renewals_fail_owns_nothing_by_its_own_clock_and_comes_back) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}) && a->told == 1; }));
  leases_.refuse_writes(true);
  const milliseconds passed = passed_until({a.get()}, [&] { return owned(a) == 0; });
  EXPECT_LE(passed, milliseconds(9500) + kStep);
  EXPECT_GE(passed, seconds(6));
  EXPECT_TRUE(soon([&] { return a->told == 2; }));
  leases_.refuse_writes(false);
  EXPECT_LE(passed_until({a.get()}, [&] { return owned(a) == 300; }), seconds(5));
  EXPECT_TRUE(soon([&] { return a->told == 3; }));
}

TEST_F(MembershipTest, one_that_was_suspended_owns_nothing_at_the_moment_it_wakes) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  leases_.refuse_writes(true);
  time_.advance(seconds(30));
  EXPECT_EQ(owned(a), 0u);
  EXPECT_FALSE(a->membership.leads());
}

TEST_F(MembershipTest, a_watch_that_is_silent_is_begun_anew) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}) && leases_.watches() == 1; }));
  leases_.silence_watches();
  EXPECT_LE(passed_until({a.get()}, [&] { return a->membership.watch_health().lists == 2; }), seconds(12));
  ASSERT_TRUE(soon([&] { return leases_.watches() == 2 && owned(a) == 300; }));
  bool lost = false;
  const std::size_t before = calls("PUT").size();
  passed_until({a.get()}, [&] {
    lost = lost || owned(a) != 300;
    return calls("PUT").size() > before + 6;
  });
  EXPECT_FALSE(lost);
  EXPECT_EQ(leases_.watches(), 2u);
}

TEST_F(MembershipTest, it_renews_about_every_three_seconds_and_asks_for_nothing_else) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}) && leases_.watches() == 1; }));
  const std::size_t before = leases_.server.calls(0).size();
  milliseconds minute{0};
  passed_until({a.get()}, [&] { return (minute += kStep) > seconds(60); });
  EXPECT_GE(calls("PUT").size(), 17u);
  EXPECT_LE(calls("PUT").size(), 22u);
  EXPECT_EQ(leases_.server.calls(0).size() - before, calls("PUT").size());
}

TEST_F(MembershipTest, a_lease_that_somebody_deleted_is_created_again) {
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  const std::string uid = text_at(*leases_.lease("prod-pod-a"), {"metadata", "uid"});
  leases_.remove("prod-pod-a");
  const milliseconds passed = passed_until({a.get()}, [&] {
    const auto lease = leases_.lease("prod-pod-a");
    return lease && text_at(*lease, {"metadata", "uid"}) != uid && owned(a) == 300;
  });
  EXPECT_LE(passed, seconds(4));
}

TEST_F(MembershipTest, a_second_process_of_the_same_identity_waits_for_the_first_to_go) {
  const auto first = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(first, {"pod-a"}); }));
  auto second = start("pod-a");
  ASSERT_TRUE(soon([&] { return second->membership.watch_health().synced && calls("GET").size() >= 3; }));
  milliseconds half_a_minute{0};
  passed_until({first.get(), second.get()}, [&] {
    EXPECT_EQ(owned(second), 0u);
    EXPECT_EQ(owned(first), 300u);
    return (half_a_minute += kStep) > seconds(30);
  });
  first->membership.leave();
  EXPECT_LE(passed_until({second.get()}, [&] { return owned(second) == 300; }), seconds(4));
}

TEST_F(MembershipTest, one_that_was_started_again_takes_its_lease_over_when_it_was_silent_for_its_duration) {
  auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a"}); }));
  a = nullptr;
  const std::size_t before = calls("GET").size();
  a = start("pod-a");
  ASSERT_TRUE(soon([&] { return calls("GET").size() == before + 3; })) << "a list, a watch and a look";
  const milliseconds passed = passed_until({a.get()}, [&] { return owned(a) == 300; });
  EXPECT_GE(passed, seconds(9));
  EXPECT_LE(passed, seconds(14));
  EXPECT_EQ((*leases_.lease("prod-pod-a"))["spec"]["leaseTransitions"], 1);
}

TEST_F(MembershipTest, the_leader_deletes_what_was_abandoned_an_hour_ago) {
  leases_.put({{"metadata", {{"name", "prod-pod-z"}}},
               {"spec",
                {{"holderIdentity", "pod-z_1"},
                 {"leaseDurationSeconds", 10},
                 {"renewTime", "2026-11-22T08:41:00.000000Z"}}}});
  const auto a = start("pod-a");
  ASSERT_TRUE(soon([&] { return are(a, {"pod-a", "pod-z"}); }));
  EXPECT_LE(passed_until({a.get()}, [&] { return are(a, {"pod-a"}); }), seconds(11));
  EXPECT_TRUE(leases_.lease("prod-pod-z"));
  time_.advance(seconds(3600));
  passed_until({a.get()}, [&] { return !leases_.lease("prod-pod-z"); });
  EXPECT_FALSE(leases_.lease("prod-pod-z"));
  EXPECT_TRUE(leases_.lease("prod-pod-a"));
}

}  // namespace
}  // namespace tlswarden::kube
