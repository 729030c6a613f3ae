#include "kube/status_text.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace tlswarden::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::WallTime kTime{base::Seconds(1'800'000'000)};

reconcile::Record record() {
  reconcile::Record record;
  record.status.observed_generation = 2;
  record.status.conditions = {
      {"Ready", resource::ConditionStatus::kTrue, "Healthy", "All is well.", kTime, 2}};
  return record;
}

TEST(StatusText, remembers_what_must_outlive_a_replica) {
  reconcile::Record given = record();
  given.memory.consecutive_failures = 1;
  given.memory.plaintext = probe::PlaintextObservation{};
  given.memory.plaintext->at = kTime;
  given.memory.plaintext->accepted = probe::Tristate::kYes;
  const auto read = record_from_text(*status_text(given));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->memory.consecutive_failures, 1);
  ASSERT_TRUE(read->memory.plaintext);
  EXPECT_EQ(read->memory.plaintext->at, kTime);
  EXPECT_TRUE(resource::same_meaning(read->status, given.status));
}

TEST(StatusText, says_nothing_of_a_memory_that_is_empty) {
  EXPECT_THAT(*status_text(record()), Not(HasSubstr("agentMemory")));
}

TEST(StatusText, a_memory_is_never_longer_than_the_schema_lets_it_be) {
  reconcile::Record given = record();
  given.memory.plaintext = probe::PlaintextObservation{};
  given.memory.plaintext->at = kTime;
  given.memory.plaintext->failure = probe::Failure{};
  given.memory.plaintext->failure->message = std::string(20'000, 'x');
  const auto document = nlohmann::json::parse(*status_text(given));
  EXPECT_LT(document.at("agentMemory").get<std::string>().size(), 16384u);
  EXPECT_TRUE(record_from_text(*status_text(given))->memory.plaintext);
}

TEST(StatusText, conditions_of_others_are_not_read) {
  const auto read = record_from_text(
      R"({"observedGeneration":1,"conditions":[{"type":"example.com/Mine","status":"True"}]})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->status.conditions.empty());
}

TEST(StatusText, what_something_else_wrote_is_an_error) {
  for (const char* text : {"", "{", "[]", R"({"conditions":7})", R"({"agentMemory":"[]"})"})
    EXPECT_FALSE(record_from_text(text)) << text;
}

TEST(StatusText, is_compared_by_what_it_says) {
  const auto held = std::make_shared<const std::string>(
      R"({"b":[1,2],"a":1,"conditions":[{"type":"Stalled","status":"False"},{"status":"True","type":"Ready"},{"type":"x.y/Z"}]})");
  const std::string same =
      R"({"a":1,"conditions":[{"type":"Ready","status":"True"},{"type":"Stalled","status":"False"}],"b":[1,2]})";
  EXPECT_TRUE(says_the_same(held, same));
  EXPECT_FALSE(says_the_same(nullptr, same));
  EXPECT_FALSE(says_the_same(held, R"({"a":1,"b":[1,2]})"));
  EXPECT_FALSE(says_the_same(
      held,
      R"({"a":1,"conditions":[{"type":"Ready","status":"False"},{"type":"Stalled","status":"False"}],"b":[1,2]})"));
  EXPECT_FALSE(says_the_same(
      held,
      R"({"a":1,"conditions":[{"type":"Ready","status":"True"},{"type":"Stalled","status":"False"}],"b":[2,1]})"));
}

}  // namespace
}  // namespace tlswarden::kube
