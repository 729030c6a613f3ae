#include "kube/reflector.hpp"

#include <thread>

#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/recording_handler.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ApiCall;
using test_support::ApiReply;
using test_support::chunks;
using test_support::chunks_then_silence;
using test_support::hang_up;
using test_support::refusal;
using test_support::reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string object(const std::string& name, const std::string& uid, const std::string& version,
                   const std::string& more = "") {
  return R"({"metadata":{"namespace":"ns","name":")" + name + R"(","uid":")" + uid +
         R"(","resourceVersion":")" + version + "\"}" + more + "}";
}

std::string list(const std::string& version, const std::vector<std::string>& items,
                 const std::string& token = "") {
  std::string body = R"({"kind":"List","metadata":{"resourceVersion":")" + version + R"(","continue":")" +
                     token + R"("},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i)
    body += (i == 0 ? "" : ",") + items[i];
  return body + "]}";
}

std::string event(const std::string& type, const std::string& what) {
  return R"({"type":")" + type + R"(","object":)" + what + "}\n";
}

std::string bookmark(const std::string& version, const std::string& annotations = "{}") {
  return event("BOOKMARK",
               R"({"metadata":{"resourceVersion":")" + version + R"(","annotations":)" + annotations + "}}");
}

std::string error_event(int code, const std::string& reason) {
  return event("ERROR",
               R"({"kind":"Status","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}");
}

/// One request in short: "list RV=0 limit=500", "watch RV=7".
std::string in_short(const ApiCall& call) {
  std::string text = call.parameter("watch") ? "watch" : "list";
  for (const auto& [name, shown] :
       {std::pair("resourceVersion", "RV"), std::pair("limit", "limit"), std::pair("continue", "continue"),
        std::pair("sendInitialEvents", "initial")}) {
    if (const auto value = call.parameter(name)) text += std::string(" ") + shown + "=" + *value;
  }
  return text;
}

class ReflectorTest : public ClientFixture {
 protected:
  ~ReflectorTest() override { stop(); }

  /// Follows until stop(); `adjust` changes the options.
  void start(const std::function<void(ReflectorOptions&)>& adjust = {}) { start(adjust, access_to(server_)); }
  void start(const std::function<void(ReflectorOptions&)>& adjust, const ClusterAccess& access) {
    ReflectorOptions options{.path = "/apis/g/v1/xs", .page = 500};
    if (adjust) adjust(options);
    client_ = client_of(access);
    reflector_ = std::make_unique<Reflector>(*client_, options, handler_, clock_, random_, pause_, own_);
    thread_ = std::thread([this] { reflector_->run(); });
  }
  void stop() {
    own_.cancel();
    if (thread_.joinable()) thread_.join();
  }
  /// The first `count` requests in short; the reflector is stopped when they are there.
  std::vector<std::string> requests(std::size_t count) {
    std::vector<std::string> all;
    server_.calls(count);
    stop();
    for (const ApiCall& call : server_.calls(0))
      all.push_back(in_short(call));
    return all;
  }
  /// Begins a stream and ends it `span` later on the test's clock, counted from when the reflector saw it.
  ApiReply lasting(seconds span, std::vector<std::string> pieces, bool whole = true) {
    return [this, span, pieces = std::move(pieces), whole](const ApiCall&,
                                                           test_support::ServerConnection& connection) {
      clock_.advance(seconds(1));
      test_support::begin_chunks(connection);
      for (int i = 0;
           i < 60'000 && !own_.cancelled() && reflector_->health().last_contact != clock_.monotonic(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
      clock_.advance(span);
      for (const std::string& piece : pieces)
        test_support::send_chunk(connection, piece);
      if (whole) test_support::end_chunks(connection);
      if (!whole) connection.finish();
      return whole;
    };
  }
  std::vector<std::string> told() { return handler_.take(); }

  test_support::ApiServer server_;
  Cancellation own_{&cancellation_};  ///< the reflector's alone: the client goes on
  test_support::FakeRandom random_{0.5};
  RecordingHandler handler_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<Reflector> reflector_;
  std::thread thread_;
};

TEST_F(ReflectorTest, it_lists_and_then_watches_from_there) {
  server_.then(reply(200, list("10", {object("a", "1", "5"), object("b", "2", "6")})))
      .then(chunks_then_silence({event("MODIFIED", object("a", "1", "11")),
                                 event("DELETED", object("b", "2", "12")),
                                 event("ADDED", object("c", "3", "13"))}));
  start();
  EXPECT_THAT(handler_.wait_for(6), ElementsAre("stage a/1@5", "stage b/2@6", "replace", "upsert a/1@11",
                                                "remove b/2", "upsert c/3@13"));
  EXPECT_TRUE(reflector_->health().synced);
  EXPECT_THAT(requests(2), ElementsAre("list RV=0 limit=500", "watch RV=10"));
  const ApiCall watch = server_.calls(2)[1];
  EXPECT_EQ(watch.parameter("allowWatchBookmarks"), "true");
  EXPECT_EQ(watch.parameter("timeoutSeconds"), "450");
  EXPECT_THAT(pause_.spans(), IsEmpty());
  EXPECT_EQ(reflector_->health().objects, 2u);
}

TEST_F(ReflectorTest, it_ends_alone_or_with_its_client) {
  server_.then(reply(200, list("10", {}))).then(test_support::silence()).then(reply(200, "{}"));
  start();
  server_.calls(2);
  stop();
  EXPECT_TRUE(client_->call({.path = "/"}));
  Cancellation next(&cancellation_);
  Reflector other(*client_, {.path = "/xs"}, handler_, clock_, random_, pause_, next);
  std::thread thread([&] { other.run(); });
  server_.calls(4);
  cancellation_.cancel();
  thread.join();
}

TEST_F(ReflectorTest, it_ends_when_its_owner_deals_with_a_failure) {
  std::vector<int> codes;
  const auto give_up = [&](const ApiError& error) {
    codes.push_back(error.code);
    return error.code == 403;
  };
  server_.then(refusal(500, "InternalError"))
      .then(reply(200, list("10", {})))
      .then(refusal(403, "Forbidden"))
      .then(reply(200, list("10", {})));
  start([&](ReflectorOptions& options) { options.give_up = give_up; });
  thread_.join();
  EXPECT_THAT(codes, ElementsAre(500, 403)) << "of the list, and of the watch";
  EXPECT_THAT(server_.calls(0), testing::SizeIs(3));
}

TEST_F(ReflectorTest, it_ends_where_a_watch_that_begins_with_what_there_is_is_refused) {
  server_.then(refusal(403, "Forbidden"));
  start([](ReflectorOptions& options) {
    options.watch_list = true;
    options.give_up = [](const ApiError&) { return true; };
  });
  thread_.join();
  EXPECT_THAT(server_.calls(0), testing::SizeIs(1)) << "and does not list instead";
}

TEST_F(ReflectorTest, selectors_go_with_every_request) {
  server_.then(reply(200, list("10", {})));
  start(
      [](ReflectorOptions& options) { options.selectors = {{"fieldSelector", "metadata.name=orders-ca"}}; });
  for (const ApiCall& call : server_.calls(2))
    EXPECT_EQ(call.parameter("fieldSelector"), "metadata.name%3Dorders-ca");
}

TEST_F(ReflectorTest, a_watch_that_ran_its_time_goes_on_where_it_was_without_a_list_or_a_wait) {
  server_.then(reply(200, list("10", {})))
      .then(lasting(seconds(400), {event("ADDED", object("a", "1", "11"))}))
      .then(lasting(seconds(400), {bookmark("20")}))
      .then(lasting(seconds(400), {}));
  start();
  EXPECT_THAT(requests(5),
              ElementsAre("list RV=0 limit=500", "watch RV=10", "watch RV=11", "watch RV=20", "watch RV=20"));
  EXPECT_THAT(pause_.spans(), IsEmpty());
}

TEST_F(ReflectorTest, pages_are_followed) {
  server_.then(reply(200, list("10", {object("a", "1", "5")}, "t1")))
      .then(reply(200, list("10", {object("b", "2", "6")}, "t2")))
      .then(reply(200, list("10", {object("c", "3", "7")})));
  start();
  EXPECT_THAT(requests(4), ElementsAre("list RV=0 limit=500", "list limit=500 continue=t1",
                                       "list limit=500 continue=t2", "watch RV=10"));
  EXPECT_THAT(told(), ElementsAre("stage a/1@5", "stage b/2@6", "stage c/3@7", "replace"));
}

TEST_F(ReflectorTest, a_page_that_expired_leads_to_one_whole_list_at_the_first_version) {
  server_.then(reply(200, list("10", {object("a", "1", "5")}, "t1")))
      .then(refusal(410, "Expired"))
      .then(reply(200, list("12", {object("b", "2", "6")})));
  start();
  EXPECT_THAT(requests(4),
              ElementsAre("list RV=0 limit=500", "list limit=500 continue=t1", "list RV=0", "watch RV=12"));
  EXPECT_THAT(told(), ElementsAre("stage a/1@5", "discard", "stage b/2@6", "replace"));
}

TEST_F(ReflectorTest, pages_without_end_or_objects_are_an_error) {
  server_.then(reply(200, list("10", {}, "t1")))
      .then(reply(200, list("10", {}, "t1")))
      .then(reply(200, list("11", {})));
  start();
  EXPECT_THAT(requests(4), ElementsAre("list RV=0 limit=500", "list limit=500 continue=t1",
                                       "list RV=0 limit=500", "watch RV=11"));
  EXPECT_EQ(pause_.spans().front(), milliseconds(1200));
}

TEST_F(ReflectorTest, a_version_that_expired_on_a_watch_leads_to_a_list_not_older_than_it) {
  server_.then(reply(200, list("10", {object("a", "1", "5"), object("b", "2", "6")})))
      .then(chunks({error_event(410, "Expired")}))
      .then(reply(200, list("30", {object("a", "1", "5"), object("c", "3", "25")})));
  start();
  EXPECT_THAT(requests(4), ElementsAre("list RV=0 limit=500", "watch RV=10", "list RV=10", "watch RV=30"));
  EXPECT_THAT(told(), ElementsAre("stage a/1@5", "stage b/2@6", "replace", "stage c/3@25", "replace -b/2"));
  EXPECT_EQ(pause_.spans().front(), milliseconds(1200));
}

TEST_F(ReflectorTest, http_410_on_a_watch_is_the_same) {
  server_.then(reply(200, list("10", {}))).then(refusal(410, "Gone")).then(reply(200, list("30", {})));
  start();
  EXPECT_THAT(requests(4), ElementsAre("list RV=0 limit=500", "watch RV=10", "list RV=10", "watch RV=30"));
}

TEST_F(ReflectorTest, a_list_that_is_too_old_or_too_new_is_asked_for_anew_at_once) {
  server_.then(reply(200, list("10", {})))
      .then(chunks({error_event(410, "Expired")}))
      .then(refusal(410, "Expired"))
      .then(reply(200, list("40", {})))
      .then(chunks({error_event(410, "Expired")}))
      .then(refusal(504, "Timeout", "", R"({"causes":[{"reason":"ResourceVersionTooLarge"}]})"))
      .then(reply(200, list("3", {})));
  start();
  EXPECT_THAT(requests(8), ElementsAre("list RV=0 limit=500", "watch RV=10", "list RV=10", "list limit=500",
                                       "watch RV=40", "list RV=40", "list limit=500", "watch RV=3"));
  EXPECT_EQ(pause_.spans().size(), 2u) << "one for each watch that ended";
}

TEST_F(ReflectorTest, a_server_without_a_watch_cache_is_asked_for_pages_ever_after) {
  server_.then(reply(200, list("10", {object("a", "1", "5")}, "t1")))
      .then(reply(200, list("10", {object("b", "2", "6")})))
      .then(chunks({error_event(410, "Gone")}))
      .then(reply(200, list("20", {})));
  start();
  EXPECT_THAT(requests(5), ElementsAre("list RV=0 limit=500", "list limit=500 continue=t1", "watch RV=10",
                                       "list RV=10 limit=500", "watch RV=20"));
}

TEST_F(ReflectorTest, a_busy_server_is_watched_again_later_without_a_list) {
  server_.then(reply(200, list("10", {})))
      .then(refusal(429, "TooManyRequests"))
      .then(chunks({error_event(429, "TooManyRequests")}))
      .then(lasting(seconds(400), {}));
  start();
  EXPECT_THAT(requests(5),
              ElementsAre("list RV=0 limit=500", "watch RV=10", "watch RV=10", "watch RV=10", "watch RV=10"));
  EXPECT_EQ(pause_.spans()[0], milliseconds(1200));
  EXPECT_EQ(pause_.spans()[1], milliseconds(2400));
}

TEST_F(ReflectorTest, retry_after_is_kept_to_and_bounded) {
  const std::string patience =
      R"({"kind":"Status","reason":"TooManyRequests","code":429,"details":{"retryAfterSeconds":)";
  server_.then(reply(200, list("10", {})))
      .then(chunks({event("ERROR", patience + "20}}")}))
      .then(chunks({event("ERROR", patience + "99999}}")}));
  start();
  EXPECT_EQ(requests(4).size(), 4u);
  EXPECT_EQ(pause_.spans()[0], seconds(20));
  EXPECT_EQ(pause_.spans()[1], seconds(60));
}

TEST_F(ReflectorTest, a_watch_that_ends_as_it_begins_leads_to_a_wait_that_grows) {
  server_.then(reply(200, list("10", {})));
  for (int i = 0; i < 3; ++i)
    server_.then(chunks({})).then(reply(200, list("10", {})));
  start();
  EXPECT_THAT(requests(8), ElementsAre("list RV=0 limit=500", "watch RV=10", "list RV=10", "watch RV=10",
                                       "list RV=10", "watch RV=10", "list RV=10", "watch RV=10"));
  EXPECT_THAT(pause_.spans(), ElementsAre(milliseconds(1200), milliseconds(2400), milliseconds(4800)));
}

TEST_F(ReflectorTest, a_server_that_hangs_up_after_each_event_is_not_asked_in_a_loop) {
  server_.then(reply(200, list("10", {})));
  for (int i = 11; i < 14; ++i)
    server_.then(chunks({event("MODIFIED", object("a", "1", std::to_string(i)))}));
  start();
  EXPECT_THAT(requests(5),
              ElementsAre("list RV=0 limit=500", "watch RV=10", "watch RV=11", "watch RV=12", "watch RV=13"));
  EXPECT_EQ(pause_.spans()[2], milliseconds(4800));
}

TEST_F(ReflectorTest, a_list_that_fails_is_repeated_ever_more_slowly_and_tells_nothing) {
  server_.then(refusal(500, "InternalError"))
      .then(refusal(403, "Forbidden"))
      .then(reply(200, "{"))
      .then(reply(200, list("10", {"{}"})))
      .then(reply(200, list("10", {object("a", "1", "5")})));
  start();
  EXPECT_THAT(handler_.wait_for(2), ElementsAre("discard", "discard"));
  EXPECT_EQ(requests(6).size(), 6u);
  EXPECT_EQ(pause_.spans()[0], milliseconds(1200));
  EXPECT_EQ(pause_.spans()[3], milliseconds(9600));
  EXPECT_EQ(reflector_->health().failures, 4u);
}

TEST_F(ReflectorTest, its_health_tells_what_is_wrong_and_when_that_is_over) {
  EXPECT_THAT(requests(0), IsEmpty());
  Cancellation again;
  server_.then(refusal(403, "Forbidden"));
  client_ = std::make_unique<ApiClient>(access_to(server_), ApiClientOptions{.user_agent = "t"}, clock_,
                                        pause_, again);
  Reflector reflector(*client_, {.path = "/xs"}, handler_, clock_, random_, pause_, again);
  EXPECT_FALSE(reflector.health().last_contact);
  std::thread thread([&] { reflector.run(); });
  server_.calls(2);
  EXPECT_THAT(reflector.health().problem, HasSubstr("403 Forbidden to GET /xs; give its user this right"));
  EXPECT_FALSE(reflector.health().synced);
  EXPECT_TRUE(reflector.health().refused);
  again.cancel();
  thread.join();
}

TEST_F(ReflectorTest, while_the_server_is_away_it_tries_on_from_where_it_was) {
  server_.then(reply(200, list("10", {object("a", "1", "5")})));
  for (int i = 0; i < 11; ++i)
    server_.then(hang_up());
  server_.then(reply(200, list("11", {object("a", "1", "5")})));
  start();
  const auto all = requests(14);
  EXPECT_EQ(all[12], "list RV=10");
  EXPECT_EQ(all[13], "watch RV=11");
  EXPECT_THAT(told(), ElementsAre("stage a/1@5", "replace", "replace"));
}

TEST_F(ReflectorTest, a_server_that_is_back_is_listed_without_the_waits_of_its_absence) {
  using test_support::ServerConnection;
  const auto answer = [](const std::string& body) {
    return [body](ServerConnection& connection) {
      if (!connection.start_tls()) return;
      connection.receive_some();
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
      connection.finish();
    };
  };
  const auto away = [](ServerConnection& connection) { connection.finish(); };
  const auto forgotten = answer(error_event(410, "Expired"));
  const auto last = [](ServerConnection& connection) { connection.drain(); };
  test_support::ServerTls tls;
  tls.chain = {test_support::mint({.common_name = "apiserver",
                                   .not_before = kNow - std::chrono::hours(1),
                                   .not_after = kNow + std::chrono::hours(1)})};
  test_support::ScriptedServer server({answer(list("10", {})), away, away, away, forgotten,
                                       answer(list("20", {})), forgotten, answer(list("20", {})), last},
                                      tls);
  ClusterAccess access = access_to(server_, true);
  access.server.port = server.port();
  access.skip_verification = true;
  start({}, access);
  handler_.wait_for(3);
  stop();
  EXPECT_THAT(pause_.spans(), ElementsAre(milliseconds(1200), milliseconds(2400), milliseconds(4800),
                                          milliseconds(1200), milliseconds(2400)));
}

TEST_F(ReflectorTest, a_stream_that_breaks_off_in_the_middle_is_an_end_like_any_other) {
  const std::string half = event("ADDED", object("a", "1", "11")) + R"({"type":"ADD)";
  server_.then(reply(200, list("10", {}))).then(lasting(seconds(100), {half}, false));
  start();
  EXPECT_THAT(requests(3), ElementsAre("list RV=0 limit=500", "watch RV=10", "watch RV=11"));
  EXPECT_THAT(pause_.spans(), IsEmpty());
}

TEST_F(ReflectorTest, a_server_that_outlives_the_time_of_a_watch_is_taken_for_dead) {
  // 450 seconds were asked for; the answer's end never comes.
  server_.then(reply(200, list("10", {})))
      .then([this](const ApiCall&, test_support::ServerConnection& connection) {
        test_support::begin_chunks(connection);
        test_support::send_chunk(connection, event("ADDED", object("a", "1", "11")));
        handler_.wait_for(2);
        clock_.advance(seconds(481));
        test_support::send_chunk(connection, "\n");
        connection.drain();
        return false;
      });
  start();
  EXPECT_THAT(requests(3), ElementsAre("list RV=0 limit=500", "watch RV=10", "watch RV=11"));
  EXPECT_THAT(pause_.spans(), IsEmpty());
}

TEST_F(ReflectorTest, events_come_through_whatever_the_chunks) {
  const std::string text = event("ADDED", object("a", "1", "11", ",\"note\":\"sm\u00f8rrebr\u00f8d\"")) +
                           event("ADDED", object("b", "2", "12"));
  std::vector<std::string> bytes;
  for (const char c : text)
    bytes.emplace_back(1, c);
  server_.then(reply(200, list("10", {}))).then(chunks_then_silence(bytes));
  start();
  EXPECT_THAT(handler_.wait_for(3), ElementsAre("replace", "upsert a/1@11", "upsert b/2@12"));
}

TEST_F(ReflectorTest, the_largest_objects_that_there_are_come_through) {
  const std::string large = ",\"data\":\"" + std::string(1'572'864, 'x') + "\"";
  server_.then(reply(200, list("10", {object("a", "1", "5", large)})))
      .then(chunks_then_silence({event("ADDED", object("b", "2", "11", large))}));
  start();
  EXPECT_THAT(handler_.wait_for(3), ElementsAre("stage a/1@5", "replace", "upsert b/2@11"));
}

TEST_F(ReflectorTest, garbage_and_lines_without_end_lead_to_a_list_after_a_wait) {
  server_.then(reply(200, list("10", {})))
      .then(lasting(seconds(9), {"not JSON\n"}))
      .then(reply(200, list("11", {})))
      .then(chunks_then_silence(std::vector<std::string>(10, std::string(1000, ' '))))
      .then(reply(200, list("12", {})));
  start([](ReflectorOptions& options) { options.largest_object = 5000; });
  EXPECT_THAT(requests(6), ElementsAre("list RV=0 limit=500", "watch RV=10", "list RV=10", "watch RV=11",
                                       "list RV=11", "watch RV=12"));
  EXPECT_EQ(pause_.spans().size(), 2u);
}

TEST_F(ReflectorTest, events_of_an_unknown_kind_are_left_alone) {
  server_.then(reply(200, list("10", {})))
      .then(chunks_then_silence({event("INVENTED", "{}"), event("ADDED", object("a", "1", "11"))}));
  start();
  EXPECT_THAT(handler_.wait_for(2), ElementsAre("replace", "upsert a/1@11"));
}

TEST_F(ReflectorTest, what_a_watch_repeats_is_told_once_and_a_new_uid_is_a_new_object) {
  server_.then(reply(200, list("10", {object("a", "1", "5")})))
      .then(chunks_then_silence({event("ADDED", object("a", "1", "5")),
                                 event("MODIFIED", object("a", "9", "12")),
                                 event("DELETED", object("a", "1", "13"))}));
  start();
  EXPECT_THAT(handler_.wait_for(4), ElementsAre("stage a/1@5", "replace", "remove a/1", "upsert a/9@12"));
}

TEST_F(ReflectorTest, more_objects_than_it_may_keep_are_refused) {
  server_.then(reply(200, list("10", {object("a", "1", "5"), object("b", "2", "5"), object("c", "3", "5")})))
      .then(reply(200, list("11", {object("a", "1", "5"), object("b", "2", "5")})));
  start([](ReflectorOptions& options) { options.most_objects = 2; });
  EXPECT_THAT(requests(3), ElementsAre("list RV=0 limit=500", "list RV=0 limit=500", "watch RV=11"));
}

TEST_F(ReflectorTest, without_a_version_the_first_events_move_nothing) {
  server_.then(reply(200, list("0", {})))
      .then(lasting(seconds(400),
                    {event("ADDED", object("a", "1", "90")), event("ADDED", object("b", "2", "8"))}))
      .then(lasting(seconds(400), {event("ADDED", object("a", "1", "90")), bookmark("95"),
                                   event("ADDED", object("c", "3", "96"))}));
  start();
  EXPECT_THAT(requests(4), ElementsAre("list RV=0 limit=500", "watch RV=0", "watch RV=0", "watch RV=96"));
}

class WatchListTest : public ReflectorTest {
 protected:
  void begin() {
    start([](ReflectorOptions& options) { options.watch_list = true; });
  }
  static std::string end_of_initial(const std::string& version) {
    return bookmark(version, R"({"k8s.io/initial-events-end":"true"})");
  }
};

TEST_F(WatchListTest, what_there_is_comes_first_and_the_same_stream_goes_on) {
  server_.then(
      lasting(seconds(400), {event("ADDED", object("a", "1", "9")), event("ADDED", object("b", "2", "4")),
                             end_of_initial("10"), event("DELETED", object("b", "2", "11"))}));
  begin();
  EXPECT_THAT(requests(2), ElementsAre("watch initial=true", "watch RV=11"));
  EXPECT_EQ(server_.calls(1)[0].parameter("resourceVersionMatch"), "NotOlderThan");
  EXPECT_THAT(told(), ElementsAre("stage a/1@9", "stage b/2@4", "replace", "remove b/2"));
}

TEST_F(WatchListTest, before_the_mark_it_is_not_synced) {
  server_.then(chunks_then_silence({event("ADDED", object("a", "1", "9"))}));
  begin();
  handler_.wait_for(1);
  EXPECT_FALSE(reflector_->health().synced);
  stop();
}

TEST_F(WatchListTest, after_the_mark_the_reflector_is_synced_while_the_stream_lives) {
  server_.then(chunks_then_silence({end_of_initial("10"), event("ADDED", object("a", "1", "11"))}));
  begin();
  EXPECT_THAT(handler_.wait_for(2), ElementsAre("replace", "upsert a/1@11"));
  EXPECT_TRUE(reflector_->health().synced);
}

TEST_F(WatchListTest, a_stream_that_ends_before_the_mark_is_begun_again) {
  server_.then(chunks({event("ADDED", object("a", "1", "9"))}))
      .then(chunks_then_silence({event("ADDED", object("b", "2", "9")), end_of_initial("10")}));
  begin();
  EXPECT_THAT(handler_.wait_for(4), ElementsAre("stage a/1@9", "discard", "stage b/2@9", "replace"));
  EXPECT_EQ(pause_.spans().front(), milliseconds(1200));
}

TEST_F(WatchListTest, who_may_watch_and_not_list_is_never_listed_and_gets_on_once_that_is_granted) {
  server_.then(refusal(403, "Forbidden"))
      .then(refusal(403, "Forbidden"))
      .then(lasting(seconds(400),
                    {event("ADDED", object("a", "1", "9")), end_of_initial("10"), error_event(410, "Gone")}))
      .then(lasting(seconds(400), {end_of_initial("20")}));
  begin();
  EXPECT_THAT(requests(5), ElementsAre("watch initial=true", "list RV=0 limit=500", "watch initial=true",
                                       "watch RV=10 initial=true", "watch RV=20"));
  EXPECT_FALSE(reflector_->health().refused);
}

TEST_F(WatchListTest, a_server_that_refuses_it_is_listed) {
  server_.then(refusal(422, "Invalid"))
      .then(reply(200, list("10", {})))
      .then(chunks({error_event(410, "Gone")}))
      .then(reply(200, list("20", {})));
  begin();
  EXPECT_THAT(requests(5), ElementsAre("watch initial=true", "list RV=0 limit=500", "watch RV=10",
                                       "list RV=10", "watch RV=20"));
}

TEST_F(WatchListTest, a_busy_server_is_asked_for_it_again_and_a_lost_version_is_dropped) {
  server_.then(refusal(429, "TooManyRequests"))
      .then(chunks({end_of_initial("10"), error_event(410, "Expired")}))
      .then(chunks({error_event(410, "Expired")}))
      .then(chunks_then_silence({end_of_initial("30")}));
  begin();
  EXPECT_THAT(requests(4), ElementsAre("watch initial=true", "watch initial=true", "watch RV=10 initial=true",
                                       "watch initial=true"));
}

}  // namespace
}  // namespace tlswarden::kube
