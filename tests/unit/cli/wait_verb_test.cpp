#include "cli/wait_verb.hpp"

#include <gmock/gmock.h>

#include "cluster_verb_fixture.hpp"

namespace tlswarden::cli {
namespace {

using test_support::chunks;
using test_support::chunks_then_silence;
using test_support::refusal;
using test_support::reply;
using ::testing::HasSubstr;

class WaitVerb : public ClusterVerbTest {
 protected:
  static std::string with_ready(const std::string& value, const std::string& version = "3") {
    return object(
        "orders", version,
        R"(,"status":{"observedGeneration":2,"conditions":[{"type":"Ready","status":")" + value + "\"}]}");
  }
  int wait_for(const std::string& what, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"wait", "dbe/orders", "--for", what};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

constexpr const char* kMet = "databaseendpoint.tlswarden.dev/orders condition met\n";

TEST_F(WaitVerb, IsOverAtOnceWhereItIsMet) {
  server_.then(reply(200, list("5", {with_ready("True")})));
  EXPECT_EQ(wait_for("condition=Ready"), 0);
  EXPECT_EQ(out(), kMet);
  EXPECT_EQ(server_.calls(1)[0].parameter("fieldSelector"), "metadata.name%3Dorders");
}

TEST_F(WaitVerb, FollowsWhatHappensThroughWatchesThatEndAndAreForgotten) {
  server_.then(reply(200, list("5", {with_ready("False")})));
  server_.then(chunks({event("MODIFIED", with_ready("Unknown", "6"))}));
  server_.then(chunks({forgotten()}));
  server_.then(reply(200, list("8", {with_ready("False", "8")})));
  server_.then(chunks_then_silence({event("MODIFIED", with_ready("True", "9"))}));
  EXPECT_EQ(wait_for("condition=Ready"), 0);
  EXPECT_EQ(out(), kMet);
  const auto calls = server_.calls(5);
  EXPECT_EQ(calls[2].parameter("resourceVersion"), "6");
  EXPECT_EQ(calls[4].parameter("resourceVersion"), "8");
}

TEST_F(WaitVerb, OutlivesAServerThatIsBusyAndOneThatHangsUp) {
  server_.then(refusal(503, "ServiceUnavailable")).then(reply(200, list("5", {with_ready("False")})));
  server_.then(test_support::hang_up());
  server_.then(chunks_then_silence({event("MODIFIED", with_ready("True", "9"))}));
  EXPECT_EQ(wait_for("condition=Ready"), 0);
  EXPECT_EQ(out(), kMet);
}

TEST_F(WaitVerb, AServerThatIsBackMayNotKnowTheResourceYet) {
  server_.then(reply(200, list("5", {with_ready("False")}))).then(refusal(500, "InternalError"));
  server_.then(reply(404, "404 page not found\n")).then(chunks({event("MODIFIED", with_ready("True", "9"))}));
  EXPECT_EQ(wait_for("condition=Ready"), 0);
  EXPECT_EQ(out(), kMet);
}

TEST_F(WaitVerb, SaysWhatDidNotComeInTime) {
  server_.then(reply(200, list("5", {with_ready("False")}))).then(chunks_then_silence({""}));
  EXPECT_EQ(wait_for("condition=Ready", {"--timeout", "2s"}), 1);
  EXPECT_EQ(err(), "error: timed out waiting for the condition on databaseendpoints/orders\n");
}

TEST_F(WaitVerb, LooksOnceWithoutTime) {
  server_.then(reply(200, list("5", {with_ready("False")})));
  EXPECT_EQ(wait_for("condition=Ready", {"--timeout=0"}), 1);
  EXPECT_EQ(err(), "error: condition not met for databaseendpoints/orders\n");
}

TEST_F(WaitVerb, WhatDoesNotExistIsAMistake) {
  server_.then(reply(200, list("5", {}))).then(reply(200, "{}"));
  EXPECT_EQ(wait_for("condition=Ready"), 1);
  EXPECT_EQ(err(), "Error from server (NotFound): databaseendpoints.tlswarden.dev \"orders\" not found\n");
}

TEST_F(WaitVerb, DeletionIsTheEndOfWhatWasThere) {
  server_.then(reply(200, list("5", {object("orders", "3")})));
  server_.then(chunks({event("DELETED", object("orders", "6"))}));
  EXPECT_EQ(wait_for("delete"), 0);
  EXPECT_EQ(out(), kMet);
}

TEST_F(WaitVerb, ASuccessorOfTheSameNameIsNotWhatWasThere) {
  server_.then(reply(200, list("5", {object("orders", "3")}))).then(chunks({forgotten()}));
  std::string successor = object("orders", "9");
  successor.replace(successor.find("u-orders"), 8, "u-second");
  server_.then(reply(200, list("9", {successor})));
  EXPECT_EQ(wait_for("delete"), 0);
  EXPECT_EQ(out(), kMet);
}

TEST_F(WaitVerb, OfWhatIsGoneAlreadyNothingIsSaid) {
  server_.then(reply(200, list("5", {})));
  EXPECT_EQ(wait_for("delete"), 0);
  EXPECT_EQ(out() + err(), "");
}

TEST_F(WaitVerb, CreationIsWaitedFor) {
  server_.then(reply(200, list("5", {})));
  server_.then(chunks_then_silence({event("ADDED", object("orders", "6"))}));
  EXPECT_EQ(wait_for("create"), 0);
  EXPECT_EQ(out(), kMet);
}

TEST_F(WaitVerb, ARefusalEndsIt) {
  server_.then(reply(200, list("5", {with_ready("False")}))).then(refusal(403, "Forbidden"));
  EXPECT_EQ(wait_for("condition=Ready"), 1);
  EXPECT_THAT(err(), HasSubstr("Error from server (Forbidden): the server's words\n"));
}

TEST_F(WaitVerb, AllWaitsForEachAndSeveralFailuresStandBelowEachOther) {
  server_.then(reply(200, list("5", {object("a", "3"), object("b", "4")})));
  server_.then(reply(200, list("5", {object("a", "3")}))).then(reply(200, list("5", {object("b", "4")})));
  EXPECT_EQ(run({"wait", "dbe", "--all", "--for", "condition=Ready", "--timeout", "0"}), 1);
  EXPECT_EQ(err(), "condition not met for databaseendpoints/a\ncondition not met for databaseendpoints/b\n");
}

TEST_F(WaitVerb, NothingThatMatchesIsAnErrorUnlessItShouldBeGone) {
  server_.then(reply(200, list("5", {}))).then(reply(200, list("5", {})));
  EXPECT_EQ(run({"wait", "-l", "a=b", "--for", "condition=Ready"}), 1);
  EXPECT_EQ(err(), "error: no matching resources found\n");
  EXPECT_EQ(run({"wait", "-l", "a=b", "--for", "delete"}), 0);
}

struct WrongWait {
  std::vector<std::string> arguments;
  const char* answer;
};

class WrongWaits : public ClusterVerbTest, public ::testing::WithParamInterface<WrongWait> {};
INSTANTIATE_TEST_SUITE_P(
    Table, WrongWaits,
    ::testing::Values(WrongWait{{"wait", "a"}, "say what to wait for"},
                      WrongWait{{"wait", "dbe", "--for=delete"}, "no name was specified"},
                      WrongWait{{"wait", "a", "--for=Ready"}, "is none of condition=NAME"},
                      WrongWait{{"wait", "a", "--all", "--for=delete"}, "--all means all"},
                      WrongWait{{"wait", "a", "--for=delete", "--timeout=5"}, "'5' is no time"}));

TEST_P(WrongWaits, AreMistakesOfTheCommandLine) {
  EXPECT_EQ(run(GetParam().arguments), 3);
  EXPECT_THAT(err(), HasSubstr(GetParam().answer));
}

}  // namespace
}  // namespace tlswarden::cli
