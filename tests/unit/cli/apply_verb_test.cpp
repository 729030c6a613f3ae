#include "cli/apply_verb.hpp"

#include <gmock/gmock.h>

#include "write_verb_fixture.hpp"

namespace tlswarden::cli {
namespace {

using test_support::ApiCall;
using test_support::refusal;
using test_support::reply;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kSecret =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n---\n";
constexpr const char* kPath = "/apis/tlswarden.dev/v1alpha1/namespaces/payments/databaseendpoints/a";

/// An endpoint as a server gives it.
std::string object(const std::string& version, const std::string& host, const std::string& more = "") {
  return R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint","metadata":{"name":"a",)"
         R"("resourceVersion":")" +
         version + "\"" + more + R"(},"spec":{"host":")" + host + R"("},"status":{"observedGeneration":)" +
         version + "}}";
}

class ApplyVerb : public WriteVerb {
 protected:
  int apply(const std::string& text) {
    options_.cluster = cluster();
    options_.files = {directory_.write("a.yaml", text)};
    return run_apply(options_, surroundings());
  }
  ApplyOptions options_;
};

TEST_F(ApplyVerb, sends_what_was_declared_and_tells_that_it_was_created) {
  server_.then(not_found()).then(reply(201, object("1", "localhost")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/a created\n");
  EXPECT_EQ(err(), "");
  const auto calls = server_.calls(2);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].method + " " + calls[0].target, std::string("GET ") + kPath);
  EXPECT_EQ(calls[1].method + " " + calls[1].target,
            std::string("PATCH ") + kPath + "?fieldManager=tlswarden-cli&fieldValidation=Strict&force=false");
  EXPECT_EQ(calls[1].header("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(
      calls[1].body,
      R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint",)"
      R"("metadata":{"name":"a","namespace":"payments"},"spec":{"engine":"redis","host":"localhost"}})");
}

TEST_F(ApplyVerb, tells_a_change_from_none_whatever_the_agent_wrote_meanwhile) {
  server_.then(reply(200, object("1", "x"))).then(reply(200, object("2", "x", R"(,"managedFields":[])")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  server_.then(reply(200, object("1", "x"))).then(reply(200, object("2", "y")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  EXPECT_EQ(out(),
            "databaseendpoint.tlswarden.dev/a unchanged\ndatabaseendpoint.tlswarden.dev/a configured\n");
}

TEST_F(ApplyVerb, sends_nothing_as_long_as_a_document_has_an_error) {
  EXPECT_EQ(apply(kSecret + manifest_of("a") + "---\n" + manifest_of("b", "  port: 0\n")), 1);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("a.yaml:19: spec.port: "));
  EXPECT_THAT(err(), HasSubstr("error: nothing was sent; correct the error above first\n"));
  EXPECT_EQ(server_.connections(), 0u);
}

TEST_F(ApplyVerb, applies_secrets_first_and_shows_nothing_of_them) {
  options_.output = "yaml";
  server_.then(not_found())
      .then(reply(201, R"({"kind":"Secret","metadata":{"name":"s","annotations":)"
                       R"({"kubectl.kubernetes.io/last-applied-configuration":"aHVudGVyMg=="}},)"
                       R"("data":{"password":"aHVudGVyMg=="}})"))
      .then(not_found())
      .then(reply(201, object("1", "localhost")));
  EXPECT_EQ(apply(manifest_of("a") + "---\n" + kSecret), 0) << err();
  const auto calls = server_.calls(4);
  EXPECT_THAT(calls[1].target, StartsWith("/api/v1/namespaces/payments/secrets/s?"));
  EXPECT_THAT(calls[1].body, HasSubstr(R"("data":{"password":"aHVudGVyMg=="})"));
  EXPECT_THAT(calls[3].target, StartsWith(kPath));
  EXPECT_THAT(out(), StartsWith("apiVersion: v1\nkind: List\n"));
  EXPECT_THAT(out(), HasSubstr("password: \"***\""));
  EXPECT_THAT(out() + err(), Not(HasSubstr("aHVudGVyMg")));
  EXPECT_THAT(out() + err(), Not(HasSubstr("hunter2")));
}

TEST_F(ApplyVerb, goes_on_after_a_refusal_and_fails) {
  server_.then(not_found())
      .then(refusal(403, "Forbidden"))
      .then(not_found())
      .then(reply(201, object("1", "localhost")));
  EXPECT_EQ(apply(kSecret + manifest_of("a")), 1);
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/a created\n");
  EXPECT_THAT(err(), StartsWith("Error from server (Forbidden): "));
}

TEST_F(ApplyVerb, says_how_to_get_out_of_a_conflict) {
  server_.then(reply(200, object("1", "x")))
      .then(reply(409, R"({"kind":"Status","reason":"Conflict","code":409,"message":)"
                       R"("Apply failed with 1 conflict: conflict with \"argo\" using v1: .spec.host"})"));
  EXPECT_EQ(apply(manifest_of("a")), 1);
  EXPECT_THAT(err(), StartsWith("Error from server (Conflict): error when applying \""));
  EXPECT_THAT(err(), HasSubstr("conflict with \"argo\" using v1: .spec.host\n"));
  EXPECT_THAT(err(), HasSubstr("--force-conflicts"));
}

TEST_F(ApplyVerb, forces_where_it_is_told_to) {
  options_.force_conflicts = true;
  server_.then(reply(200, object("1", "x"))).then(reply(200, object("2", "y")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  EXPECT_EQ(server_.calls(2)[1].parameter("force"), "true");
}

TEST_F(ApplyVerb, makes_its_own_what_kubectl_wrote_and_applies_again) {
  const std::string managers =
      R"(,"managedFields":[{"manager":"kubectl-client-side-apply","operation":"Update",)"
      R"("fieldsV1":{"f:spec":{"f:port":{}}}},{"manager":"tlswarden-cli","operation":"Apply",)"
      R"("fieldsV1":{"f:spec":{"f:host":{}}}}])";
  server_.then(reply(200, object("1", "x")))
      .then(reply(200, object("2", "x", managers)))
      .then(reply(200, "{}"))
      .then(reply(200, object("4", "y")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  const auto calls = server_.calls(4);
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_EQ(calls[2].header("content-type"), "application/json-patch+json");
  EXPECT_THAT(calls[2].body, HasSubstr(R"("fieldsV1":{"f:spec":{"f:host":{},"f:port":{}}})"));
  EXPECT_EQ(calls[3].body, calls[1].body);
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/a configured\n");
}

TEST_F(ApplyVerb, dry_runs_leave_nothing) {
  options_.dry_run = "client";
  server_.then(not_found());
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  options_.dry_run = "server";
  server_.then(not_found()).then(reply(201, object("1", "localhost")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  EXPECT_EQ(out(),
            "databaseendpoint.tlswarden.dev/a created (dry run)\n"
            "databaseendpoint.tlswarden.dev/a created (server dry run)\n");
  const auto calls = server_.calls(3);
  EXPECT_EQ(calls[0].method, "GET");
  EXPECT_EQ(calls[1].method, "GET");
  EXPECT_EQ(calls[2].parameter("dryRun"), "All");
}

TEST_F(ApplyVerb, says_once_that_the_cluster_does_not_know_endpoints) {
  server_.then(reply(404, "404 page not found\n"));
  EXPECT_EQ(apply(manifest_of("a") + "---\n" + manifest_of("b")), 1);
  EXPECT_THAT(err(), StartsWith("error: the server doesn't have a resource type \"databaseendpoints\"\n"));
  EXPECT_EQ(server_.calls(1).size(), 1u);
  EXPECT_EQ(server_.connections(), 1u);
}

TEST_F(ApplyVerb, says_how_to_make_a_namespace_that_is_missing) {
  server_.then(not_found()).then(not_found("namespaces \\\"payments\\\" not found"));
  EXPECT_EQ(apply(manifest_of("a")), 1);
  EXPECT_THAT(err(), StartsWith("Error from server (NotFound): error when creating \""));
  EXPECT_THAT(err(), HasSubstr("\": namespaces \"payments\" not found\n"
                               "Create the namespace with: kubectl create namespace payments\n"));
}

TEST_F(ApplyVerb, puts_no_document_into_another_namespace_than_it_names) {
  options_.ns = "billing";
  EXPECT_EQ(apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: payments}\n"), 1);
  EXPECT_THAT(err(), HasSubstr("pass --namespace=payments"));
  EXPECT_EQ(server_.connections(), 0u);
}

TEST_F(ApplyVerb, shows_one_object_by_itself) {
  options_.output = "json";
  server_.then(not_found()).then(reply(201, object("1", "h", R"(,"managedFields":[])")));
  EXPECT_EQ(apply(manifest_of("a")), 0) << err();
  EXPECT_THAT(out(), StartsWith("{\n    \"apiVersion\": \"tlswarden.dev/v1alpha1\",\n"));
  EXPECT_THAT(out(), Not(HasSubstr("managedFields")));
}

TEST_F(ApplyVerb, looks_below_a_directory_only_when_told_to) {
  directory_.write("d/a.yaml", manifest_of("a"));
  directory_.write("d/e/b.yaml", manifest_of("b"));
  options_.cluster = cluster();
  options_.files = {directory_.path() + "/d/"};
  options_.output = "name";
  server_.then(not_found()).then(reply(201, "{}"));
  EXPECT_EQ(run_apply(options_, surroundings()), 0) << err();
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/a\n");
  options_.recursive = true;
  server_.then(not_found()).then(reply(201, "{}")).then(not_found()).then(reply(201, "{}"));
  EXPECT_EQ(run_apply(options_, surroundings()), 0) << err();
  EXPECT_THAT(out(), HasSubstr("/a\ndatabaseendpoint.tlswarden.dev/b\n"));
}

TEST_F(ApplyVerb, warns_of_a_variable_that_no_agent_in_a_cluster_reads) {
  server_.then(not_found()).then(reply(201, "{}"));
  EXPECT_EQ(apply(manifest_of("a", "  auth: {password: {env: PASSWORD}}\n")), 0);
  EXPECT_THAT(err(), HasSubstr("a.yaml:7: spec.auth.password: an agent in a cluster reads no environment"));
}

TEST_F(ApplyVerb, refuses_what_it_cannot_do) {
  EXPECT_EQ(run_apply(options_, surroundings()), 3);
  EXPECT_THAT(err(), HasSubstr("name what to apply"));
  options_.prune = true;
  EXPECT_EQ(apply(manifest_of("a")), 3);
  EXPECT_THAT(err(), HasSubstr("--prune is not supported"));
  options_.server_side = false;
  EXPECT_EQ(apply(manifest_of("a")), 3);
  EXPECT_THAT(err(), HasSubstr("leave --server-side out"));
  EXPECT_THAT(out(), IsEmpty());
}

}  // namespace
}  // namespace tlswarden::cli
