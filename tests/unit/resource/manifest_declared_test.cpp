#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const ManifestUse kForCluster{.keep = ManifestUse::Keep::kDocuments, .default_namespace = "payments"};
const ManifestUse kNames{.keep = ManifestUse::Keep::kNames, .default_namespace = "payments"};

Manifest read(const std::string& text, const ManifestUse& use = kForCluster) {
  std::vector<Manifest> parts;
  parts.push_back(parse_manifest(text, "a.yaml", {}, use));
  return merge_manifests(std::move(parts), use);
}

std::string declared(const std::string& text) {
  const Manifest manifest = read(text);
  EXPECT_EQ(text_of(manifest), "");
  return manifest.declared.size() == 1 ? std::string(manifest.declared.front().content.reveal()) : "";
}

TEST(DeclaredDocuments, hold_what_was_written_without_defaults) {
  EXPECT_EQ(declared(endpoint_document("a", "{engine: redis, host: db, port: 7000}")),
            R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint",)"
            R"("metadata":{"name":"a","namespace":"payments"},)"
            R"("spec":{"engine":"redis","host":"db","port":7000}})");
}

TEST(DeclaredDocuments, leave_out_what_belongs_to_the_server) {
  EXPECT_EQ(declared("apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata:\n"
                     "  name: a\n  namespace: billing\n  uid: u\n  resourceVersion: '7'\n  generation: 2\n"
                     "  creationTimestamp: 2026-01-01T00:00:00Z\n  managedFields: []\n  labels: null\n"
                     "  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}', note: x}\n"
                     "spec: {engine: redis, host: db}\nstatus: {observedGeneration: 2}\n"),
            R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint",)"
            R"("metadata":{"name":"a","namespace":"billing","annotations":{"note":"x"}},)"
            R"("spec":{"engine":"redis","host":"db"}})");
}

TEST(DeclaredDocuments, hold_a_secret_as_a_server_gives_it_back) {
  EXPECT_EQ(declared("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\n"
                     "data: {a: eA==, b: eA==}\nstringData: {a: '', b: f, c: fo, d: foo, e: \"\\u00ff\"}\n"),
            R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"payments"},)"
            R"("type":"Opaque","data":{"a":"","b":"Zg==","c":"Zm8=","d":"Zm9v","e":"w78="}})");
}

TEST(DeclaredDocuments, stand_in_the_order_of_the_text) {
  const Manifest manifest = read(
      "apiVersion: v1\nkind: List\nitems:\n"
      "- {apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: x}}\n"
      "- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n---\n" +
      endpoint_document("a", "{engine: redis, host: db}"));
  EXPECT_EQ(text_of(manifest), "");
  std::vector<std::string> shown;
  for (const DeclaredDocument& document : manifest.declared) {
    shown.push_back(document.kind + " " + document.ns + "/" + document.name + ":" +
                    std::to_string(document.line) + (document.own_namespace ? " own" : ""));
  }
  EXPECT_THAT(shown,
              ElementsAre("ConfigMap x/m:4 own", "Secret payments/s:5", "DatabaseEndpoint payments/a:7"));
}

TEST(DeclaredDocuments, may_refer_to_what_the_cluster_has) {
  const std::string endpoint = endpoint_document(
      "a", "{engine: redis, host: db, auth: {password: {secretKeyRef: {name: s, key: password}}}}");
  EXPECT_EQ(text_of(read(endpoint)), "");
  const Manifest lacking = read("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\n" + endpoint);
  EXPECT_EQ(text_of(lacking),
            "a.yaml:8: spec.auth.password: Secret payments/s has no key password; it has none at all\n");
  EXPECT_FALSE(lacking.has_errors());
  EXPECT_THAT(lacking.declared, SizeIs(2));
}

TEST(DeclaredDocuments, are_not_kept_for_an_agent) {
  EXPECT_THAT(read(endpoint_document("a", "{engine: redis, host: db}"), {}).declared, IsEmpty());
}

TEST(DeclaredDocuments, with_errors_are_left_out) {
  const Manifest manifest =
      read(endpoint_document("a", "{engine: redis}") + endpoint_document("b", "{engine: redis, host: db}"));
  EXPECT_TRUE(manifest.has_errors());
  ASSERT_THAT(manifest.declared, SizeIs(1));
  EXPECT_EQ(manifest.declared.front().name, "b");
}

TEST(DeclaredNames, are_read_of_documents_that_are_valid_no_more) {
  const Manifest manifest = read(endpoint_document("a", "{engine: gone, colour: red}"), kNames);
  EXPECT_EQ(text_of(manifest), "");
  ASSERT_THAT(manifest.declared, SizeIs(1));
  EXPECT_EQ(manifest.declared.front().ns, "payments");
  EXPECT_TRUE(manifest.declared.front().content.empty());
  EXPECT_THAT(manifest.endpoints, IsEmpty());
}

TEST(DeclaredNames, are_refused_where_two_documents_have_one) {
  const std::string endpoint = endpoint_document("a", "{engine: redis, host: db}");
  EXPECT_TRUE(read(endpoint + endpoint, kNames).has_errors());
  EXPECT_TRUE(read("apiVersion: v1\nkind: Secret\nmetadata: {}\n", kNames).has_errors());
}

}  // namespace
}  // namespace tlswarden::resource
