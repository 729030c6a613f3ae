#include "cli/field_ownership.hpp"

#include <gtest/gtest.h>

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

Json object(const char* managers) {
  return Json{{"metadata", {{"resourceVersion", "7"}, {"managedFields", Json::parse(managers)}}}};
}

TEST(TakeoverFromKubectl, unites_the_fields_and_leaves_everybody_elses) {
  const auto patch = takeover_from_kubectl(object(R"([
    {"manager":"tlswarden-cli","operation":"Apply","fieldsV1":{"f:spec":{"f:host":{}}}},
    {"manager":"kubectl-client-side-apply","operation":"Update","fieldsV1":{
      "f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}},
      "f:spec":{"f:host":{},"f:port":{}}}},
    {"manager":"tlswarden","operation":"Apply","subresource":"status","fieldsV1":{"f:status":{}}}])"));
  ASSERT_TRUE(patch);
  EXPECT_EQ(
      patch->dump(),
      R"([{"op":"replace","path":"/metadata/managedFields","value":[)"
      R"({"manager":"tlswarden","operation":"Apply","subresource":"status","fieldsV1":{"f:status":{}}},)"
      R"({"manager":"tlswarden-cli","operation":"Apply","fieldsV1":{"f:spec":{"f:host":{},"f:port":{}},)"
      R"("f:metadata":{}}}]},{"op":"replace","path":"/metadata/resourceVersion","value":"7"}])");
}

TEST(TakeoverFromKubectl, is_nothing_where_kubectl_wrote_nothing_in_that_way) {
  EXPECT_FALSE(takeover_from_kubectl(object("[]")));
  EXPECT_FALSE(takeover_from_kubectl(Json::object()));
  EXPECT_FALSE(takeover_from_kubectl(object(R"([
    {"manager":"tlswarden-cli","operation":"Apply","fieldsV1":{}},
    {"manager":"kubectl","operation":"Apply","fieldsV1":{"f:spec":{"f:host":{}}}},
    {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:port":{}}}}])")));
  EXPECT_FALSE(takeover_from_kubectl(object(R"([7, {"manager":1},
    {"manager":"kubectl-client-side-apply","operation":"Update","fieldsV1":{"f:spec":{}}}])")));
}

}  // namespace
}  // namespace tlswarden::cli
