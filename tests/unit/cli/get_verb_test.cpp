#include "cli/get_verb.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cluster_verb_fixture.hpp"

namespace tlswarden::cli {
namespace {

using test_support::chunks;
using test_support::refusal;
using test_support::reply;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class GetVerb : public ClusterVerbTest {};

TEST_F(GetVerb, PrintsTheServersRowsWithThreeBlanksBetween) {
  server_.then(reply(200, table("5", {row("orders", "True", "3"), row("a", "", "4")})));
  EXPECT_EQ(run({"get", "dbe"}), 0);
  EXPECT_EQ(out(), "NAME     READY\norders   True\na        \n");
  const auto calls = server_.calls(1);
  EXPECT_EQ(calls[0].target, "/apis/tlswarden.dev/v1alpha1/namespaces/shop/databaseendpoints?limit=500");
  EXPECT_THAT(calls[0].header("accept"), StartsWith("application/json;as=Table;v=v1;g=meta.k8s.io"));
}

TEST_F(GetVerb, WideShowsTheLesserColumnsAndAllNamespacesTheirs) {
  server_.then(reply(200, table("5", {row("orders", "True", "3")})));
  EXPECT_EQ(run({"get", "dbe", "-A", "-o", "wide", "--show-labels", "-l", "a=b"}), 0);
  EXPECT_EQ(out(),
            "NAMESPACE   NAME     HOST   READY   LABELS\nshop        orders   h      True    <none>\n");
  EXPECT_EQ(server_.calls(1)[0].target,
            "/apis/tlswarden.dev/v1alpha1/databaseendpoints?labelSelector=a%3Db&limit=500");
}

TEST_F(GetVerb, FollowsThePages) {
  server_.then(reply(200, table("5", {row("a", "True", "3")}, "next")));
  server_.then(reply(200, table("5", {row("much-longer", "True", "3")})));
  EXPECT_EQ(run({"get", "--no-headers"}), 0);
  EXPECT_EQ(out(), "a             True\nmuch-longer   True\n");
  EXPECT_EQ(server_.calls(2)[1].parameter("continue"), "next");
}

TEST_F(GetVerb, ListsAfreshWhereTheServerForgotThePages) {
  server_.then(reply(200, table("5", {row("a", "True", "3")}, "next"))).then(refusal(410, "Expired"));
  server_.then(reply(200, table("6", {row("a", "True", "3"), row("b", "True", "6")})));
  EXPECT_EQ(run({"get"}), 0);
  EXPECT_EQ(out(), "NAME   READY\na      True\nb      True\n");
  EXPECT_FALSE(server_.calls(3)[2].parameter("limit"));
}

TEST_F(GetVerb, SaysWhereThereIsNone) {
  server_.then(reply(200, table("5", {}))).then(reply(200, table("5", {})));
  EXPECT_EQ(run({"get", "dbe"}), 0);
  EXPECT_EQ(run({"get", "dbe", "-A"}), 0);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "No resources found in shop namespace.\nNo resources found\n");
}

TEST_F(GetVerb, WhatIsMissingIsToldAfterWhatIsThere) {
  server_.then(refusal(404, "NotFound")).then(reply(200, "{}"));
  server_.then(reply(200, table("5", {row("b", "True", "3")})));
  EXPECT_EQ(run({"get", "dbe/a", "dbe/b", "-o", "name"}), 1);
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/b\n");
  EXPECT_EQ(err(), "Error from server (NotFound): databaseendpoints.tlswarden.dev \"a\" not found\n");
}

TEST_F(GetVerb, ANamespaceThatIsMissingIsNamed) {
  server_.then(refusal(404, "NotFound")).then(refusal(404, "NotFound"));
  EXPECT_EQ(run({"get", "a"}), 1);
  EXPECT_EQ(err(), "Error from server (NotFound): the server's words\n");
  EXPECT_EQ(server_.calls(2)[1].target, "/api/v1/namespaces/shop");
}

TEST_F(GetVerb, AServerWithoutTheResourceSaysSo) {
  server_.then(reply(404, "404 page not found\n"));
  EXPECT_EQ(run({"get", "a"}), 1);
  EXPECT_THAT(err(), StartsWith("error: the server doesn't have a resource type \"databaseendpoints\"\n"));
}

TEST_F(GetVerb, OneByNameIsTheObjectWithoutManagedFields) {
  server_.then(reply(200, object("orders", "3"))).then(reply(200, object("orders", "3")));
  EXPECT_EQ(run({"get", "orders", "-o", "json"}), 0);
  const auto document = nlohmann::json::parse(out());
  EXPECT_EQ(document["kind"], "DatabaseEndpoint");
  EXPECT_FALSE(document["metadata"].contains("managedFields"));
  EXPECT_EQ(server_.calls(1)[0].header("accept"), "application/json");
  EXPECT_EQ(run({"get", "orders", "-o", "yaml", "--show-managed-fields"}), 0);
  EXPECT_THAT(out(), HasSubstr("  managedFields:\n"));
}

TEST_F(GetVerb, SeveralAreAList) {
  server_.then(reply(200, list("5", {object("a", "3")})));
  EXPECT_EQ(run({"get", "-o", "json"}), 0);
  const auto document = nlohmann::json::parse(out());
  EXPECT_EQ(document["kind"], "List");
  EXPECT_EQ(document["items"][0]["metadata"]["name"], "a");
}

TEST_F(GetVerb, APathIsPrintedAsKubectlDoes) {
  server_.then(reply(200, list("5", {object("a", "3"), object("b", "4")})));
  EXPECT_EQ(run({"get", "-o", "jsonpath={.items[*].metadata.name}"}), 0);
  EXPECT_EQ(out(), "a b");
}

TEST_F(GetVerb, APathThatLeadsNowhereIsAFailure) {
  server_.then(reply(200, list("5", {})));
  EXPECT_EQ(run({"get", "-o", "jsonpath={.items[0].metadata.name}"}), 1);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "error: -o jsonpath: array index out of bounds: index 0, length 0\n");
}

TEST_F(GetVerb, ColumnsAreAsTheyWereAskedFor) {
  const std::string labelled = R"(,"spec":{"ports":[1,2],"b":{"d":"x","c":null}})";
  server_.then(reply(200, list("5", {object("orders", "3", labelled), object("a", "4")})));
  EXPECT_EQ(
      run({"get", "-o", "custom-columns=N:.metadata.name,Ports:{.spec.ports[*]},b:spec.b,L:.spec.ports"}), 0);
  EXPECT_EQ(out(),
            "N        Ports    b                  L\n"
            "orders   1,2      map[c:<nil> d:x]   [1 2]\n"
            "a        <none>   <none>             <none>\n");
}

TEST_F(GetVerb, ColumnsThatMakeNoSenseAreAMistakeOfTheCommandLine) {
  for (const char* columns : {"custom-columns", "custom-columns=", "custom-columns=N",
                              "custom-columns=N:", "custom-columns=N:.a,", "custom-columns=N:.a["})
    EXPECT_EQ(run({"get", "-o", columns}), 3) << columns;
  EXPECT_EQ(run({"get", "-o", "json", "--show-labels"}), 3);
  EXPECT_THAT(err(), HasSubstr("--show-labels is for tables"));
}

TEST_F(GetVerb, SortsByWhatAPathLeadsTo) {
  const auto with = [](const std::string& name, const std::string& spec) {
    return object(name, "3", R"(,"spec":)" + spec);
  };
  const std::string all =
      list("5", {with("a", R"({"host":"db10"})"), with("b", R"({"host":"db9"})"), with("c", "{}"),
                 with("d", R"({"host":"a"})"), with("e", R"({"host":3})")});
  server_.then(reply(200, all)).then(reply(200, all)).then(reply(200, all));
  EXPECT_EQ(run({"get", "-o", "jsonpath={.items[*].metadata.name}", "--sort-by=.spec.host"}), 0);
  EXPECT_EQ(out(), "c e d b a");
  EXPECT_EQ(run({"get", "-o", "yaml", "--sort-by={.spec}"}), 1);
  EXPECT_THAT(err(), HasSubstr("has no order"));
  EXPECT_EQ(run({"get", "-o", "yaml", "--sort-by=spec.hots"}), 1);
  EXPECT_THAT(err(), HasSubstr("couldn't find any field with path \"{.spec.hots}\" in the list of objects"));
  EXPECT_EQ(run({"get", "--sort-by=.spec["}), 3);
}

TEST_F(GetVerb, SortsRowsByTheirObjects) {
  server_.then(reply(200, table("5", {row("b", "True", "3"), row("a", "", "4")})));
  EXPECT_EQ(run({"get", "--sort-by=.metadata.name", "--no-headers"}), 0);
  EXPECT_EQ(out(), "a     \nb     True\n");
  EXPECT_EQ(server_.calls(1)[0].parameter("includeObject"), "Object");
}

TEST_F(GetVerb, WhatIsMissingMayBeIgnored) {
  server_.then(refusal(404, "NotFound")).then(reply(200, "{}")).then(reply(200, object("b", "3")));
  EXPECT_EQ(run({"get", "a", "b", "-o", "json", "--ignore-not-found"}), 0);
  server_.then(reply(200, table("5", {})));
  EXPECT_EQ(run({"get", "--ignore-not-found", "--field-selector=metadata.name=x"}), 0);
  EXPECT_EQ(server_.calls(4)[3].parameter("fieldSelector"), "metadata.name%3Dx");
  EXPECT_EQ(err(), "");
}

TEST_F(GetVerb, LabelsHaveColumnsOfTheirOwn) {
  server_.then(reply(200, table("5", {row("a", "True", "3")})));
  EXPECT_EQ(run({"get", "-L", "team,app.kubernetes.io/name", "--show-labels"}), 0);
  EXPECT_EQ(out(), "NAME   READY   TEAM   NAME   LABELS\na      True                  <none>\n");
}

TEST_F(GetVerb, WhatTheServerWarnsOfIsShownOnce) {
  const std::string warning = "Warning: 299 - \"old \\\"version\\\"\"\r\n";
  server_.then(reply(200, table("5", {row("a", "True", "3")}, "next"), warning));
  server_.then(reply(200, table("5", {row("b", "True", "3")}), warning + "Warning: 299 - \"\x1b[2J\"\r\n"));
  EXPECT_EQ(run({"get", "-o", "name"}), 0);
  EXPECT_EQ(err(), "Warning: old \"version\"\nWarning: \\x1b[2J\n");
}

TEST_F(GetVerb, AWatchGoesOnWhereItWasAndRepeatsNothing) {
  server_.then(reply(200, table("5", {row("a", "True", "3"), row("b", "True", "4")})));
  // Ends by itself after an event, which another watch must not repeat.
  server_.then(chunks({event("MODIFIED", table("7", {row("a", "False", "7")}))}));
  server_.then(chunks({event("ADDED", table("7", {row("a", "False", "7")})), forgotten()}));
  server_.then(reply(200, table("9", {row("a", "False", "7"), row("c", "", "8")})));
  server_.then(refusal(403, "Forbidden"));
  EXPECT_EQ(run({"get", "-w"}), 1);
  EXPECT_EQ(out(),
            "NAME   READY\na      True\nb      True\n"
            "a      False\n"
            // New, and the last of what is gone.
            "c      \nb      True\n");
  const auto calls = server_.calls(5);
  EXPECT_EQ(calls[1].parameter("resourceVersion"), "5");
  EXPECT_EQ(calls[2].parameter("resourceVersion"), "7");
  EXPECT_EQ(calls[4].parameter("resourceVersion"), "9");
  EXPECT_THAT(err(), HasSubstr("Error from server (Forbidden)"));
}

TEST_F(GetVerb, OneIsWatchedByItsName) {
  server_.then(reply(200, table("5", {}))).then(reply(200, "{}"));
  EXPECT_EQ(run({"get", "orders", "--watch"}), 1);
  EXPECT_EQ(server_.calls(1)[0].parameter("fieldSelector"), "metadata.name%3Dorders");
  EXPECT_THAT(err(), HasSubstr("\"orders\" not found"));
}

TEST_F(GetVerb, AnUnknownFormIsAMistakeOfTheCommandLine) {
  EXPECT_EQ(run({"get", "-o", "jsn"}), 3);
  EXPECT_THAT(err(), HasSubstr("did you mean json?"));
  EXPECT_EQ(run({"get", "-o", "jsonpath={.a"}), 3);
  EXPECT_THAT(err(), HasSubstr("has no '}'"));
}

TEST_F(GetVerb, NonsenseFromTheServerIsAnError) {
  server_.then(reply(200, R"({"kind":"Table","rows":[1]})"));
  EXPECT_EQ(run({"get"}), 1);
  EXPECT_THAT(err(), HasSubstr("a row without cells"));
}

}  // namespace
}  // namespace tlswarden::cli
