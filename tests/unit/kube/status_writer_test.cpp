#include "kube/status_writer.hpp"

#include <latch>
#include <nlohmann/json.hpp>

#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/cluster_fakes.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::after;
using test_support::ApiCall;
using test_support::hang_up;
using test_support::refusal;
using test_support::reply;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kPath = "/apis/tlswarden.dev/v1alpha1/namespaces/payments/databaseendpoints/a";

StatusText status(const std::string& reason) {
  return std::make_shared<const std::string>(
      R"({"observedGeneration":1,"conditions":[{"type":"Ready","reason":")" + reason + "\"}]}");
}

/// The object payments/a as the server holds it, in `version`.
std::string object(const std::string& version, const std::string& reason, const std::string& uid = "u-a") {
  return endpoint_object("a", uid, version, "{}", *status(reason));
}

class StatusWriterTest : public ClientFixture {
 protected:
  void know(const std::string& name, const std::string& version, StatusText held = nullptr) {
    resource::DatabaseEndpoint endpoint;
    endpoint.metadata.ns = "payments";
    endpoint.metadata.name = name;
    endpoint.metadata.uid = "u-" + name;
    endpoints_.put(
        {std::make_shared<const resource::DatabaseEndpoint>(endpoint), nullptr, version, std::move(held)});
  }
  void start(std::size_t writers = 1) {
    client_ = client_of(access_to(server_));
    writer_ = std::make_unique<StatusWriter>(StatusWriter::Services{*client_, endpoints_, ownership_, saves_,
                                                                    clock_, random_, pause_, cancellation_},
                                             writers);
  }
  void put(const std::string& name, const std::string& reason) {
    writer_->put({"payments", name, "u-" + name}, status(reason));
  }
  /// All requests, once nothing is left to be written.
  std::vector<ApiCall> all() {
    EXPECT_EQ(writer_->flush(seconds(20)), 0u);
    return server_.calls(0);
  }
  /// "PATCH 7 Healthy", "GET".
  static std::string in_short(const ApiCall& call) {
    if (call.method != "PATCH") return call.method;
    const auto body = nlohmann::json::parse(call.body);
    return "PATCH " + body.at("/metadata/resourceVersion"_json_pointer).get<std::string>() + " " +
           body.at("/status/conditions/0/reason"_json_pointer).get<std::string>();
  }
  std::vector<std::string> all_in_short() {
    std::vector<std::string> lines;
    for (const ApiCall& call : all())
      lines.push_back(in_short(call));
    return lines;
  }

  test_support::ApiServer server_;
  test_support::FakeRandom random_{0.5};
  EndpointRegister endpoints_;
  FakeOwnership ownership_;
  CountedSaves saves_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<StatusWriter> writer_;
};

TEST_F(StatusWriterTest, a_status_is_applied_over_the_version_that_is_known) {
  know("a", "7");
  start();
  server_.then(reply(200, object("8", "Healthy"))).then(reply(200, object("9", "Expired")));
  put("a", "Healthy");
  const auto calls = all();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].method, "PATCH");
  EXPECT_EQ(calls[0].target, std::string(kPath) + "/status?fieldManager=tlswarden&force=true");
  EXPECT_EQ(calls[0].header("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(nlohmann::json::parse(calls[0].body), nlohmann::json::parse(R"({
      "apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
      "metadata": {"name": "a", "namespace": "payments", "resourceVersion": "7"},
      "status": {"observedGeneration": 1, "conditions": [{"type": "Ready", "reason": "Healthy"}]}})"));
  EXPECT_EQ(*endpoints_.find("payments", "a")->status, *status("Healthy"));
  EXPECT_EQ(saves_.kept(), 1);

  put("a", "Expired");
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "PATCH 8 Expired"))
      << "the answer's version counts, though no watch has told of it";
}

TEST_F(StatusWriterTest, what_the_server_holds_already_is_not_sent) {
  know(
      "a", "7",
      std::make_shared<const std::string>(
          R"({"conditions":[{"type":"example.com/Mine"},{"reason":"Healthy","type":"Ready"}],"observedGeneration":1})"));
  start();
  put("a", "Healthy");
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_EQ(saves_.kept(), 0);
}

TEST_F(StatusWriterTest, only_the_newest_is_written_and_never_two_of_one_endpoint_at_once) {
  know("a", "7");
  know("b", "1");
  start(4);
  std::latch go{1};
  server_.then(after([&] { go.wait(); }, reply(200, object("8", "First"))))
      .then(reply(404, "{}"))
      .then(reply(200, object("9", "Fourth")));
  put("a", "First");
  server_.calls(1);
  put("a", "Second");
  put("a", "Third");
  put("a", "Fourth");
  put("b", "Other");
  server_.calls(2);
  EXPECT_EQ(*writer_->waiting("u-a"), *status("Fourth"));
  go.count_down();
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 First", "PATCH 1 Other", "PATCH 8 Fourth"));
}

TEST_F(StatusWriterTest, after_a_conflict_it_looks_and_writes_over_what_it_found) {
  know("a", "7");
  start();
  server_.then(refusal(409, "Conflict"))
      .then(reply(200, object("12", "Old")))
      .then(reply(200, object("13", "Healthy")));
  put("a", "Healthy");
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "GET", "PATCH 12 Healthy"));
  EXPECT_EQ(server_.calls(0)[1].target, kPath);
  EXPECT_THAT(pause_.spans(), ElementsAre(milliseconds(62)));
  EXPECT_EQ(saves_.failed(), 0);
}

TEST_F(StatusWriterTest, a_write_whose_answer_was_lost_is_recognised) {
  know("a", "7");
  start();
  server_.then(hang_up()).then(refusal(409, "Conflict")).then(reply(200, object("8", "Healthy")));
  put("a", "Healthy");
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "PATCH 7 Healthy", "GET"));
}

TEST_F(StatusWriterTest, an_object_that_conflicts_on_and_on_waits_for_a_while) {
  know("a", "7");
  start();
  for (int i = 0; i < 5; ++i)
    server_.then(refusal(409, "Conflict")).then(reply(200, object(std::to_string(20 + i), "Old")));
  server_.then(reply(200, object("30", "Healthy")));
  put("a", "Healthy");
  EXPECT_EQ(all().size(), 11u);
  EXPECT_EQ(pause_.spans().back(), milliseconds(2500));
}

TEST_F(StatusWriterTest, nothing_is_written_to_a_successor_of_the_same_name) {
  know("a", "7");
  start();
  server_.then(refusal(409, "Conflict")).then(reply(200, object("12", "Old", "u-other")));
  put("a", "Healthy");
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "GET"));
  writer_->put({"payments", "a", "u-before"}, status("Healthy"));
  EXPECT_EQ(all().size(), 2u) << "one that is known by another uid is not even asked for";
}

TEST_F(StatusWriterTest, what_is_deleted_is_dropped) {
  know("a", "7");
  know("b", "7");
  start();
  server_.then(refusal(404, "NotFound")).then(refusal(409, "Conflict")).then(refusal(404, "NotFound"));
  put("a", "Healthy");
  all();
  put("b", "Healthy");
  all();
  put("gone", "Healthy");
  EXPECT_EQ(all().size(), 3u);
  EXPECT_EQ(saves_.failed(), 0);
}

TEST_F(StatusWriterTest, what_another_replica_owns_is_dropped_also_between_two_tries) {
  know("a", "7");
  know("b", "7");
  ownership_.lose("u-b");
  start();
  put("b", "Healthy");
  EXPECT_THAT(all(), IsEmpty());
  server_.then(refusal(409, "Conflict"))
      .then(after([this] { ownership_.lose("u-a"); }, reply(200, object("12", "Old"))));
  put("a", "Healthy");
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "GET"));
}

TEST_F(StatusWriterTest, while_the_server_is_away_it_is_asked_ever_more_rarely) {
  know("a", "7");
  start();
  server_.then(hang_up()).then(refusal(503, "ServiceUnavailable")).then(refusal(401, "Unauthorized"));
  server_.then(after([this] { put("a", "Newest"); }, hang_up())).then(reply(200, object("8", "Newest")));
  put("a", "Healthy");
  server_.calls(5);
  EXPECT_THAT(all_in_short(), ElementsAre("PATCH 7 Healthy", "PATCH 7 Healthy", "PATCH 7 Healthy",
                                          "PATCH 7 Healthy", "PATCH 7 Newest"));
  EXPECT_THAT(pause_.spans(),
              ElementsAre(milliseconds(1200), milliseconds(2400), milliseconds(4800), milliseconds(9600)));
  EXPECT_EQ(saves_.failed(), 4);
  EXPECT_EQ(saves_.kept(), 1);
}

TEST_F(StatusWriterTest, one_that_is_refused_is_tried_again_now_and_then) {
  know("a", "7");
  start();
  server_.then(refusal(422, "Invalid"))
      .then(refusal(403, "Forbidden"))
      .then(refusal(403, "Forbidden"))
      .then(reply(200, object("8", "Healthy")));
  put("a", "Healthy");
  server_.calls(4);
  EXPECT_EQ(all().size(), 4u);
  EXPECT_THAT(pause_.spans(), ElementsAre(seconds(75), seconds(150), seconds(150)));
  EXPECT_EQ(saves_.failed(), 3);
}

TEST_F(StatusWriterTest, a_server_that_has_not_read_its_roles_yet_is_asked_again_soon) {
  know("a", "7");
  start();
  server_.then(refusal(403, "Forbidden"))
      .then(refusal(403, "Forbidden"))
      .then(reply(200, object("8", "Healthy")));
  put("a", "Healthy");
  server_.calls(3);
  EXPECT_THAT(pause_.spans(), ElementsAre(milliseconds(3750), seconds(150)));
}

TEST_F(StatusWriterTest, a_flush_ends_when_its_time_is_over_and_tells_what_is_left) {
  know("a", "7");
  know("b", "1");
  start();
  server_.then(test_support::silence());
  put("a", "Healthy");
  put("b", "Healthy");
  server_.calls(1);
  EXPECT_EQ(writer_->flush(milliseconds(10)), 2u);
}

}  // namespace
}  // namespace tlswarden::kube
