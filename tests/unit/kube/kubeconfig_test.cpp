#include "kube/kubeconfig.hpp"

#include <gmock/gmock.h>

#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kConfig = R"(apiVersion: v1
kind: Config
current-context: dev
preferences: {}
clusters:
- name: dev
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes
- name: prod
  cluster:
    server: https://prod.example.com
    certificate-authority: ignored.crt
    certificate-authority-data: Y2EgcGVt
- name: plain
  cluster: {server: "http://127.0.0.1:8001"}
users:
- name: alice
  user:
    client-certificate: /abs/alice.crt
    client-key-data: a2V5IHBlbQ==
- name: robot
  user: {token: from-text, tokenFile: token}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/login
      args: [get-token, --quiet]
      env: [{name: REGION, value: eu}]
      interactiveMode: IfAvailable
      provideClusterInfo: true
      installHint: install the plugin
contexts:
- name: dev
  context: {cluster: dev, user: alice, namespace: payments}
- name: prod
  context: {cluster: prod, user: robot}
- name: exec
  context: {cluster: prod, user: plugin}
- name: plain
  context: {cluster: plain, user: robot}
- name: dangling
  context: {cluster: nowhere, user: alice}
)";

class KubeconfigTest : public ::testing::Test {
 protected:
  base::Result<ClusterAccess> load(const std::string& context = {}) const {
    return load_kubeconfig({.explicit_file = (scratch_ / "config").string(), .environment = {}, .home = {}},
                           {.context = context, .cluster = {}, .user = {}});
  }
  /// The message for a config whose cluster and user have these extra lines.
  std::string refused(const std::string& cluster, const std::string& user) const {
    scratch_.write("config", "current-context: c\nclusters: [{name: c, cluster: {" + cluster +
                                 "}}]\nusers: [{name: u, user: {" + user +
                                 "}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n");
    const auto access = load();
    return access ? "accepted" : access.error().message;
  }

  store::Scratch scratch_;
};

TEST_F(KubeconfigTest, the_current_context_is_resolved_with_paths_relative_to_the_file) {
  scratch_.write("config", kConfig);
  const auto access = load();
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(to_string(access->server), "https://127.0.0.1:6443");
  EXPECT_EQ(access->tls_server_name, "kubernetes");
  EXPECT_EQ(access->authority.file, (scratch_ / "pki/ca.crt").string());
  EXPECT_EQ(access->client_certificate.file, "/abs/alice.crt");
  EXPECT_EQ(access->client_key.data.reveal(), "key pem");
  EXPECT_EQ(access->ns, "payments");
  EXPECT_THAT(access->origin, HasSubstr("context dev"));
}

TEST_F(KubeconfigTest, data_wins_over_files_and_a_token_over_its_file) {
  scratch_.write("config", kConfig);
  const auto access = load("prod");
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->authority.data.reveal(), "ca pem");
  EXPECT_EQ(access->authority.file, "");
  EXPECT_EQ(access->token.reveal(), "from-text");
  EXPECT_EQ(access->token_file, (scratch_ / "token").string());
}

TEST_F(KubeconfigTest, an_exec_plugin_with_a_path_starts_at_the_file) {
  scratch_.write("config", kConfig);
  const auto access = load("exec");
  ASSERT_TRUE(access) << access.error().message;
  ASSERT_EQ(access->exec.size(), 1u);
  const ExecPlugin& plugin = access->exec.front();
  EXPECT_EQ(plugin.command, (scratch_ / "bin/login").string());
  EXPECT_THAT(plugin.arguments, ::testing::ElementsAre("get-token", "--quiet"));
  EXPECT_THAT(plugin.environment, ::testing::ElementsAre(::testing::Pair("REGION", "eu")));
  EXPECT_TRUE(plugin.wants_cluster);
}

TEST_F(KubeconfigTest, over_http_there_is_no_user) {
  scratch_.write("config", kConfig);
  const auto access = load("plain");
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_TRUE(access->token.empty());
  EXPECT_EQ(access->token_file, "");
}

TEST_F(KubeconfigTest, of_two_files_the_first_wins_entry_by_entry) {
  const auto first = scratch_.write("one/config", R"(clusters: [{name: c, cluster: {server: "https://one"}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: ""
)");
  const auto second = scratch_.write(
      "two/config", R"(clusters: [{name: c, cluster: {server: "https://two", tls-server-name: two}}]
users: [{name: u, user: {tokenFile: token}}]
current-context: c
)");
  const std::string list = first.string() + "::" + (scratch_ / "missing").string() + ":" + second.string();
  const auto access = load_kubeconfig({.explicit_file = {}, .environment = list, .home = {}}, {});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(to_string(access->server), "https://one");
  EXPECT_EQ(access->tls_server_name, "");
  EXPECT_EQ(access->token_file, (scratch_ / "two/token").string());
}

TEST_F(KubeconfigTest, the_home_directory_is_the_last_resort) {
  scratch_.write(".kube/config", kConfig);
  const KubeconfigPlaces places{
      .explicit_file = {}, .environment = std::nullopt, .home = scratch_.root().string()};
  EXPECT_TRUE(load_kubeconfig(places, {}));
  const auto nowhere =
      load_kubeconfig({.explicit_file = {}, .environment = std::nullopt, .home = "/nonexistent"}, {});
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("/nonexistent/.kube/config does not exist"));
}

TEST_F(KubeconfigTest, an_explicit_file_must_exist) {
  const auto access = load();
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error().message, HasSubstr("does not exist"));
}

TEST_F(KubeconfigTest, unknown_names_are_refused_with_the_known_ones) {
  scratch_.write("config", kConfig);
  EXPECT_THAT(load("nope").error().message,
              HasSubstr("no context 'nope'; it has dangling, dev, exec, plain, prod"));
  EXPECT_THAT(load("dangling").error().message, HasSubstr("no cluster 'nowhere'"));
  scratch_.write("config", "clusters: []\n");
  EXPECT_THAT(load().error().message, HasSubstr("no current-context"));
}

TEST_F(KubeconfigTest, what_this_client_does_not_do_is_refused_rather_than_left_out) {
  const std::string server = "server: https://x";
  EXPECT_EQ(refused(server, ""), "accepted");
  EXPECT_EQ(refused(server + ", proxy-url: ''", "as-groups: []"), "accepted");
  EXPECT_THAT(refused(server + ", proxy-url: socks5://p", ""), HasSubstr("proxy-url is not supported"));
  EXPECT_THAT(refused(server, "as: root"), HasSubstr("as is not supported"));
  EXPECT_THAT(refused(server, "as-groups: [a]"), HasSubstr("as-groups is not supported"));
  EXPECT_THAT(refused(server, "username: u, password: p"), HasSubstr("username is not supported"));
  EXPECT_THAT(refused(server, "auth-provider: {name: gcp}"), HasSubstr("auth-provider is not supported"));
}

TEST_F(KubeconfigTest, what_makes_no_sense_is_refused_without_repeating_secrets) {
  const std::string server = "server: https://x";
  EXPECT_THAT(refused("", ""), HasSubstr("begins with neither https:// nor http://"));
  EXPECT_THAT(refused(server + ", insecure-skip-tls-verify: true, certificate-authority: ca", ""),
              HasSubstr("exclude each other"));
  EXPECT_THAT(refused(server + ", certificate-authority-data: '***'", ""), HasSubstr("is no base64"));
  EXPECT_THAT(refused(server, "client-certificate: c"), HasSubstr("needs a client key"));
  EXPECT_THAT(refused(server, "token: 12345"), HasSubstr("put it in quotes"));
  EXPECT_THAT(refused(server, "token: 12345"), Not(HasSubstr("12345")));
  EXPECT_THAT(refused(server, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}"),
              HasSubstr("apiVersion"));
  EXPECT_THAT(refused(server, "exec: {apiVersion: client.authentication.k8s.io/v1}"),
              HasSubstr("command is missing"));
}

TEST_F(KubeconfigTest, broken_files_are_refused_with_the_file_and_line) {
  scratch_.write("config", "clusters: [\n");
  EXPECT_THAT(load().error().message, HasSubstr("config:"));
  scratch_.write("config", "clusters: {a: b}\n");
  EXPECT_THAT(load().error().message, HasSubstr("clusters is no list"));
  scratch_.write("config", "users: [{name: a}, {name: a}]\n");
  EXPECT_THAT(load().error().message, HasSubstr("two entries of users are named a"));
  scratch_.write("config", "just text\n");
  EXPECT_FALSE(load());
}

TEST_F(KubeconfigTest, json_is_read_too) {
  scratch_.write("config",
                 R"({"current-context":"c","clusters":[{"name":"c","cluster":{"server":"https://j"}}],
    "contexts":[{"name":"c","context":{"cluster":"c","user":""}}],"users":null})");
  const auto access = load();
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(to_string(access->server), "https://j");
}

}  // namespace
}  // namespace tlswarden::kube
