#include "kube/api_client.hpp"

#include <thread>

#include "tests/unit/kube/client_fixture.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ApiServer;
using test_support::chunks;
using test_support::hang_up;
using test_support::raw;
using test_support::refusal;
using test_support::reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ApiClientTest : public ClientFixture {
 protected:
  base::Result<std::string, ApiError> get() { return client().call({.path = "/api"}); }
  base::Result<std::string, ApiError> patch() {
    return client().call(
        {.verb = Verb::kPatch, .path = "/x/status", .content_type = kApplyPatch, .body = "{}"});
  }
  ApiClient& client() {
    if (!client_) client_ = client_of(access_to(server_));
    return *client_;
  }
  ApiServer server_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(ApiClientTest, a_request_goes_out_as_it_should) {
  server_.then(reply(200, R"({"kind":"X"})")).then(reply(201, "{}"));
  const auto got =
      client().call_json({.path = "/apis/g/v1/xs", .query = {{"fieldSelector", "metadata.name=a"}}});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ((*got)["kind"], "X");
  ASSERT_TRUE(
      client().call({.verb = Verb::kPatch, .path = "/x", .content_type = kApplyPatch, .body = "{\"a\":1}"}));
  const auto calls = server_.calls(2);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].method, "GET");
  EXPECT_EQ(calls[0].target, "/apis/g/v1/xs?fieldSelector=metadata.name%3Da");
  EXPECT_EQ(calls[0].header("host"), "127.0.0.1:" + std::to_string(server_.port()));
  EXPECT_EQ(calls[0].header("accept"), "application/json");
  EXPECT_EQ(calls[0].header("accept-encoding"), "gzip");
  EXPECT_EQ(calls[0].header("user-agent"), "tlswarden/1.2.3 (linux/amd64) kubernetes/unknown");
  EXPECT_EQ(calls[0].header("authorization"), "");
  EXPECT_EQ(calls[1].method, "PATCH");
  EXPECT_EQ(calls[1].header("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(calls[1].body, "{\"a\":1}");
  EXPECT_EQ(server_.connections(), 1u);
}

TEST_F(ApiClientTest, a_prefix_stands_before_every_path) {
  server_.then(reply(200, "{}"));
  ClusterAccess access = access_to(server_);
  access.server.prefix = "/k8s/clusters/c-1";
  ASSERT_TRUE(client_of(access)->call({.path = "/api"}));
  EXPECT_EQ(server_.calls(1)[0].target, "/k8s/clusters/c-1/api");
}

TEST_F(ApiClientTest, a_refusal_is_told_with_its_reason) {
  server_.then(refusal(409, "Conflict")).then(reply(302, "")).then(raw("HTTP/1.1 204 No Content\r\n\r\n"));
  const auto conflict = patch();
  ASSERT_FALSE(conflict);
  EXPECT_TRUE(conflict.error().conflict());
  EXPECT_EQ(conflict.error().peer_text, "the server's words");
  EXPECT_EQ(get().error().code, 302);
  const auto nothing = client().call({.verb = Verb::kDelete, .path = "/x"});
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_EQ(*nothing, "");
}

TEST_F(ApiClientTest, warnings_are_passed_on_as_they_were_sent) {
  server_
      .then(reply(200, "{}", "Warning: 299 - \"100%22 \\\"a\\\"+b\"\r\nwarning:299 - \"c\", 299 - \"d\"\r\n"))
      .then(refusal(403, "Forbidden", "WARNING: 299 - \"refused\"\r\n"))
      .then(raw("HTTP/1.1 204 No Content\r\nWarning: 299 - \"empty\"\r\n\r\n"));
  ASSERT_TRUE(get());
  EXPECT_THAT(warnings_, ElementsAre("100%22 \"a\"+b", "c", "d"));
  EXPECT_FALSE(patch());
  ASSERT_TRUE(client().call({.verb = Verb::kDelete, .path = "/x"}));
  EXPECT_THAT(warnings_, ElementsAre("100%22 \"a\"+b", "c", "d", "refused", "empty"));
}

TEST_F(ApiClientTest, no_more_warnings_are_passed_on_than_a_server_has_reason_for) {
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += "Warning: 299 - \"" + std::to_string(i) + "\"\r\n";
  server_.then(reply(200, "{}", many));
  ASSERT_TRUE(get());
  EXPECT_EQ(warnings_.size(), 32u);
}

TEST_F(ApiClientTest, with_retry_after_any_verb_is_repeated_after_that_long_and_then_twice_as_long) {
  server_.then(refusal(429, "TooManyRequests", "Retry-After: 3\r\n"))
      .then(refusal(503, "ServiceUnavailable", "", R"({"retryAfterSeconds":2})"))
      .then(reply(200, "{}"));
  EXPECT_TRUE(patch());
  EXPECT_THAT(pause_.spans(), ElementsAre(seconds(3), seconds(4)));
}

TEST_F(ApiClientTest, without_retry_after_nothing_is_repeated) {
  server_.then(refusal(429, "TooManyRequests")).then(refusal(500, "InternalError"));
  EXPECT_EQ(get().error().code, 429);
  EXPECT_EQ(get().error().code, 500);
  EXPECT_THAT(pause_.spans(), IsEmpty());
  EXPECT_EQ(server_.calls(2).size(), 2u);
}

TEST_F(ApiClientTest, a_server_that_always_says_later_is_asked_ever_less_often) {
  for (int i = 0; i < 6; ++i)
    server_.then(refusal(429, "TooManyRequests", "Retry-After: 1\r\n"));
  const auto answer = get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().retry_after, seconds(1));
  EXPECT_EQ(server_.calls(5).size(), 5u);
  EXPECT_THAT(pause_.spans(), ElementsAre(seconds(1), seconds(2), seconds(4), seconds(8)));
}

TEST_F(ApiClientTest, patience_beyond_the_timeout_is_not_begun) {
  server_.then(refusal(429, "TooManyRequests", "Retry-After: 30\r\n"));
  EXPECT_EQ(get().error().retry_after, seconds(30));
  EXPECT_THAT(pause_.spans(), IsEmpty());
}

TEST_F(ApiClientTest, a_get_is_repeated_after_a_connection_that_broke_and_a_write_is_not) {
  server_.then(hang_up()).then(raw("HTTP/1.1 200 OK\r\nContent-Le")).then(reply(200, "{}")).then(hang_up());
  EXPECT_TRUE(get());
  EXPECT_THAT(pause_.spans(), ElementsAre(seconds(1), seconds(1)));
  // A connection of its own: the one kept open would end the test's point.
  client_.reset();
  const auto lost = patch();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ApiError::Kind::kBroken);
  EXPECT_EQ(server_.calls(4).size(), 4u);
}

TEST_F(ApiClientTest, a_kept_connection_that_the_server_closed_costs_no_wait) {
  server_
      .then([](const test_support::ApiCall&, test_support::ServerConnection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        connection.receive_some();
        return false;
      })
      .then(reply(200, "{}"));
  EXPECT_TRUE(get());
  EXPECT_TRUE(get());
  EXPECT_THAT(pause_.spans(), ElementsAre(seconds(0)));
  EXPECT_EQ(server_.connections(), 2u);
}

TEST_F(ApiClientTest, a_connection_that_idled_for_long_is_not_used_again) {
  server_.then(reply(200, "{}")).then(reply(200, "{}"));
  EXPECT_TRUE(get());
  clock_.advance(seconds(30));
  EXPECT_TRUE(patch());
  EXPECT_EQ(server_.connections(), 2u);
}

TEST_F(ApiClientTest, garbage_is_an_error_that_says_so) {
  for (int i = 0; i < 11; ++i)
    server_.then(raw("SSH-2.0-OpenSSH_9.2\r\n"));
  const auto answer = get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kBroken);
  EXPECT_THAT(answer.error().message, HasSubstr("speaks no HTTP"));
  server_.then(reply(200, "<html>"));
  EXPECT_THAT(client().call_json({.path = "/"}).error().message, HasSubstr("is no JSON"));
}

TEST_F(ApiClientTest, lines_without_end_are_cut_off) {
  const std::string endless(200'000, 'a');
  for (const std::string& head : {"HTTP/1.1 200 " + endless, "HTTP/1.1 200 OK\r\nX: " + endless,
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + endless}) {
    server_.then(raw(head));
    const auto answer = client().call({.verb = Verb::kPost, .path = "/"});
    ASSERT_FALSE(answer) << head.substr(0, 40);
    EXPECT_THAT(answer.error().message, HasSubstr("longer lines")) << head.substr(0, 40);
  }
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 20'000; ++i)
    many += "A: b\r\n";
  server_.then(raw(many));
  EXPECT_FALSE(client().call({.verb = Verb::kPost, .path = "/"}));
}

TEST_F(ApiClientTest, an_answer_larger_than_its_limit_is_cut_off) {
  server_.then(chunks(std::vector<std::string>(64, std::string(1024, 'x'))));
  const auto answer = client().call({.path = "/", .largest_answer = 10'000});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kMalformed);
}

TEST_F(ApiClientTest, a_stream_is_given_as_it_comes_and_not_repeated_once_begun) {
  server_.then(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
  std::string got;
  bool agreed = false;
  const auto ended = client().stream({.path = "/"}, [&](std::string_view piece) {
    agreed = agreed || piece.empty();
    got += piece;
    return true;
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ApiError::Kind::kBroken);
  EXPECT_EQ(got, "half");
  EXPECT_TRUE(agreed);
  EXPECT_EQ(server_.calls(1).size(), 1u);
}

TEST_F(ApiClientTest, a_stream_ends_when_its_receiver_has_enough) {
  server_.then(test_support::chunks_then_silence({"one", "two"})).then(reply(200, "{}"));
  const auto ended = client().stream({.path = "/"}, [](std::string_view piece) { return piece.empty(); });
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(*ended, ApiClient::StreamEnd::kStopped);
  EXPECT_TRUE(get());
}

TEST_F(ApiClientTest, silence_ends_at_the_deadline) {
  const auto answer = client().call({.path = "/", .timeout = milliseconds(50)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kTimedOut);
  EXPECT_EQ(server_.calls(1).size(), 1u);
}

TEST_F(ApiClientTest, cancelling_from_another_thread_ends_what_is_under_way_and_refuses_the_rest) {
  std::thread canceller([this] {
    server_.calls(1);
    cancellation_.cancel();
  });
  const auto answer = get();
  canceller.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kCancelled);
  EXPECT_EQ(get().error().kind, ApiError::Kind::kCancelled);
}

TEST_F(ApiClientTest, one_request_can_be_cancelled_alone_and_all_of_them_at_once) {
  Cancellation one(&cancellation_), other(&cancellation_);
  one.cancel();
  EXPECT_FALSE(cancellation_.cancelled());
  EXPECT_EQ(client().call({.path = "/", .cancellation = &one}).error().kind, ApiError::Kind::kCancelled);
  server_.then(reply(200, "{}"));
  EXPECT_TRUE(client().call({.path = "/", .cancellation = &other}));
  cancellation_.cancel();
  EXPECT_TRUE(other.cancelled());
  const Cancellation late(&cancellation_);
  EXPECT_TRUE(late.cancelled());
}

TEST_F(ApiClientTest, where_nothing_listens_nothing_was_sent) {
  const test_support::ClosedPort closed;
  ClusterAccess access = access_to(server_);
  access.server.port = closed.port();
  const auto answer = client_of(access)->call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kUnreachable);
  EXPECT_THAT(answer.error().message, HasSubstr("Connection refused"));
  access.server.host = "no-such-host.invalid";
  EXPECT_EQ(client_of(access)->call({.path = "/"}).error().kind, ApiError::Kind::kUnreachable);
}

TEST_F(ApiClientTest, writes_keep_to_their_budget_and_reads_do_not_count) {
  WriteBudget budget(clock_, 2, 1);
  writes_ = &budget;
  for (int i = 0; i < 4; ++i)
    server_.then(reply(200, "{}"));
  EXPECT_TRUE(get());
  EXPECT_TRUE(patch());
  EXPECT_TRUE(patch());
  EXPECT_TRUE(get());
  EXPECT_THAT(pause_.spans(), ElementsAre(milliseconds(0), milliseconds(500)));
}

TEST_F(ApiClientTest, every_attempt_is_told_to_the_observer) {
  std::vector<int> codes;
  ApiClient observed(
      access_to(server_),
      {.user_agent = "t", .writes = nullptr, .observer = [&](Verb, int code) { codes.push_back(code); }},
      clock_, pause_, cancellation_);
  server_.then(hang_up()).then(refusal(429, "TooManyRequests", "Retry-After: 1\r\n")).then(reply(200, "{}"));
  EXPECT_TRUE(observed.call({.path = "/"}));
  EXPECT_THAT(codes, ElementsAre(0, 429, 200));
}

TEST_F(ApiClientTest, a_compressed_answer_is_read) {
  // printf '{"kind":"List"}' | gzip -n9
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\xce\xcc\x4b\x51\xb2\x52\xf2\xc9\x2c\x2e\x51\xaa"
      "\x05\x00"
      "\xc1\x7f\xfa\x0a\x0f\x00\x00\x00",
      35);
  server_.then(reply(200, gzip, "Content-Encoding: gzip\r\n"));
  const auto answer = get();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, R"({"kind":"List"})");
}

}  // namespace
}  // namespace tlswarden::kube
