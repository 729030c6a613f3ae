#include "store/documents.hpp"

#include <gmock/gmock.h>

#include "tests/unit/store/object_maker.hpp"

namespace tlswarden::store {
namespace {

class DocumentsTest : public ::testing::Test {
 protected:
  DocumentsTest() {
    endpoint_.metadata.ns = "payments";
    endpoint_.spec.tls.ca = config_map_key("ca", "ca.crt");
    endpoint_.spec.tls.client_key = secret_key("client", "tls.key");
  }
  static Documents with(const ObjectMaker& objects) {
    Documents documents;
    documents.objects = objects.done();
    return documents;
  }
  static ObjectMaker usual() {
    return ObjectMaker()
        .config_map("payments", "ca", {{"ca.crt", "root"}})
        .secret("payments", "client", {{"tls.key", "key"}});
  }
  bool same(const ObjectMaker& now) const { return same_for(endpoint_, with(usual()), with(now)); }

  resource::DatabaseEndpoint endpoint_;
};

TEST_F(DocumentsTest, what_holds_the_same_is_the_same) {
  EXPECT_TRUE(same(usual()));
  EXPECT_TRUE(same(usual().secret("payments", "another", {{"a", "b"}})));
  EXPECT_TRUE(same(usual().secret("shop", "client", {{"tls.key", "theirs"}})));
}

TEST_F(DocumentsTest, every_change_to_what_is_referred_to_is_one) {
  EXPECT_FALSE(same(usual().secret("payments", "client", {{"tls.key", "other"}})));
  EXPECT_FALSE(same(usual().secret("payments", "client", {{"tls.key", "key"}, {"more", ""}})));
  EXPECT_FALSE(same(usual().config_map("payments", "ca", {{"ca.crt", "other"}})));
  EXPECT_FALSE(same(ObjectMaker().secret("payments", "client", {{"tls.key", "key"}})));
  EXPECT_FALSE(same(usual().unreadable_secret("payments", "client", "forbidden")));
  EXPECT_FALSE(same(usual().unreadable_config_map("payments", "ca", "forbidden")));
}

TEST_F(DocumentsTest, objects_of_a_cluster_are_shared_and_not_copied) {
  const auto objects = usual().done();
  const DocumentsPtr documents = documents_of(objects, {.in_cluster = true, .files = "/etc/files"});
  EXPECT_EQ(documents->objects, objects);
  EXPECT_EQ(documents->directory_of("payments/orders"), "/etc/files");
  EXPECT_TRUE(documents_of(nullptr, {})->objects);
}

TEST_F(DocumentsTest, a_manifests_documents_are_taken_out_of_it) {
  resource::Manifest manifest = resource::parse_manifest(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: client, namespace: payments}\ndata: {tls.key: a2V5}\n"
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: payments}\n"
      "data: {ca.crt: root}\n",
      "/manifests/all.yaml");
  ASSERT_FALSE(manifest.has_errors());
  const DocumentsPtr taken = take_documents(manifest);
  EXPECT_TRUE(manifest.secrets.empty());
  EXPECT_TRUE(same_for(endpoint_, with(usual()), *taken));
  EXPECT_FALSE(taken->policy.in_cluster);
}

}  // namespace
}  // namespace tlswarden::store
