#include "serve/exposed_labels.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace tlswarden::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::vector<std::pair<std::string, std::string>> told(const std::vector<std::string>& keys,
                                                      const resource::Metadata& metadata) {
  std::vector<prometheus::ClientMetric::Label> labels;
  ExposedLabels::of(keys).value().append_to(labels, metadata);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& label : labels)
    pairs.emplace_back(label.name, label.value);
  return pairs;
}

TEST(ExposedLabels, have_names_that_prometheus_allows_and_are_empty_where_an_endpoint_lacks_them) {
  resource::Metadata metadata;
  metadata.labels = {{"team", "payments"}, {"app.kubernetes.io/part-of", "shop"}};
  EXPECT_THAT(told({"team", "app.kubernetes.io/part-of", "tier"}, metadata),
              ElementsAre(Pair("label_team", "payments"), Pair("label_app_kubernetes_io_part_of", "shop"),
                          Pair("label_tier", "")));
}

TEST(ExposedLabels, are_bounded) {
  resource::Metadata metadata;
  metadata.labels = {{"team", std::string(1000, 'x')}};
  EXPECT_LE(told({"team"}, metadata).front().second.size(), 66U);
  EXPECT_TRUE(ExposedLabels::of(std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
                                                         "k", "l", "m", "n", "o", "p"}));
  EXPECT_FALSE(ExposedLabels::of(std::vector<std::string>(17, "x")));
}

TEST(ExposedLabels, that_are_no_label_keys_are_refused_by_name) {
  for (const char* key : {"", "-team", "team-", "a b", "a/", "/a", "a/b/c", "t\"eam", "t\u00e9am"}) {
    const auto labels = ExposedLabels::of({key});
    ASSERT_FALSE(labels) << key;
    EXPECT_THAT(labels.error().message, HasSubstr("is no label key"));
  }
  EXPECT_FALSE(ExposedLabels::of({std::string(64, 'x')}));
}

TEST(ExposedLabels, that_would_share_a_name_are_refused) {
  const auto labels = ExposedLabels::of({"cost-center", "cost.center"});
  ASSERT_FALSE(labels);
  EXPECT_THAT(labels.error().message, HasSubstr("label_cost_center"));
}

}  // namespace
}  // namespace tlswarden::serve
