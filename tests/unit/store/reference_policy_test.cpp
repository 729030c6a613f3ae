#include <gmock/gmock.h>

#include <cstdlib>

#include "store/content_reader.hpp"
#include "store/reference_resolver.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/store/object_maker.hpp"
#include "tests/unit/store/scratch.hpp"

/// What an endpoint in a cluster may refer to.
namespace tlswarden::store {
namespace {

using resource::Reference;
using ::testing::HasSubstr;
using Kind = Reference::Kind;

constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class ReferencePolicyTest : public ::testing::Test {
 protected:
  ReferencePolicyTest() {
    scratch_.write("allowed/ca.pem", "allowed");
    scratch_.write("allowed-not/ca.pem", "not allowed");
    scratch_.write("outside.pem", "not allowed");
  }
  static Reference text(Kind kind, const std::string& name) {
    Reference reference;
    reference.kind = kind;
    reference.text = name;
    return reference;
  }
  base::Result<base::Secret, ContentError> read(const Reference& reference) const {
    const DocumentsPtr documents = documents_of(objects_.done(), {.in_cluster = true, .files = files_});
    return read_content(reference, {*documents, ns_, documents->directory_of("payments/orders")});
  }
  std::string file(const std::string& name) const {
    const auto content = read(text(Kind::kFile, name));
    return content ? std::string(content->reveal()) : "error: " + content.error().message;
  }

  Scratch scratch_;
  std::filesystem::path files_ = scratch_ / "allowed";
  ObjectMaker objects_;
  std::string ns_ = "payments";
};

TEST_F(ReferencePolicyTest, no_endpoint_gets_at_the_agents_environment) {
  ::setenv("TLSWARDEN_TEST_OWN", "the agent's own", 1);
  const auto content = read(text(Kind::kEnv, "TLSWARDEN_TEST_OWN"));
  ASSERT_FALSE(content);
  EXPECT_TRUE(content.error().found);
  EXPECT_THAT(content.error().message, HasSubstr("put the value into a Secret"));
}

TEST_F(ReferencePolicyTest, no_file_is_read_unless_a_directory_is_allowed) {
  files_.clear();
  const auto content = read(text(Kind::kFile, (scratch_ / "allowed/ca.pem").string()));
  ASSERT_FALSE(content);
  EXPECT_TRUE(content.error().found);
  EXPECT_THAT(content.error().message, HasSubstr("allows no files"));
}

TEST_F(ReferencePolicyTest, files_below_the_directory_are_read) {
  EXPECT_EQ(file("ca.pem"), "allowed");
  EXPECT_EQ(file((scratch_ / "allowed/ca.pem").string()), "allowed");
  EXPECT_EQ(file("./x/../ca.pem"), "error: file ./x/../ca.pem does not exist below " + files_.string() +
                                       " in the agent's pod; mount it there, or put the content into a "
                                       "Secret or ConfigMap and refer to that");
  files_ += "/";
  EXPECT_EQ(file("ca.pem"), "allowed");
}

TEST_F(ReferencePolicyTest, a_volumes_own_links_are_followed) {
  scratch_.write("allowed/volume/..2026/tls.crt", "second version");
  std::filesystem::create_symlink("..2026", scratch_ / "allowed/volume/..data");
  std::filesystem::create_symlink("..data/tls.crt", scratch_ / "allowed/volume/tls.crt");
  EXPECT_EQ(file("volume/tls.crt"), "second version");
}

TEST_F(ReferencePolicyTest, nothing_leads_out_of_the_directory) {
  std::filesystem::create_symlink("../outside.pem", scratch_ / "allowed/link.pem");
  std::filesystem::create_directory_symlink("../allowed-not", scratch_ / "allowed/directory");
  for (const std::string& name :
       {std::string("../outside.pem"), std::string("x/../../outside.pem"), std::string("link.pem"),
        std::string("directory/ca.pem"), (scratch_ / "outside.pem").string(),
        (scratch_ / "allowed-not/ca.pem").string(), std::string("/no/such/file"), std::string("..")}) {
    const auto content = read(text(Kind::kFile, name));
    ASSERT_FALSE(content) << name;
    EXPECT_TRUE(content.error().found) << "whether it exists is not told";
    EXPECT_THAT(content.error().message, HasSubstr("is not below " + files_.string()));
  }
}

TEST_F(ReferencePolicyTest, a_file_that_is_not_there_is_not_found) {
  const auto content = read(text(Kind::kFile, "nothing.pem"));
  ASSERT_FALSE(content);
  EXPECT_FALSE(content.error().found);
  files_ = scratch_ / "no-such-directory";
  EXPECT_THAT(file("ca.pem"), HasSubstr("does not exist"));
}

TEST_F(ReferencePolicyTest, what_cannot_be_read_says_why) {
  objects_.unreadable_secret("payments", "client", "the agent may not read it; grant it");
  const auto refused = read(secret_key("client", "tls.crt"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().found);
  EXPECT_EQ(refused.error().message, "the agent may not read it; grant it");
  const auto absent = read(secret_key("other", "tls.crt"));
  ASSERT_FALSE(absent);
  EXPECT_FALSE(absent.error().found);
  EXPECT_THAT(absent.error().message, HasSubstr("does not exist in namespace payments"));
  objects_.unreadable_config_map("payments", "ca", "the agent may not read this either");
  const auto map = read(config_map_key("ca", "ca.crt"));
  EXPECT_EQ(map.error().message, "the agent may not read this either");
}

TEST_F(ReferencePolicyTest, a_resolver_keeps_to_it) {
  test_support::FakeClock clock(kToday);
  const test_support::DemoPki pki = test_support::demo_pki(kToday);
  ReferenceResolver resolver(documents_of(nullptr, {.in_cluster = true, .files = files_}), clock);
  scratch_.write("allowed/ca.pem", pki.root.certificate_pem);
  scratch_.write("outside.key", pki.leaf.key_pem);
  resource::DatabaseEndpoint endpoint;
  endpoint.metadata.ns = "payments";
  endpoint.metadata.name = "orders";
  endpoint.spec.tls.ca = text(Kind::kFile, "ca.pem");
  endpoint.spec.tls.client_certificate = text(Kind::kFile, "ca.pem");
  endpoint.spec.tls.client_key = text(Kind::kFile, "../outside.key");
  const auto material = resolver.resolve(endpoint).material;
  EXPECT_TRUE(material.trust);
  EXPECT_FALSE(material.client);
  EXPECT_FALSE(material.client_key_file) << "nor are its permissions told";
  ASSERT_THAT(material.problems, ::testing::SizeIs(1));
  EXPECT_EQ(material.problems[0].kind, pki::MaterialProblem::Kind::kReferenceInvalid);
  EXPECT_THAT(material.problems[0].message, HasSubstr("is not below"));
}

}  // namespace
}  // namespace tlswarden::store
