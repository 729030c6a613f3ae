#include "cli/agent_options.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace tlswarden::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A parsed command line.
struct Given {
  explicit Given(std::vector<std::string> words) {
    add_agent_options(app, options);
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
    checked = check_agent_options(app, options);
  }
  CLI::App app;
  AgentOptions options;
  base::Result<void> checked;
};

std::string complaint(std::vector<std::string> words) {
  const Given given(std::move(words));
  return given.checked ? "" : given.checked.error().message;
}

TEST(AgentOptions, one_home_must_be_named) {
  EXPECT_THAT(complaint({}), AllOf(HasSubstr("--manifests DIR"), HasSubstr("--kubernetes")));
  EXPECT_EQ(complaint({"--manifests", "a"}), "");
  EXPECT_EQ(complaint({"--kubernetes"}), "");
}

TEST(AgentOptions, an_option_of_the_other_home_is_refused_by_its_name) {
  EXPECT_THAT(complaint({"--kubernetes", "--manifests", "a"}),
              AllOf(HasSubstr("--manifests"), HasSubstr("without --kubernetes")));
  EXPECT_THAT(complaint({"--kubernetes", "--state", "f"}), HasSubstr("--state"));
  for (const char* option :
       {"--replicas", "--namespace", "--kubeconfig", "--context", "--cluster", "--user", "--identity",
        "--lease-namespace", "--lease-group", "--allow-files", "--max-writes"}) {
    EXPECT_THAT(complaint({"--manifests", "a", option, "2"}),
                AllOf(HasSubstr(option), HasSubstr("with --kubernetes")));
  }
}

TEST(AgentOptions, a_cluster_by_default_is_all_of_it_for_one_replica) {
  const Given given({"--kubernetes"});
  EXPECT_TRUE(given.options.cluster.namespaces.empty());
  EXPECT_EQ(given.options.cluster.replicas, 1);
  EXPECT_EQ(given.options.cluster.allowed_files, "");
}

TEST(AgentOptions, namespaces_add_up) {
  const Given given({"--kubernetes", "--namespace", "a", "--namespace", "b"});
  EXPECT_THAT(given.options.cluster.namespaces, ElementsAre("a", "b"));
}

TEST(AgentOptions, a_number_out_of_range_is_refused) {
  for (const char* replicas : {"0", "-1", "1001", "many"})
    EXPECT_THROW(Given({"--kubernetes", "--replicas", replicas}), CLI::ParseError) << replicas;
}

}  // namespace
}  // namespace tlswarden::cli
