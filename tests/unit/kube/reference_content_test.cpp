#include "kube/reference_content.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using Kind = ReferencedObject::Kind;
using ::testing::HasSubstr;
using ::testing::Not;

const ReferencedObject kSecret{Kind::kSecret, "payments", "orders"};
const ReferencedObject kMap{Kind::kConfigMap, "payments", "ca"};

ReferenceContent read(const ReferencedObject& object, std::string_view json) {
  return read_reference(object, nlohmann::ordered_json::parse(json));
}

TEST(ReferenceContentTest, values_are_decoded_whatever_bytes_they_are) {
  const auto secret = read(kSecret, R"({"data":{"a":"aHVudGVyMg==","empty":"","bytes":"AAH/"}})").secret;
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->at("a").reveal(), "hunter2");
  EXPECT_EQ(secret->at("empty").reveal(), "");
  EXPECT_EQ(secret->at("bytes").reveal(), std::string_view("\0\x01\xFF", 3));
  const auto map = read(kMap, R"({"data":{"a":"plain"},"binaryData":{"b":"AAE="}})").config_map;
  ASSERT_TRUE(map);
  EXPECT_EQ(map->at("a"), "plain");
  EXPECT_EQ(map->at("b"), std::string("\0\x01", 2));
}

TEST(ReferenceContentTest, no_data_is_an_object_without_keys) {
  for (const char* json : {"{}", R"({"data":null})", R"({"data":{}})"}) {
    ASSERT_TRUE(read(kSecret, json).secret) << json;
    EXPECT_TRUE(read(kSecret, json).secret->empty());
    EXPECT_TRUE(read(kMap, json).config_map->empty());
  }
}

TEST(ReferenceContentTest, a_broken_one_is_a_problem_that_shows_no_value) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"data":{"tls.key":"hunter2!"}})", "the value of its key tls.key is no base64"},
      {R"({"data":{"tls.key":7}})", "the value of its key tls.key is no text"},
      {R"({"data":["hunter2"]})", "its data is no mapping"}};
  for (const auto& [json, message] : cases) {
    const ReferenceContent content = read(kSecret, json);
    EXPECT_FALSE(content.secret);
    EXPECT_THAT(content.problem, HasSubstr("Secret orders in namespace payments cannot be used"));
    EXPECT_THAT(content.problem, HasSubstr(message));
    EXPECT_THAT(content.problem, Not(HasSubstr("hunter2")));
  }
}

TEST(ReferenceContentTest, one_object_holds_no_more_than_its_bound) {
  const std::string half(kMostReferenceBytes / 2 - 1, 'x');
  const auto of = [&](const std::string& more) {
    return read(kMap, R"({"data":{"a":")" + half + R"(","b":")" + half + more + R"("}})");
  };
  EXPECT_TRUE(of("").config_map);
  EXPECT_THAT(of("x").problem, HasSubstr("more than 4 MiB"));
}

TEST(ReferenceContentTest, the_same_content_is_the_same_wherever_it_lies) {
  const char* json = R"({"data":{"a":"aHVudGVyMg=="}})";
  EXPECT_TRUE(same_content(read(kSecret, json), read(kSecret, json)));
  EXPECT_TRUE(same_content({}, {}));
  EXPECT_FALSE(same_content(read(kSecret, json), {}));
  EXPECT_FALSE(same_content(read(kSecret, json), read(kSecret, R"({"data":{"b":"aHVudGVyMg=="}})")));
  EXPECT_FALSE(same_content(forbidden_reference(kSecret), {}));
}

TEST(ReferenceContentTest, only_names_of_objects_are_asked_for) {
  EXPECT_TRUE(can_exist({Kind::kSecret, "payments", "orders.tls-1"}));
  for (const char* name : {"", ".", "..", "a/b", "A", "a b", "-a", "a-", "a,b", "a%2f", "a?b"})
    EXPECT_FALSE(can_exist({Kind::kSecret, "payments", name})) << name;
  for (const char* ns : {"", "..", "a.b", "a/b"})
    EXPECT_FALSE(can_exist({Kind::kSecret, ns, "orders"})) << ns;
  EXPECT_FALSE(can_exist({Kind::kSecret, std::string(64, 'a'), "orders"}));
  EXPECT_FALSE(can_exist({Kind::kSecret, "payments", std::string(254, 'a')}));
}

}  // namespace
}  // namespace tlswarden::kube
