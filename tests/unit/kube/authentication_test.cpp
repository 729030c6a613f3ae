// TLS and credentials of the client, against a server that looks at both.
#include <future>

#include "tests/support/mint.hpp"
#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

using test_support::ApiServer;
using test_support::Minted;
using test_support::refusal;
using test_support::reply;
using test_support::ServerTls;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AuthenticationTest : public ClientFixture {
 protected:
  static Minted minted(const std::string& name, const Minted* issuer, std::vector<std::string> names = {},
                       std::vector<std::string> addresses = {}, int hours = 24) {
    return test_support::mint({.common_name = name,
                               .dns_names = std::move(names),
                               .ip_addresses = std::move(addresses),
                               .not_before = kNow - std::chrono::hours(1),
                               .not_after = kNow + std::chrono::hours(hours),
                               .ca = issuer == nullptr},
                              issuer);
  }
  static ServerTls tls_with(const Minted& leaf) {
    ServerTls tls;
    tls.chain = {leaf};
    tls.now = kNow;
    return tls;
  }
  ClusterAccess trusting(const ApiServer& server, const Minted& authority) const {
    ClusterAccess access = access_to(server, true);
    access.authority.data = base::Secret(authority.certificate_pem);
    return access;
  }
  /// The message, or "ok".
  std::string outcome(const ClusterAccess& access) {
    const auto answer = client_of(access)->call({.path = "/"});
    return answer ? "ok" : answer.error().message;
  }
  static std::vector<std::string> tokens(const std::vector<test_support::ApiCall>& calls) {
    std::vector<std::string> all;
    for (const auto& call : calls)
      all.push_back(call.header("authorization"));
    return all;
  }

  store::Scratch scratch_;
  Minted authority_ = minted("cluster CA", nullptr);
  Minted leaf_ = minted("apiserver", &authority_, {"kubernetes", "*.api.test"}, {"127.0.0.1"});
};

TEST_F(AuthenticationTest, the_clusters_own_authority_is_trusted_and_an_address_sends_no_name) {
  ApiServer server(tls_with(leaf_));
  server.then(reply(200, "{}"));
  EXPECT_EQ(outcome(trusting(server, authority_)), "ok");
  EXPECT_EQ(server.calls(1)[0].server_name, "");
}

TEST_F(AuthenticationTest, tls_server_name_is_sent_and_verified) {
  ApiServer server(tls_with(minted("elsewhere", &authority_, {"kubernetes"})));
  server.then(reply(200, "{}"));
  ClusterAccess access = trusting(server, authority_);
  EXPECT_THAT(outcome(access), HasSubstr("not trusted (IP address mismatch)"));
  access.tls_server_name = "kubernetes";
  EXPECT_EQ(outcome(access), "ok");
  EXPECT_EQ(server.calls(1)[0].server_name, "kubernetes");
  access.tls_server_name = "other";
  EXPECT_THAT(outcome(access), HasSubstr("not trusted (hostname mismatch)"));
}

TEST_F(AuthenticationTest, a_common_name_is_no_name) {
  ApiServer server(tls_with(minted("kubernetes", &authority_)));
  ClusterAccess access = trusting(server, authority_);
  access.tls_server_name = "kubernetes";
  EXPECT_THAT(outcome(access), HasSubstr("not trusted (hostname mismatch)"));
}

TEST_F(AuthenticationTest, another_authority_or_none_of_the_machine_is_refused_before_anything_is_sent) {
  ApiServer server(tls_with(leaf_));
  ClusterAccess access = trusting(server, minted("cluster CA", nullptr));
  access.token = base::Secret(std::string_view("precious"));
  EXPECT_THAT(outcome(access), HasSubstr("its certificate is not trusted"));
  access.authority.data = {};
  EXPECT_THAT(outcome(access), HasSubstr("its certificate is not trusted"));
  const auto answer = client_of(access)->call({.path = "/"});
  EXPECT_EQ(answer.error().kind, ApiError::Kind::kUntrusted);
  EXPECT_THAT(server.calls(0), IsEmpty());
}

TEST_F(AuthenticationTest, an_expired_certificate_is_refused_by_the_clock_that_was_given) {
  ApiServer server(tls_with(leaf_));
  server.then(reply(200, "{}"));
  const ClusterAccess access = trusting(server, authority_);
  EXPECT_EQ(outcome(access), "ok");
  clock_.advance(std::chrono::hours(25));
  EXPECT_THAT(outcome(access), HasSubstr("certificate has expired"));
}

TEST_F(AuthenticationTest, verification_is_skipped_only_where_that_is_said) {
  ApiServer server(tls_with(leaf_));
  server.then(reply(200, "{}"));
  ClusterAccess access = access_to(server, true);
  access.skip_verification = true;
  EXPECT_EQ(outcome(access), "ok");
}

TEST_F(AuthenticationTest, plain_text_where_tls_should_be_is_untrusted) {
  test_support::ScriptedServer plain([](test_support::ServerConnection& connection) {
    connection.receive_some();
    connection.send("HTTP/1.0 400 Bad Request\r\n\r\n");
    connection.finish();
  });
  ClusterAccess access;
  access.server = {.secure = true, .host = "127.0.0.1", .port = plain.port(), .prefix = {}};
  access.authority.data = base::Secret(authority_.certificate_pem);
  EXPECT_THAT(outcome(access), HasSubstr("TLS failed"));
}

TEST_F(AuthenticationTest, a_write_does_not_meet_a_connection_that_said_good_bye) {
  std::promise<void> said;
  ApiServer server(tls_with(leaf_));
  server
      .then([&](const test_support::ApiCall&, test_support::ServerConnection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        connection.close_notify();
        said.set_value();
        connection.drain();
        return false;
      })
      .then(reply(200, "{}"));
  const auto client = client_of(trusting(server, authority_));
  EXPECT_TRUE(client->call({.path = "/"}));
  said.get_future().wait();
  const auto written =
      client->call({.verb = Verb::kPatch, .path = "/", .content_type = kMergePatch, .body = "{}"});
  EXPECT_TRUE(written) << written.error().message;
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(AuthenticationTest, a_client_certificate_is_presented_and_a_new_one_gets_a_new_connection) {
  ServerTls tls = tls_with(leaf_);
  tls.client_auth = ServerTls::ClientAuth::kRequire;
  tls.client_authorities = {authority_};
  ApiServer server(std::move(tls));
  for (int i = 0; i < 3; ++i)
    server.then(reply(200, "{}"));
  const Minted first = minted("system:first", &authority_), second = minted("system:second", &authority_);
  ClusterAccess access = trusting(server, authority_);
  access.client_certificate.file = scratch_.write("tls.crt", first.certificate_pem).string();
  access.client_key.file = scratch_.write("tls.key", first.key_pem).string();
  const auto client = client_of(access);
  EXPECT_TRUE(client->call({.path = "/"}));
  EXPECT_TRUE(client->call({.path = "/"}));
  EXPECT_EQ(server.connections(), 1u);
  scratch_.replace("tls.crt", second.certificate_pem);
  scratch_.replace("tls.key", second.key_pem);
  clock_.advance(base::Seconds(300));
  EXPECT_TRUE(client->call({.path = "/"}));
  const auto calls = server.calls(3);
  EXPECT_EQ(calls[1].connection, 1u);
  EXPECT_EQ(calls[2].connection, 2u);
  EXPECT_TRUE(calls[2].has_client_certificate);
}

TEST_F(AuthenticationTest, a_renewed_authority_is_taken_after_five_minutes_and_a_broken_one_is_not) {
  const Minted next = minted("next CA", nullptr);
  ApiServer old_server(tls_with(leaf_));
  ApiServer server(tls_with(minted("apiserver", &next, {}, {"127.0.0.1"})));
  server.then(reply(200, "{}")).then(reply(200, "{}"));
  ClusterAccess access = access_to(server, true);
  access.authority.file = scratch_.write("ca.crt", authority_.certificate_pem).string();
  const auto client = client_of(access);
  EXPECT_EQ(client->call({.path = "/"}).error().kind, ApiError::Kind::kUntrusted);
  scratch_.replace("ca.crt", authority_.certificate_pem + next.certificate_pem);
  EXPECT_EQ(client->call({.path = "/"}).error().kind, ApiError::Kind::kUntrusted);
  clock_.advance(base::Seconds(300));
  EXPECT_TRUE(client->call({.path = "/"}));
  scratch_.replace("ca.crt", "rubbish");
  clock_.advance(base::Seconds(300));
  EXPECT_TRUE(client->call({.path = "/"}));
}

TEST_F(AuthenticationTest, a_token_goes_over_https_and_never_over_http) {
  ApiServer secure(tls_with(leaf_)), plain;
  secure.then(reply(200, "{}"));
  plain.then(reply(200, "{}"));
  ClusterAccess access = trusting(secure, authority_);
  access.token = base::Secret(std::string_view("precious"));
  EXPECT_EQ(outcome(access), "ok");
  EXPECT_THAT(tokens(secure.calls(1)), ElementsAre("Bearer precious"));
  access.server = access_to(plain).server;
  EXPECT_EQ(outcome(access), "ok");
  EXPECT_THAT(tokens(plain.calls(1)), ElementsAre(""));
}

TEST_F(AuthenticationTest, a_rotated_token_is_used_within_a_minute) {
  ApiServer server(tls_with(leaf_));
  server.then(reply(200, "{}")).then(reply(200, "{}"));
  ClusterAccess access = trusting(server, authority_);
  access.token_file = scratch_.write("token", "old\n").string();
  const auto client = client_of(access);
  EXPECT_TRUE(client->call({.path = "/"}));
  scratch_.replace("token", "new\n");
  clock_.advance(base::Seconds(50));
  EXPECT_TRUE(client->call({.path = "/"}));
  EXPECT_THAT(tokens(server.calls(2)), ElementsAre("Bearer old", "Bearer new"));
}

TEST_F(AuthenticationTest, after_a_401_a_fresh_token_is_tried_once_even_for_a_write) {
  ApiServer server(tls_with(leaf_));
  server
      .then(test_support::after([this] { scratch_.replace("token", "fresh"); }, refusal(401, "Unauthorized")))
      .then(reply(200, "{}"))
      .then(refusal(401, "Unauthorized"));
  ClusterAccess access = trusting(server, authority_);
  access.token_file = scratch_.write("token", "stale").string();
  const auto client = client_of(access);
  const ApiRequest write{.verb = Verb::kPut, .path = "/", .content_type = kJson, .body = "{}"};
  EXPECT_TRUE(client->call(write));
  // The same token again would get the same answer.
  const auto refused = client->call(write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, 401);
  EXPECT_THAT(tokens(server.calls(3)), ElementsAre("Bearer stale", "Bearer fresh", "Bearer fresh"));
  EXPECT_THAT(pause_.spans(), IsEmpty());
}

TEST_F(AuthenticationTest, after_a_401_an_exec_plugin_runs_again) {
  ApiServer server(tls_with(leaf_));
  server.then(refusal(401, "Unauthorized")).then(reply(200, "{}"));
  ClusterAccess access = trusting(server, authority_);
  access.exec.push_back(
      {.api_version = "client.authentication.k8s.io/v1",
       .command = "sh",
       .arguments =
           {"-c",
            R"(echo x >>$0/runs; echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
            R"("status":{"token":"t'$(wc -l <$0/runs)'"}}')",
            scratch_.root().string()},
       .environment = {},
       .install_hint = {},
       .wants_cluster = true});
  EXPECT_EQ(outcome(access), "ok");
  EXPECT_THAT(tokens(server.calls(2)), ElementsAre("Bearer t1", "Bearer t2"));
}

TEST_F(AuthenticationTest, credentials_that_cannot_be_had_are_an_error_of_their_own) {
  ApiServer server(tls_with(leaf_));
  ClusterAccess access = trusting(server, authority_);
  access.token_file = (scratch_ / "missing").string();
  EXPECT_EQ(client_of(access)->call({.path = "/"}).error().kind, ApiError::Kind::kCredentials);
  access.token_file = scratch_.write("token", "two\r\nX-Injected: lines").string();
  EXPECT_THAT(outcome(access), HasSubstr("more than one line"));
  EXPECT_THAT(server.calls(0), IsEmpty());
}

}  // namespace
}  // namespace tlswarden::kube
