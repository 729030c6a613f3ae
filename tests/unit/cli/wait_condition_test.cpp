#include "cli/wait_condition.hpp"

#include <gmock/gmock.h>

namespace tlswarden::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

using Json = nlohmann::ordered_json;

Json endpoint(const char* status, int generation = 2) {
  return {{"metadata", {{"generation", generation}}}, {"status", Json::parse(status)}};
}

bool met(const char* condition, const Json& object) {
  const auto parsed = parse_wait_condition(condition);
  EXPECT_TRUE(parsed) << parsed.error().message;
  const auto result = is_met(*parsed, object);
  EXPECT_TRUE(result) << result.error().message;
  return *result;
}

const Json kReady = endpoint(R"({"observedGeneration":2,"mode":"a b","n":5,
                                "conditions":[{"type":"Ready","status":"True"}]})");

TEST(WaitCondition, IsMetByTheStatusInAnyCase) {
  EXPECT_TRUE(met("condition=Ready", kReady));
  EXPECT_TRUE(met("condition=ready=true", kReady));
  EXPECT_FALSE(met("condition=Ready=False", kReady));
  EXPECT_FALSE(met("condition=Reachable", kReady));
}

TEST(WaitCondition, OfAnOlderGenerationDoesNotCount) {
  const char* whole = R"({"observedGeneration":2,"conditions":[{"type":"Ready","status":"True"}]})";
  EXPECT_FALSE(met("condition=Ready", endpoint(whole, 3)));
  const char* own = R"({"observedGeneration":3,
                        "conditions":[{"type":"Ready","status":"True","observedGeneration":2}]})";
  EXPECT_FALSE(met("condition=Ready", endpoint(own, 3)));
  EXPECT_TRUE(met("condition=Ready", endpoint(own, 2)));
}

TEST(WaitCondition, APathIsMetByItsValueOrByBeingThere) {
  EXPECT_TRUE(met("jsonpath={.status.mode}=a b", kReady));
  EXPECT_FALSE(met("jsonpath={.status.mode}=a", kReady));
  EXPECT_TRUE(met("jsonpath={.status.n}=5", kReady));
  EXPECT_TRUE(met("jsonpath=.status.n", kReady));
  // An element that is not there may come.
  EXPECT_FALSE(met("jsonpath={.status.conditions[7].type}=Ready", kReady));
  EXPECT_FALSE(met("jsonpath={.status.other}", kReady));
  EXPECT_TRUE(met("jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=True", kReady));
}

TEST(WaitCondition, WhatHasNoOneValueCannotBeCompared) {
  const auto condition = parse_wait_condition("jsonpath={.status.conditions}=x");
  ASSERT_TRUE(condition);
  EXPECT_THAT(is_met(*condition, kReady).error().message, HasSubstr("nested object or list"));
}

TEST(WaitCondition, OtherFormsAreRefused) {
  for (const char* text : {"", "Ready", "condition=", "jsonpath={.a}=", "jsonpath={.a b}"})
    EXPECT_FALSE(parse_wait_condition(text)) << text;
}

struct Span {
  const char* text;
  nanoseconds span;
};

class GoDurations : public ::testing::TestWithParam<Span> {};
INSTANTIATE_TEST_SUITE_P(Table, GoDurations,
                         ::testing::Values(Span{"30s", seconds(30)}, Span{"1h2m3s", seconds(3723)},
                                           Span{"1.5m", seconds(90)}, Span{"500ms", milliseconds(500)},
                                           Span{"0", seconds(0)}, Span{"0s", seconds(0)},
                                           Span{"-1s", seconds(-1)}, Span{"10us", nanoseconds(10'000)}));

TEST_P(GoDurations, AreRead) {
  const auto span = parse_go_duration(GetParam().text);
  ASSERT_TRUE(span);
  EXPECT_EQ(*span, GetParam().span);
}

TEST(GoDuration, NonsenseIsRefused) {
  for (const char* text : {"", "-", "5", "s", "5d", "1..5s", "5s5", "99999999999h", "1e3s"})
    EXPECT_FALSE(parse_go_duration(text)) << text;
}

}  // namespace
}  // namespace tlswarden::cli
