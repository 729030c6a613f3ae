#include "drivers/etcd/answer.hpp"

#include <gtest/gtest.h>

#include "drivers/etcd/request.hpp"
#include "fixtures.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using probe::Cause;
using probe::Tristate;

common::HttpResponse response(const std::string& body, unsigned status = 200) {
  common::HttpResponse made;
  made.status = status;
  made.body = body;
  return made;
}

const std::vector<std::string> kNoObjects{"",
                                          "null",
                                          "[]",
                                          "\"text\"",
                                          "{",
                                          "404 page not found\n",
                                          std::string(60000, '['),
                                          "{\"etcdserver\":[1]}",
                                          "\xff\xfe"};

TEST(EtcdAnswer, ReadsTheVersion) {
  EXPECT_EQ(version_of(response(R"({"etcdserver":"3.5.16","etcdcluster":"3.5.0"})")), "3.5.16");
  EXPECT_FALSE(version_of(response(R"({"etcdserver":"3.5.16"})", 500)));
  EXPECT_EQ(version_of(response("{\"etcdserver\":\"" + std::string(500, '3') + "\"}"))->size(), 64U);
  for (const auto& body : kNoObjects)
    EXPECT_FALSE(version_of(response(body))) << body.substr(0, 40);
}

TEST(EtcdAnswer, ReadsTheHealth) {
  EXPECT_EQ(healthy_by(response(R"({"health":"true"})")), Tristate::kYes);
  EXPECT_EQ(healthy_by(response(R"({"health":"false"})", 503)), Tristate::kNo);
  EXPECT_EQ(healthy_by(response(R"({"health":true})")), Tristate::kUnknown);
  for (const auto& body : kNoObjects)
    EXPECT_EQ(healthy_by(response(body)), Tristate::kUnknown);
}

TEST(EtcdAnswer, ReadsTheTokenUnlessItWouldBreakAHeader) {
  EXPECT_EQ(token_in(response(R"({"token":"abc.11"})")).reveal(), "abc.11");
  EXPECT_TRUE(token_in(response(R"({"token":"abc\r\nX: y"})")).empty());
  EXPECT_TRUE(token_in(response(R"({"token":7})")).empty());
  for (const auto& body : kNoObjects)
    EXPECT_TRUE(token_in(response(body)).empty());
}

TEST(EtcdAnswer, ReadsTheStatus) {
  const auto status = status_in(response(R"({"header":{"member_id":"98"},"version":"3.4.23"})"));
  EXPECT_EQ(status.version, "3.4.23");
  EXPECT_EQ(status.member_id, "98");
  EXPECT_EQ(status_in(response(R"({"header":[1],"version":2})")).member_id, "");
}

TEST(EtcdAnswer, TellsEncryptionByTheUrlsOfTheMemberThatAnswered) {
  const auto by = [](const std::string& urls) {
    return encrypted_by(
        response(R"({"members":[{"ID":"1","clientURLs":["http://x"]},{"ID":"2","clientURLs":)" + urls +
                 "}]}"),
        "2");
  };
  EXPECT_EQ(by(R"(["https://a:2379","https://b:2379"])"), Tristate::kYes);
  EXPECT_EQ(by(R"(["http://a:2379"])"), Tristate::kNo);
  EXPECT_EQ(by(R"(["https://a:2379","http://a:2378"])"), Tristate::kUnknown);
  EXPECT_EQ(by("[]"), Tristate::kUnknown);
  EXPECT_EQ(by("[1]"), Tristate::kUnknown);
  EXPECT_EQ(by("\"https://a\""), Tristate::kUnknown);
  EXPECT_EQ(encrypted_by(response(R"({"members":[{"ID":"1","clientURLs":["https://x"]}]})"), "2"),
            Tristate::kUnknown);
  EXPECT_EQ(encrypted_by(response(R"({"members":[1,null,"x"]})"), "2"), Tristate::kUnknown);
  EXPECT_EQ(encrypted_by(response(R"({"members":[{"ID":"2"}]})"), "2"), Tristate::kUnknown);
  for (const auto& body : kNoObjects)
    EXPECT_EQ(encrypted_by(response(body), "2"), Tristate::kUnknown);
}

TEST(EtcdAnswer, NamesTheCauseOfARefusal) {
  const auto cause = [](const std::string& text) { return failure_in(response(text, 400))->cause; };
  EXPECT_FALSE(failure_in(response("{}")));
  EXPECT_EQ(cause(R"({"message":"etcdserver: authentication failed, invalid user ID or password","code":3})"),
            Cause::kAuthenticationFailed);
  EXPECT_EQ(cause(R"({"error":"x","message":"etcdserver: authentication is not enabled","code":9})"),
            Cause::kAuthenticationFailed);
  EXPECT_EQ(cause(R"({"message":"etcdserver: permission denied","code":7})"), Cause::kAccessRefused);
  EXPECT_EQ(cause("CommonName of client sending a request against gateway will be ignored"),
            Cause::kUnsupported);
  EXPECT_EQ(cause("404 page not found\n"), Cause::kUnsupported);
  EXPECT_EQ(cause("anything"), Cause::kServerError);
  const auto long_words = failure_in(response(std::string(5000, 'x'), 503));
  EXPECT_EQ(long_words->peer_text.size(), 2048U);
  EXPECT_EQ(long_words->code, "HTTP 503");
}

TEST(EtcdRequest, QuotesTheCredentials) {
  const auto made = test_support::credentials("a\\b", "p\"\n\x01\xc3\xa4");
  EXPECT_EQ(authenticate_body(*made).reveal(),
            "{\"name\":\"a\\\\b\",\"password\":\"p\\\"\\u000a\\u0001\xc3\xa4\"}");
}

}  // namespace
}  // namespace tlswarden::drivers::etcd
