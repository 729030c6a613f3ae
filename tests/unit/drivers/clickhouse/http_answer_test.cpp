#include "drivers/clickhouse/http_answer.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;

common::HttpResponse response(unsigned status, const std::string& body) {
  common::HttpResponse made;
  made.status = status;
  made.body = body;
  return made;
}

TEST(ClickHouseHttp, KnowsItsOwnAnswers) {
  EXPECT_EQ(speaker_of(response(200, "Ok.\n")), Speaker::kHttpInterface);
  EXPECT_EQ(speaker_of(response(403, fixtures::kRefusal24)), Speaker::kHttpInterface);
  EXPECT_EQ(speaker_of(response(400, "Port 9440 is for clickhouse-client program")), Speaker::kNativePort);
  EXPECT_EQ(speaker_of(response(404, "404 page not found\n")), Speaker::kOther);
  EXPECT_EQ(speaker_of(response(200, "<html>")), Speaker::kOther);
  auto marked = response(200, "24.1.3.31\n");
  EXPECT_EQ(speaker_of(marked), Speaker::kOther) << "a number alone proves nothing";
  marked.fields = {{"x-clickhouse-summary", "{}"}};
  EXPECT_EQ(speaker_of(marked), Speaker::kHttpInterface);
}

TEST(ClickHouseHttp, ReadsTheVersionFromARefusal) {
  EXPECT_EQ(version_of(response(403, fixtures::kRefusal24)), "24.1.3.31");
  EXPECT_EQ(version_of(response(401, "Code: 192, e.displayText() = DB::Exception: Unknown user x")), "");
  EXPECT_EQ(version_in("(version 22.8.3.13 (official build))"), "22.8.3.13");
  EXPECT_EQ(version_in("(version "), "");
  EXPECT_EQ(version_in("(version " + std::string(100, '1')), "");
}

TEST(ClickHouseHttp, ReadsTheVersionFromTheQuery) {
  EXPECT_EQ(version_of(response(200, "18.16.1\n")), "18.16.1");
  for (const auto* body : {"", "Ok.\n", "18\n", "18.16.1 and more", "<html>"})
    EXPECT_EQ(version_of(response(200, body)), "") << body;
}

TEST(ClickHouseHttp, ReadsTheCodeOfAnException) {
  EXPECT_FALSE(error_in(response(200, "18.16.1\n")));
  EXPECT_EQ(error_in(response(403, fixtures::kRefusal24))->code, 516);
  EXPECT_EQ(error_in(response(401, "Code: 194, e.displayText() = DB::Exception: x"))->code, 194);
  EXPECT_EQ(error_in(response(200, "Code: 81. DB::Exception: late"))->code, 81)
      << "after the header was sent";
  auto marked = response(500, "cut");
  EXPECT_EQ(error_in(marked)->code, 0);
  marked.fields = {{"x-clickhouse-exception-code", "202"}};
  EXPECT_EQ(error_in(marked)->code, 202);
}

TEST(ClickHouseHttp, NamesTheCauseOfACode) {
  const auto cause = [](int code) { return to_failure({code, "text"}, probe::Stage::kSession).cause; };
  for (const int code : {192, 193, 194, 516})
    EXPECT_EQ(cause(code), Cause::kAuthenticationFailed) << code;
  EXPECT_EQ(cause(81), Cause::kDatabaseNotFound);
  EXPECT_EQ(cause(195), Cause::kHostNotAllowed);
  EXPECT_EQ(cause(202), Cause::kServerBusy);
  EXPECT_EQ(cause(497), Cause::kAccessRefused);
  EXPECT_EQ(cause(999), Cause::kServerError);
  EXPECT_EQ(to_failure({0, std::string(5000, 'x')}, probe::Stage::kSession).peer_text.size(), 2048U);
}

TEST(ClickHouseHttp, KeepsTheLoginOutOfTheUrl) {
  auto target = fixtures::target(8443, true);
  target.database = "my db";
  EXPECT_EQ(version_query(target)->reveal(),
            "GET /?query=SELECT%20version()&database=my%20db HTTP/1.1\r\nHost: ch.internal:8443\r\n"
            "Connection: close\r\nX-ClickHouse-User: app\r\nX-ClickHouse-Key: s3cret\r\n\r\n");
}

TEST(ClickHouseHttp, SendsNoPasswordThatWouldBreakTheHeader) {
  auto target = fixtures::target(8443);
  for (const auto* password : {"a\r\nX-Other: b", "line break\n", " blank"}) {
    target.credentials = test_support::credentials("app", password);
    EXPECT_FALSE(version_query(target)) << password;
  }
}

}  // namespace
}  // namespace tlswarden::drivers::clickhouse
