#include "kube/event_recorder.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <set>
#include <sstream>

#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/event_fixture.hpp"

namespace tlswarden::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using test_support::ApiCall;
using test_support::ApiServer;
using test_support::hang_up;
using test_support::refusal;
using test_support::reply;
using test_support::silence;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr auto kEnough = 30s;
constexpr const char* kEvents = "/apis/events.k8s.io/v1/namespaces/shop/events";

/// Everything that is logged while it lives.
class LogCapture {
 public:
  LogCapture() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::move(sink)));
  }
  ~LogCapture() { spdlog::set_default_logger(before_); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  /// Once no other thread logs.
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

class EventRecorderTest : public ClientFixture {
 protected:
  EventRecorder& recorder() {
    if (!recorder_) {
      client_ = client_of(access_to(server_));
      recorder_ = std::make_unique<EventRecorder>(
          EventRecorder::Services{*client_, clock_, random_, pause_, cancellation_},
          EventRecorderOptions{"pod"});
    }
    return *recorder_;
  }
  void record(const reconcile::Event& event = unreachable()) { recorder().record(shop_orders(), event); }
  /// What the log holds once the recorder is gone.
  std::string log() {
    recorder_.reset();
    return captured_.text();
  }
  static std::string name_in(const ApiCall& call) { return Json::parse(call.body)["metadata"]["name"]; }

  LogCapture captured_;
  test_support::FakeRandom random_{0.5};
  SystemPause waiting_;
  ApiServer server_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<EventRecorder> recorder_;
};

TEST_F(EventRecorderTest, an_event_is_posted_and_repetitions_are_patched_in) {
  server_.then(reply(201, "{}")).then(reply(200, "{}")).then(reply(200, "{}"));
  record();
  record();
  const auto calls = server_.calls(2);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].method + " " + calls[0].target, std::string("POST ") + kEvents);
  EXPECT_EQ(calls[0].header("content-type"), "application/json");
  EXPECT_EQ(Json::parse(calls[0].body)["reportingInstance"], "pod");
  EXPECT_EQ(calls[1].method, "PATCH");
  EXPECT_EQ(calls[1].target, std::string(kEvents) + "/" + name_in(calls[0]));
  EXPECT_EQ(calls[1].header("content-type"), "application/merge-patch+json");
  EXPECT_EQ(Json::parse(calls[1].body)["series"]["count"], 2);
  EXPECT_THAT(log(), HasSubstr("shop/orders: Unreachable: ConnectionRefused"));
}

TEST_F(EventRecorderTest, a_series_is_told_when_it_is_over) {
  constexpr std::size_t kMost = 8;
  for (std::size_t i = 0; i < kMost; ++i)
    server_.then(reply(200, "{}"));
  for (int i = 0; i < 4; ++i)
    record();
  ASSERT_THAT(server_.calls(2), SizeIs(2));
  clock_.advance(360s);
  record(unreachable("Timeout: no answer"));  // the recorder looks at its series whenever it wakes up
  // The leap in time may have cut off a request, which then is made again.
  int told = 0;
  for (std::size_t i = 3; i <= kMost && told < 4; ++i) {
    const auto calls = server_.calls(i);
    ASSERT_GE(calls.size(), i);
    for (const auto& call : calls) {
      if (call.method == "PATCH") told = std::max<int>(told, Json::parse(call.body)["series"]["count"]);
    }
  }
  EXPECT_EQ(told, 4);
}

TEST_F(EventRecorderTest, an_event_whose_hour_was_over_is_posted_anew) {
  server_.then(reply(201, "{}")).then(refusal(404, "NotFound")).then(reply(201, "{}"));
  record();
  record();
  const auto calls = server_.calls(3);
  ASSERT_THAT(calls, SizeIs(3));
  EXPECT_EQ(calls[2].method + " " + calls[2].target, std::string("POST ") + kEvents);
  EXPECT_EQ(Json::parse(calls[2].body)["series"]["count"], 2);
  EXPECT_EQ(name_in(calls[2]), name_in(calls[0]));
  recorder().stop(kEnough);
  EXPECT_THAT(log(), Not(HasSubstr("the cluster has not")));
}

TEST_F(EventRecorderTest, what_did_not_reach_the_server_is_tried_again) {
  server_.then(hang_up()).then(hang_up()).then(refusal(409, "AlreadyExists"));
  record();
  ASSERT_THAT(server_.calls(3), SizeIs(3));
  recorder().stop(kEnough);
  EXPECT_THAT(pause_.spans(), ElementsAre(11250ms, 11250ms));
  EXPECT_THAT(log(), Not(HasSubstr("the cluster has not")));  // the first or the second had come through
}

TEST_F(EventRecorderTest, after_thirty_tries_the_next_one_has_its_turn) {
  for (int i = 0; i < 30; ++i)
    server_.then(hang_up());
  server_.then(reply(201, "{}"));
  record(unreachable("first"));
  record(unreachable("second"));
  const auto calls = server_.calls(31);
  ASSERT_THAT(calls, SizeIs(31));
  EXPECT_EQ(Json::parse(calls[29].body)["note"], "first");
  EXPECT_EQ(Json::parse(calls[30].body)["note"], "second");
  EXPECT_THAT(log(), HasSubstr("the cluster has not: 1; the last one: "));
}

TEST_F(EventRecorderTest, what_a_server_cannot_take_at_the_moment_is_tried_again) {
  server_.then(refusal(503, "ServiceUnavailable"))
      .then(refusal(401, "Unauthorized"))
      .then(refusal(403, "Forbidden"))
      .then(reply(201, "{}"));
  record();
  ASSERT_THAT(server_.calls(4), SizeIs(4));
  recorder().stop(kEnough);
  EXPECT_THAT(log(), Not(HasSubstr("the cluster has not")));
}

TEST_F(EventRecorderTest, a_right_that_is_missing_costs_three_tries_once_and_is_told_once) {
  for (int i = 0; i < 5; ++i)
    server_.then(refusal(403, "Forbidden"));
  for (const char* note : {"1", "2", "3"})
    record(unreachable(note));
  ASSERT_THAT(server_.calls(5), SizeIs(5));
  recorder().stop(kEnough);
  const std::string text = log();
  EXPECT_THAT(text, HasSubstr("the cluster has not: 1; the last one: the API server answered 403"));
  EXPECT_THAT(text, HasSubstr("the cluster has not: 2;"));  // at the end
}

TEST_F(EventRecorderTest, a_server_that_does_not_take_them_costs_bounded_memory_and_no_time) {
  server_.then(silence());
  record();
  ASSERT_THAT(server_.calls(1), SizeIs(1));
  auto endpoint = shop_orders();
  for (int i = 0; i < 1003; ++i) {
    endpoint.metadata.uid = std::to_string(i);
    recorder().record(endpoint, unreachable());
  }
  recorder().stop(1ms);
  // One at a time on its way, a thousand behind it, and three for which there is no room.
  const std::string text = log();
  EXPECT_TRUE(text.find("has not: 1; the last one: the API server does not take them") != std::string::npos);
  EXPECT_TRUE(text.find("has not: 1003; the last one: the agent ends") != std::string::npos);
}

TEST_F(EventRecorderTest, an_endpoint_that_says_something_else_all_the_time_is_cut_short) {
  for (int i = 0; i < 25; ++i)
    server_.then(reply(201, "{}"));
  for (int i = 0; i < 30; ++i)
    record(unreachable("certificate " + std::to_string(i)));
  recorder().stop(kEnough);
  EXPECT_THAT(server_.calls(25), SizeIs(25));
  const std::string text = log();
  EXPECT_THAT(text, HasSubstr("certificate 29"));
  EXPECT_THAT(text,
              HasSubstr("the cluster has not: 1; the last one: too many different ones of shop/orders"));
}

TEST_F(EventRecorderTest, stopping_delivers_what_is_there_and_only_logs_what_comes) {
  for (int i = 0; i < 4; ++i)
    server_.then(reply(201, "{}"));
  record(unreachable("a"));
  for (int i = 0; i < 3; ++i)
    record(unreachable("b"));
  recorder().stop(kEnough);
  const auto calls = server_.calls(4);
  ASSERT_THAT(calls, SizeIs(4));
  EXPECT_EQ(calls[3].method, "PATCH");
  EXPECT_EQ(Json::parse(calls[3].body)["series"]["count"], 3);
  record(unreachable("late"));
  recorder().stop(kEnough);
  EXPECT_THAT(log(), HasSubstr("late"));
  EXPECT_THAT(server_.calls(4), SizeIs(4));
}

TEST_F(EventRecorderTest, stopping_waits_for_no_further_try) {
  server_.then(hang_up());
  client_ = client_of(access_to(server_));
  recorder_ = std::make_unique<EventRecorder>(
      EventRecorder::Services{*client_, clock_, random_, waiting_, cancellation_},
      EventRecorderOptions{"pod"});
  record();
  ASSERT_THAT(server_.calls(1), SizeIs(1));
  const auto began = std::chrono::steady_clock::now();
  recorder().stop(kEnough);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);  // the shortest pause between two
  EXPECT_THAT(log(), HasSubstr("the cluster has not: 1;"));
}

TEST_F(EventRecorderTest, events_of_one_second_have_names_of_their_own) {
  for (int i = 0; i < 5; ++i)
    server_.then(reply(201, "{}"));
  for (int i = 0; i < 5; ++i)
    record(unreachable(std::to_string(i)));
  std::set<std::string> names;
  for (const ApiCall& call : server_.calls(5))
    names.insert(name_in(call));
  EXPECT_THAT(names, SizeIs(5));
  EXPECT_THAT(names, Each(StartsWith("orders.")));
}

}  // namespace
}  // namespace tlswarden::kube
