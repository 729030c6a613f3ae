#include "kube/endpoint_collection.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/kube/cluster_fakes.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Object object_of(const std::string& text) {
  return make_object(nlohmann::ordered_json::parse(text)).value();
}

class EndpointCollectionTest : public ::testing::Test {
 protected:
  void upsert(const std::string& text) { collection_.upsert(object_of(text)); }
  KnownEndpoint known(const std::string& name) const {
    const auto found = register_.find("payments", name);
    EXPECT_TRUE(found) << name;
    return found.value_or(KnownEndpoint{});
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const reconcile::StoredEndpoint& stored : register_.fleet())
      names.push_back(stored.endpoint->metadata.name);
    return names;
  }

  EndpointRegister register_;
  int changes_ = 0;
  EndpointCollection collection_{register_, [this] { ++changes_; }};
};

TEST_F(EndpointCollectionTest, an_object_is_read_like_a_manifest_with_what_the_server_owns) {
  upsert(endpoint_object("a", "u-1", "7", R"({"engine":"mysql","host":"db.internal"})",
                         R"({"observedGeneration":3,"conditions":[]})", 3, R"({"team":"payments"})"));
  const KnownEndpoint a = known("a");
  ASSERT_TRUE(a.endpoint);
  EXPECT_EQ(a.endpoint->metadata.uid, "u-1");
  EXPECT_EQ(a.endpoint->metadata.generation, 3);
  EXPECT_EQ(a.endpoint->metadata.labels.at("team"), "payments");
  EXPECT_EQ(a.endpoint->spec.port, 3306);
  EXPECT_EQ(a.endpoint->spec.tls.mode, resource::TlsMode::kPrefer);
  EXPECT_EQ(a.resource_version, "7");
  EXPECT_EQ(*a.status, R"({"observedGeneration":3,"conditions":[]})");
  EXPECT_EQ(changes_, 1);
}

TEST_F(EndpointCollectionTest, a_status_that_is_only_the_schemas_default_is_none) {
  upsert(endpoint_object("a", "u-1", "7"));
  EXPECT_EQ(known("a").status, nullptr);
}

TEST_F(EndpointCollectionTest, a_change_of_the_status_is_no_change_of_the_endpoint) {
  upsert(endpoint_object("a", "u-1", "7"));
  const KnownEndpoint before = known("a");
  const std::string spec = R"({"engine":"postgresql","host":"db.internal"})";
  upsert(endpoint_object("a", "u-1", "8", spec, R"({"observedGeneration":1})"));
  const KnownEndpoint after = known("a");
  EXPECT_EQ(after.endpoint, before.endpoint);
  EXPECT_EQ(after.resource_version, "8");
  EXPECT_EQ(changes_, 1);
  upsert(endpoint_object("a", "u-1", "9", spec, R"({"observedGeneration":1})"));
  EXPECT_EQ(known("a").status, after.status) << "the same status is the same pointer";
  upsert(endpoint_object("a", "u-1", "10", spec, R"({"observedGeneration":1})", 1, R"({"team":"b"})"));
  EXPECT_NE(known("a").endpoint, before.endpoint);
  EXPECT_EQ(changes_, 2);
}

TEST_F(EndpointCollectionTest, a_listing_takes_effect_as_a_whole) {
  upsert(endpoint_object("gone", "u-0", "1"));
  collection_.stage(object_of(endpoint_object("void", "u-9", "2")));
  collection_.discard_staged();
  collection_.stage(object_of(endpoint_object("b", "u-2", "3")));
  collection_.stage(object_of(endpoint_object("a", "u-1", "2")));
  EXPECT_THAT(names(), ElementsAre("gone"));
  EXPECT_FALSE(collection_.synced());
  collection_.replace({{"payments", "gone", "u-0"}});
  EXPECT_TRUE(collection_.synced());
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_EQ(changes_, 2);
  collection_.replace({});
  EXPECT_EQ(changes_, 2) << "nothing has changed";
}

TEST_F(EndpointCollectionTest, a_first_listing_is_news_even_when_it_is_empty) {
  collection_.replace({});
  EXPECT_EQ(changes_, 1);
}

TEST_F(EndpointCollectionTest, only_the_object_of_that_uid_is_removed) {
  upsert(endpoint_object("a", "u-2", "7"));
  collection_.remove({"payments", "a", "u-1"});
  EXPECT_THAT(names(), ElementsAre("a"));
  collection_.remove({"payments", "a", "u-2"});
  EXPECT_EQ(register_.size(), 0u);
  EXPECT_EQ(changes_, 2);
}

TEST_F(EndpointCollectionTest, what_cannot_be_an_endpoint_is_kept_with_its_fault) {
  upsert(endpoint_object("a", "u-1", "7", R"({"engine":"postgresql","host":"db.internal","pace":"fast"})",
                         R"({"observedGeneration":-1})", 4));
  const KnownEndpoint a = known("a");
  EXPECT_FALSE(a.endpoint);
  ASSERT_TRUE(a.refused);
  EXPECT_EQ(a.metadata().uid, "u-1");
  EXPECT_EQ(a.metadata().generation, 4);
  EXPECT_THAT(a.refused->sentence, HasSubstr("spec.pace"));
  EXPECT_THAT(names(), ElementsAre());
  EXPECT_EQ(register_.size(), 1u);
  for (const char* spec : {"null", "7", "[]", R"({"engine":7,"host":{}})"}) {
    upsert(endpoint_object("b", std::string("u-") + std::to_string(std::string(spec).size()), "8", spec));
    EXPECT_TRUE(known("b").refused) << spec;
  }
}

TEST_F(EndpointCollectionTest, what_servers_and_tools_add_to_the_metadata_is_no_fault) {
  const std::string text = endpoint_object("a", "u-1", "7");
  auto document = nlohmann::ordered_json::parse(text);
  document["metadata"]["generateName"] = "a-";
  document["metadata"]["annotations"] = {{"kubectl.kubernetes.io/last-applied-configuration", "{…}"},
                                         {"note", "kept"}};
  upsert(document.dump());
  const KnownEndpoint a = known("a");
  ASSERT_TRUE(a.endpoint);
  EXPECT_EQ(a.endpoint->metadata.annotations.size(), 1u);
  EXPECT_EQ(a.endpoint->metadata.annotations.at("note"), "kept");
}

}  // namespace
}  // namespace tlswarden::kube
