#include "kube/in_cluster.hpp"

#include <gmock/gmock.h>

#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::HasSubstr;

class InClusterTest : public ::testing::Test {
 protected:
  InClusterTest() {
    scratch_.write("token", "t");
    scratch_.write("ca.crt", "ca");
    scratch_.write("namespace", "tlswarden\n");
  }
  PodSurroundings pod(std::optional<std::string> host, std::optional<std::string> port) const {
    return {.host = std::move(host), .port = std::move(port), .directory = scratch_.root().string()};
  }
  store::Scratch scratch_;
};

TEST_F(InClusterTest, a_pod_finds_its_server_token_authority_and_namespace) {
  const auto access = in_cluster_access(pod("10.96.0.1", "443"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(to_string(access->server), "https://10.96.0.1");
  EXPECT_EQ(access->token_file, (scratch_ / "token").string());
  EXPECT_EQ(access->authority.file, (scratch_ / "ca.crt").string());
  EXPECT_EQ(access->ns, "tlswarden");
}

TEST_F(InClusterTest, an_ipv6_service_address_gets_its_brackets) {
  const auto access = in_cluster_access(pod("fd00::1", "443"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->server.host, "fd00::1");
}

TEST_F(InClusterTest, elsewhere_it_is_an_error_that_says_what_is_missing) {
  EXPECT_FALSE(in_cluster(pod(std::nullopt, "443")));
  EXPECT_FALSE(in_cluster(pod("10.96.0.1", "")));
  EXPECT_THAT(in_cluster_access(pod(std::nullopt, "443")).error().message, HasSubstr("this is no pod"));
  std::filesystem::remove(scratch_ / "token");
  EXPECT_THAT(in_cluster_access(pod("10.96.0.1", "443")).error().message,
              HasSubstr("automountServiceAccountToken"));
}

}  // namespace
}  // namespace tlswarden::kube
