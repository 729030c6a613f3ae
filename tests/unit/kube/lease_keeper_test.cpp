#include "kube/lease_keeper.hpp"

#include "kube/json_text.hpp"
#include "tests/unit/kube/client_fixture.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::seconds;
using test_support::ApiCall;
using test_support::refusal;
using test_support::reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = LeaseKeeper::Outcome;

constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";

std::string lease(const std::string& version, const std::string& holder = "pod-a_1",
                  const std::string& renewed = "2027-01-15T08:00:00.000000Z") {
  return R"({"metadata":{"name":"prod-pod-a","uid":"u","resourceVersion":")" + version +
         R"("},"spec":{"holderIdentity":")" + holder +
         R"(","leaseDurationSeconds":10,"acquireTime":"then",)" + R"("renewTime":")" + renewed +
         R"(","leaseTransitions":3}})";
}

class LeaseKeeperTest : public ClientFixture {
 protected:
  LeaseKeeperTest() {
    client_ = client_of(access_);
    keeper_ = keeper_of(*client_, clock_);
  }
  std::unique_ptr<LeaseKeeper> keeper_of(ApiClient& client, const base::Clock& clock) {
    return std::make_unique<LeaseKeeper>(
        client, clock,
        LeaseKeeper::Terms{.ns = "ns", .group = "prod", .name = "prod-pod-a", .holder = "pod-a_1"},
        [this](const std::string& renewed) { begun_.push_back(renewed); });
  }
  Outcome renew() { return keeper_->renew(seconds(20), cancellation_); }
  /// All requests in short: "PUT @7", the version that a write is based on.
  std::vector<std::string> requests() {
    std::vector<std::string> all;
    for (const ApiCall& call : server_.calls(0)) {
      const auto body = parse_json(call.body).value_or(nlohmann::ordered_json());
      EXPECT_EQ(call.target, std::string(kLeases) + (call.method == "POST" ? "" : "/prod-pod-a"));
      all.push_back(call.method);
      if (call.method == "PUT") all.back() += " @" + text_at(body, {"metadata", "resourceVersion"});
      if (call.method == "DELETE") all.back() += " @" + text_at(body, {"preconditions", "resourceVersion"});
    }
    return all;
  }
  nlohmann::ordered_json last_spec() { return (*parse_json(server_.calls(0).back().body))["spec"]; }

  test_support::ApiServer server_;
  const ClusterAccess access_ = access_to(server_);
  std::unique_ptr<ApiClient> client_;
  std::vector<std::string> begun_;
  std::unique_ptr<LeaseKeeper> keeper_;
};

TEST_F(LeaseKeeperTest, it_creates_and_then_renews_with_one_request_each) {
  server_.then(refusal(404, "NotFound")).then(reply(201, lease("1"))).then(reply(200, lease("2")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_EQ(last_spec().dump(),
            R"({"holderIdentity":"pod-a_1","leaseDurationSeconds":10,)"
            R"("acquireTime":"2027-01-15T08:00:00.000000Z","renewTime":"2027-01-15T08:00:00.000000Z",)"
            R"("leaseTransitions":0})");
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_EQ(last_spec()["renewTime"], "2027-01-15T08:00:00.000001Z") << "never twice the same";
  EXPECT_EQ(last_spec()["acquireTime"], "then");
  EXPECT_EQ(last_spec()["leaseTransitions"], 3);
  clock_.advance(seconds(3));
  server_.then(reply(200, lease("3")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_THAT(begun_, ElementsAre("2027-01-15T08:00:00.000000Z", "2027-01-15T08:00:00.000001Z",
                                  "2027-01-15T08:00:03.000000Z"));
  EXPECT_EQ(keeper_->renewed(), begun_.back());
  EXPECT_THAT(requests(), ElementsAre("GET", "POST", "PUT @1", "PUT @2"));
  const ApiCall put = server_.calls(0).back();
  EXPECT_EQ(put.header("content-type"), "application/json");
  EXPECT_EQ(text_at(*parse_json(put.body), {"metadata", "labels", "tlswarden.dev/member-of"}), "prod");
  EXPECT_EQ(text_at(*parse_json(put.body), {"metadata", "uid"}), "u");
}

TEST_F(LeaseKeeperTest, one_that_was_given_up_is_taken_at_once) {
  server_.then(reply(200, lease("5", ""))).then(reply(200, lease("6")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_EQ(last_spec()["acquireTime"], begun_.back());
  EXPECT_EQ(last_spec()["leaseTransitions"], 4);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5"));
}

TEST_F(LeaseKeeperTest, one_of_another_process_is_left_to_it_as_long_as_it_renews) {
  for (int i = 0; i < 8; ++i) {
    server_.then(reply(200, lease("5", "pod-a_2", "renewal " + std::to_string(i / 2))));
    EXPECT_EQ(renew(), Outcome::kHeldByAnother);
    EXPECT_EQ(keeper_->other(), "pod-a_2");
    clock_.advance(seconds(4));
  }
  EXPECT_THAT(begun_, IsEmpty());
}

TEST_F(LeaseKeeperTest, one_of_another_process_is_taken_over_when_it_was_silent_for_its_duration) {
  server_.then(reply(200, lease("5", "pod-a_2")));
  EXPECT_EQ(renew(), Outcome::kHeldByAnother);
  clock_.advance(seconds(9));
  server_.then(reply(200, lease("5", "pod-a_2")));
  EXPECT_EQ(renew(), Outcome::kHeldByAnother);
  clock_.advance(seconds(1));
  server_.then(reply(200, lease("5", "pod-a_2"))).then(reply(200, lease("6")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_EQ(last_spec()["holderIdentity"], "pod-a_1");
  EXPECT_EQ(last_spec()["leaseTransitions"], 4);
}

TEST_F(LeaseKeeperTest, after_a_conflict_it_looks_who_was_faster) {
  server_.then(reply(200, lease("5"))).then(refusal(409, "Conflict")).then(reply(200, lease("6", "pod-a_2")));
  EXPECT_EQ(renew(), Outcome::kHeldByAnother);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "GET"));
  server_.then(refusal(404, "NotFound"))
      .then(refusal(409, "AlreadyExists"))
      .then(reply(200, lease("7")))
      .then(reply(200, lease("8")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "GET", "GET", "POST", "GET", "PUT @7"));
}

TEST_F(LeaseKeeperTest, one_that_was_deleted_is_created_anew) {
  server_.then(reply(200, lease("5")))
      .then(refusal(404, "NotFound"))
      .then(refusal(404, "NotFound"))
      .then(reply(201, lease("9")));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "GET", "POST"));
  EXPECT_EQ(last_spec()["leaseTransitions"], 0);
}

TEST_F(LeaseKeeperTest, without_its_namespace_it_gives_up_until_the_next_time) {
  server_.then(refusal(404, "NotFound")).then(refusal(404, "NotFound"));
  EXPECT_EQ(renew(), Outcome::kFailed);
  EXPECT_THAT(requests(), ElementsAre("GET", "POST"));
}

TEST_F(LeaseKeeperTest, what_is_fought_for_is_left_for_the_next_time) {
  for (int i = 0; i < 5; ++i)
    server_.then(reply(200, lease("5"))).then(refusal(409, "Conflict"));
  EXPECT_EQ(renew(), Outcome::kFailed);
  EXPECT_EQ(requests().size(), 5u);
  EXPECT_THAT(keeper_->problem(), HasSubstr("prod-pod-a"));
}

TEST_F(LeaseKeeperTest, a_refusal_changes_nothing_and_is_told) {
  server_.then(reply(200, lease("5"))).then(refusal(403, "Forbidden")).then(reply(200, lease("6")));
  EXPECT_EQ(renew(), Outcome::kFailed);
  EXPECT_THAT(keeper_->problem(), HasSubstr("403 Forbidden to PUT"));
  EXPECT_THAT(keeper_->problem(), HasSubstr("the server's words"));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "PUT @5"));
}

TEST_F(LeaseKeeperTest, after_an_answer_that_did_not_come_it_looks_first) {
  server_.then(reply(200, lease("5")))
      .then(test_support::hang_up())
      .then(reply(200, lease("6")))
      .then(reply(200, lease("7")));
  EXPECT_EQ(renew(), Outcome::kFailed);
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "GET", "PUT @6"));
}

TEST_F(LeaseKeeperTest, a_server_that_hangs_is_noticed_in_time) {
  const base::SystemClock clock;
  ApiClient client(access_, ApiClientOptions{.user_agent = "t"}, clock, pause_, cancellation_);
  keeper_ = keeper_of(client, clock);
  server_.then(reply(200, lease("5"))).then(test_support::silence());
  const base::MonoTime before = clock.monotonic();
  EXPECT_EQ(keeper_->renew(seconds(2), cancellation_), Outcome::kFailed);
  EXPECT_GE(clock.monotonic() - before, seconds(2));
  EXPECT_LT(clock.monotonic() - before, seconds(30));
  server_.then(reply(200, lease("6"))).then(reply(200, lease("7")));
  EXPECT_EQ(keeper_->renew(seconds(20), cancellation_), Outcome::kRenewed);
}

TEST_F(LeaseKeeperTest, it_gives_up_exactly_what_it_holds) {
  server_.then(reply(200, lease("5"))).then(reply(200, lease("6"))).then(reply(200, "{}"));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_TRUE(keeper_->give_up(seconds(20), cancellation_));
  EXPECT_TRUE(keeper_->give_up(seconds(20), cancellation_)) << "nothing is left";
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "DELETE @6"));
  EXPECT_EQ(text_at(*parse_json(server_.calls(0).back().body), {"preconditions", "uid"}), "u");
}

TEST_F(LeaseKeeperTest, what_it_never_had_it_does_not_give_up) {
  EXPECT_TRUE(keeper_->give_up(seconds(20), cancellation_));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(LeaseKeeperTest, what_may_have_been_written_is_given_up_as_well_but_not_what_another_holds) {
  server_.then(reply(200, lease("5")))
      .then(test_support::hang_up())
      .then(reply(200, lease("6")))
      .then(refusal(409, "Conflict"))
      .then(reply(200, lease("7", "pod-a_2")));
  EXPECT_EQ(renew(), Outcome::kFailed);
  EXPECT_TRUE(keeper_->give_up(seconds(20), cancellation_));
  EXPECT_THAT(requests(), ElementsAre("GET", "PUT @5", "GET", "DELETE @6", "GET"));
}

TEST_F(LeaseKeeperTest, what_cannot_be_given_up_is_told) {
  server_.then(reply(200, lease("5"))).then(reply(200, lease("6"))).then(refusal(403, "Forbidden"));
  EXPECT_EQ(renew(), Outcome::kRenewed);
  EXPECT_FALSE(keeper_->give_up(seconds(20), cancellation_));
}

}  // namespace
}  // namespace tlswarden::kube
