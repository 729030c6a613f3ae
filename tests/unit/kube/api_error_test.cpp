#include "kube/api_error.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ApiError error_of(int code, const std::string& body, const std::string& retry_after = {}) {
  return status_error(code, body, retry_after, "GET /api");
}

TEST(ApiErrorTest, a_status_object_is_decoded) {
  const ApiError error =
      error_of(409, R"({"kind":"Status","reason":"Conflict","message":"modified","code":409})");
  EXPECT_EQ(error.kind, ApiError::Kind::kStatus);
  EXPECT_EQ(error.code, 409);
  EXPECT_EQ(error.reason, "Conflict");
  EXPECT_EQ(error.peer_text, "modified");
  EXPECT_EQ(error.message, "the API server answered 409 Conflict to GET /api");
  EXPECT_TRUE(error.conflict());
  EXPECT_FALSE(error.already_exists());
  EXPECT_TRUE(error_of(409, R"({"kind":"Status","reason":"AlreadyExists"})").already_exists());
  EXPECT_TRUE(error_of(404, "").not_found());
}

TEST(ApiErrorTest, an_error_event_has_its_code_in_the_status_alone) {
  const ApiError error = error_of(200, R"({"kind":"Status","reason":"Expired","code":410})");
  EXPECT_EQ(error.code, 410);
  EXPECT_TRUE(error.expired());
  EXPECT_TRUE(error_of(410, "gone").expired());
  EXPECT_TRUE(error_of(200, R"({"kind":"Status","reason":"Gone"})").expired());
  EXPECT_FALSE(error_of(404, "").expired());
}

TEST(ApiErrorTest, a_version_from_the_future_is_known_by_cause_or_words) {
  EXPECT_TRUE(
      error_of(
          504,
          R"({"kind":"Status","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}})")
          .ahead_of_server());
  EXPECT_TRUE(
      error_of(
          504,
          R"({"kind":"Status","reason":"Timeout","message":"Too large resource version: 9, current: 1"})")
          .ahead_of_server());
  EXPECT_FALSE(error_of(504, R"({"kind":"Status","reason":"Timeout"})").ahead_of_server());
}

TEST(ApiErrorTest, the_header_wins_over_the_details) {
  const std::string body = R"({"kind":"Status","details":{"retryAfterSeconds":7}})";
  EXPECT_EQ(error_of(429, body, "3").retry_after, base::Seconds(3));
  EXPECT_EQ(error_of(429, body).retry_after, base::Seconds(7));
  EXPECT_EQ(error_of(429, "").retry_after, std::nullopt);
}

TEST(ApiErrorTest, retry_after_is_whole_seconds_or_nothing) {
  EXPECT_EQ(parse_retry_after(" 5 "), base::Seconds(5));
  EXPECT_EQ(parse_retry_after("999999999"), base::Seconds(86400));
  for (const char* text : {"", "-1", "1.5", "soon", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"})
    EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
}

TEST(ApiErrorTest, what_a_peer_says_is_bounded_and_kept_out_of_our_words) {
  const ApiError error = error_of(500, "<html>\x1b[31m" + std::string(100'000, 'x'));
  EXPECT_LE(error.peer_text.size(), 410u);
  EXPECT_THAT(error.peer_text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(error.message, Not(HasSubstr("html")));
  // Broken in every member, and deeper than any resource.
  EXPECT_EQ(
      error_of(
          500,
          R"({"kind":"Status","reason":[],"message":{},"details":{"causes":[1,[],{}],"retryAfterSeconds":"x"},"code":"y"})")
          .code,
      500);
  EXPECT_EQ(error_of(500, std::string(100'000, '[')).code, 500);
  EXPECT_EQ(
      error_of(429, R"({"kind":"Status","details":{"retryAfterSeconds":-9223372036854775808}})").retry_after,
      base::Seconds(0));
}

}  // namespace
}  // namespace tlswarden::kube
