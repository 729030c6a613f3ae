#include "kube/exec_credentials.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "kube/process.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};  // 2027-01-15T08:00:00Z
constexpr const char* kVersion = "client.authentication.k8s.io/v1";

std::string credential(const std::string& status) {
  return R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" + status +
         "}";
}

class ExecCredentialsTest : public ::testing::Test {
 protected:
  /// A plugin that runs these shell lines; $0 is its directory.
  ExecCredentials plugin(const std::string& lines, std::string cluster_info = {}) {
    return {ExecPlugin{.api_version = kVersion,
                       .command = "sh",
                       .arguments = {"-c", lines, scratch_.root().string()},
                       .environment = {{"GIVEN", "by the kubeconfig"}},
                       .install_hint = "ask the platform team",
                       .wants_cluster = !cluster_info.empty()},
            std::move(cluster_info), clock_};
  }
  std::string token(ExecCredentials& credentials) {
    const auto current = credentials.current(cancellation_);
    return current ? std::string(current->token.reveal()) : "error: " + current.error().message;
  }
  std::string counted(const std::string& expires) const {
    return "echo x >>$0/runs; echo '" +
           credential(R"({"token":"t'$(wc -l <$0/runs)'","expirationTimestamp":")" + expires + "\"}") + "'";
  }

  store::Scratch scratch_;
  test_support::FakeClock clock_{kNow};
  Cancellation cancellation_;
};

TEST_F(ExecCredentialsTest, it_runs_once_until_its_credential_expires) {
  auto credentials = plugin(counted("2027-01-15T09:00:00Z"));
  EXPECT_EQ(token(credentials), "t1");
  clock_.advance(base::Seconds(3599));
  EXPECT_EQ(token(credentials), "t1");
  clock_.advance(base::Seconds(1));
  EXPECT_EQ(token(credentials), "t2");
}

TEST_F(ExecCredentialsTest, a_rejected_credential_is_not_used_again) {
  auto credentials = plugin(counted("2027-01-15T09:00:00Z"));
  EXPECT_EQ(token(credentials), "t1");
  credentials.distrust(clock_.monotonic() - base::Seconds(1));
  EXPECT_EQ(token(credentials), "t1");
  credentials.distrust(clock_.monotonic());
  EXPECT_EQ(token(credentials), "t2");
}

TEST_F(ExecCredentialsTest, it_is_told_what_it_is_for) {
  auto credentials =
      plugin("printf '%s' \"$KUBERNETES_EXEC_INFO\" >$0/info; printf '%s' \"$GIVEN\" >$0/given; echo '" +
                 credential(R"({"token":"t"})") + "'",
             R"({"server":"https://x"})");
  EXPECT_EQ(token(credentials), "t");
  std::ifstream file(scratch_ / "info");
  const auto info = nlohmann::json::parse(file);
  EXPECT_EQ(info["kind"], "ExecCredential");
  EXPECT_EQ(info["apiVersion"], kVersion);
  EXPECT_EQ(info["spec"]["interactive"], false);
  EXPECT_EQ(info["spec"]["cluster"]["server"], "https://x");
  std::string given;
  std::getline(std::ifstream(scratch_ / "given") >> std::ws, given);
  EXPECT_EQ(given, "by the kubeconfig");
}

TEST_F(ExecCredentialsTest, a_failure_is_told_with_its_own_words_and_the_hint_and_without_its_output) {
  auto credentials = plugin("echo secret-token; echo 'the session\x1b[31m is over' >&2; exit 3");
  EXPECT_THAT(token(credentials), AllOf(HasSubstr("status 3"), HasSubstr("the session\\x1b[31m is over"),
                                        HasSubstr("ask the platform team"), Not(HasSubstr("secret-token"))));
}

TEST_F(ExecCredentialsTest, a_plugin_that_is_not_there_is_named) {
  ExecCredentials missing(ExecPlugin{.api_version = kVersion,
                                     .command = "/nonexistent/login",
                                     .arguments = {},
                                     .environment = {},
                                     .install_hint = {},
                                     .wants_cluster = false},
                          {}, clock_);
  EXPECT_THAT(token(missing), AllOf(HasSubstr("/nonexistent/login"), HasSubstr("No such file")));
}

TEST_F(ExecCredentialsTest, what_is_printed_must_be_a_whole_credential) {
  const auto problem = [](const std::string& printed) {
    const auto parsed = parse_exec_credential(printed, kVersion);
    return parsed ? "accepted" : parsed.error().message;
  };
  EXPECT_EQ(problem(credential(R"({"token":"t"})")), "accepted");
  EXPECT_THAT(problem("no JSON"), HasSubstr("no ExecCredential"));
  EXPECT_THAT(problem("[1]"), HasSubstr("no ExecCredential"));
  EXPECT_THAT(problem(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})"),
              HasSubstr("no ExecCredential of client.authentication.k8s.io/v1"));
  EXPECT_THAT(problem(credential("null")), HasSubstr("no status"));
  EXPECT_THAT(problem(credential("{}")), HasSubstr("neither a token nor"));
  EXPECT_THAT(problem(credential(R"({"clientCertificateData":"x"})")), HasSubstr("without a key"));
  EXPECT_THAT(problem(credential(R"({"token":"t","expirationTimestamp":"soon"})")), HasSubstr("no time"));
  EXPECT_THAT(problem(credential(R"({"clientCertificateData":"x","clientKeyData":"y"})")),
              HasSubstr("client certificate for the API server"));
}

TEST_F(ExecCredentialsTest, a_certificate_with_its_key_is_taken) {
  const auto minted = test_support::mint({.common_name = "plugin",
                                          .not_before = kNow - std::chrono::hours(1),
                                          .not_after = kNow + std::chrono::hours(1)});
  const nlohmann::json status{{"clientCertificateData", minted.certificate_pem},
                              {"clientKeyData", minted.key_pem}};
  const auto parsed = parse_exec_credential(credential(status.dump()), kVersion);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_TRUE(parsed->identity);
  EXPECT_EQ(parsed->identity->chain.front()->facts.common_name, "plugin");
}

TEST_F(ExecCredentialsTest, the_same_certificate_given_again_is_the_same_identity) {
  const auto minted = test_support::mint({.common_name = "plugin",
                                          .not_before = kNow - std::chrono::hours(1),
                                          .not_after = kNow + std::chrono::hours(1)});
  const nlohmann::json status{{"clientCertificateData", minted.certificate_pem},
                              {"clientKeyData", minted.key_pem}};
  scratch_.write("printed", credential(status.dump()));
  auto credentials = plugin("cat $0/printed");
  const auto first = credentials.current(cancellation_);
  ASSERT_TRUE(first) << first.error().message;
  credentials.distrust(clock_.monotonic());
  EXPECT_EQ(credentials.current(cancellation_)->identity, first->identity);
}

TEST_F(ExecCredentialsTest, a_program_that_prints_without_end_is_killed_with_its_children) {
  const ProcessRequest endless{.command = "sh",
                               .arguments = {"-c", "sleep 60 & while :; do echo aaaaaaaaaaaaaaaa; done"},
                               .environment = {},
                               .output_limit = 10'000};
  const auto outcome = run_process(endless, clock_, cancellation_);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("more than any credential"));
}

TEST_F(ExecCredentialsTest, a_program_that_does_not_end_is_killed_in_time_or_when_cancelled) {
  const base::SystemClock real;
  const ProcessRequest asleep{
      .command = "sleep", .arguments = {"60"}, .environment = {}, .timeout = base::Seconds(1)};
  const auto late = run_process(asleep, real, cancellation_);
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("did not end within its time"));
  // One that closes its output goes on being waited for.
  const ProcessRequest silent{
      .command = "sh", .arguments = {"-c", "exec >&- 2>&-; sleep 60"}, .environment = {}};
  std::thread canceller([this] { cancellation_.cancel(); });
  const auto stopped = run_process(silent, real, cancellation_);
  canceller.join();
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error().message, HasSubstr("was stopped"));
}

TEST_F(ExecCredentialsTest, a_program_is_told_apart_by_its_signal) {
  const auto outcome = run_process({.command = "sh", .arguments = {"-c", "kill -9 $$"}, .environment = {}},
                                   clock_, cancellation_);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 137);
}

TEST_F(ExecCredentialsTest, the_cluster_is_described_with_its_authority) {
  ClusterAccess access;
  access.server = *parse_server_address("https://h:6443");
  access.authority.data = base::Secret(std::string_view("ca pem"));
  access.tls_server_name = "kubernetes";
  const auto info = nlohmann::json::parse(exec_cluster_info(access));
  EXPECT_EQ(info["server"], "https://h:6443");
  EXPECT_EQ(info["certificate-authority-data"], "Y2EgcGVt");
  EXPECT_EQ(info["tls-server-name"], "kubernetes");
}

}  // namespace
}  // namespace tlswarden::kube
