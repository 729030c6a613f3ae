#include "cli/delete_verb.hpp"

#include <gmock/gmock.h>

#include "write_verb_fixture.hpp"

namespace tlswarden::cli {
namespace {

using test_support::ApiReply;
using test_support::refusal;
using test_support::reply;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kEndpoints = "/apis/tlswarden.dev/v1alpha1/namespaces/payments/databaseendpoints";

class DeleteVerb : public WriteVerb {
 protected:
  int remove(std::vector<std::string> words = {}) {
    options_.cluster = cluster();
    options_.resources.words = std::move(words);
    return run_delete(options_, surroundings());
  }
  static ApiReply deleted() {
    return reply(200, R"({"kind":"Status","status":"Success","details":{"uid":"u1"}})");
  }
  static ApiReply still_there(const std::string& uid) {
    return reply(200, R"({"metadata":{"name":"a","uid":")" + uid + "\"}}");
  }
  DeleteOptions options_;
};

TEST_F(DeleteVerb, tells_and_waits_until_it_is_gone) {
  server_.then(deleted()).then(still_there("u1")).then(not_found());
  EXPECT_EQ(remove({"dbe", "a"}), 0) << err();
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev \"a\" deleted from payments namespace\n");
  const auto calls = server_.calls(3);
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0].method + " " + calls[0].target, std::string("DELETE ") + kEndpoints + "/a");
  EXPECT_EQ(calls[0].body, R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(calls[2].method + " " + calls[2].target, std::string("GET ") + kEndpoints + "/a");
}

TEST_F(DeleteVerb, takes_another_object_of_that_name_for_the_end_of_the_first) {
  server_.then(deleted()).then(still_there("u2"));
  EXPECT_EQ(remove({"a"}), 0) << err();
}

TEST_F(DeleteVerb, waits_for_nothing_where_it_may_not_look) {
  server_.then(deleted()).then(refusal(403, "Forbidden"));
  EXPECT_EQ(remove({"a"}), 0) << err();
}

TEST_F(DeleteVerb, gives_up_when_the_time_is_over) {
  options_.timeout = "1s";
  server_.then(deleted());
  for (int i = 0; i < 12; ++i)
    server_.then(still_there("u1"));
  EXPECT_EQ(remove({"a"}), 1);
  EXPECT_THAT(err(), StartsWith("error: timed out waiting for the condition on databaseendpoints/a; "));
}

TEST_F(DeleteVerb, does_not_wait_when_told_so) {
  options_.wait = false;
  options_.output = "name";
  server_.then(deleted());
  EXPECT_EQ(remove({"dbe/a"}), 0) << err();
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev/a\n");
  EXPECT_EQ(server_.calls(1).size(), 1u);
}

TEST_F(DeleteVerb, goes_on_after_what_is_not_there) {
  options_.wait = false;
  server_.then(not_found()).then(deleted());
  EXPECT_EQ(remove({"a", "b"}), 1);
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev \"b\" deleted from payments namespace\n");
  EXPECT_EQ(err(), "Error from server (NotFound): it is not found: \"a\"\n");
  options_.ignore_not_found = true;
  server_.then(not_found());
  EXPECT_EQ(remove({"a"}), 0);
}

TEST_F(DeleteVerb, finds_by_label_page_by_page) {
  options_.wait = false;
  options_.resources.selector = "team=x";
  server_
      .then(reply(
          200, R"({"metadata":{"continue":"t"},"items":[{"metadata":{"name":"a","namespace":"payments"}}]})"))
      .then(reply(200, R"({"metadata":{},"items":[{"metadata":{"name":"b","namespace":"payments"}}]})"))
      .then(deleted())
      .then(not_found());
  EXPECT_EQ(remove({"dbe"}), 0) << err();
  EXPECT_EQ(out(), "databaseendpoint.tlswarden.dev \"a\" deleted from payments namespace\n");
  const auto calls = server_.calls(4);
  EXPECT_EQ(calls[0].target, std::string(kEndpoints) + "?labelSelector=team%3Dx&limit=500");
  EXPECT_EQ(calls[1].parameter("continue"), "t");
}

TEST_F(DeleteVerb, says_that_there_is_nothing) {
  options_.all = true;
  options_.resources.all_namespaces = true;
  server_.then(reply(200, R"({"metadata":{},"items":[]})"));
  EXPECT_EQ(remove(), 0) << err();
  EXPECT_EQ(out(), "No resources found\n");
  EXPECT_EQ(server_.calls(1)[0].target, "/apis/tlswarden.dev/v1alpha1/databaseendpoints?limit=500");
}

TEST_F(DeleteVerb, deletes_every_document_of_a_file_even_one_that_is_valid_no_more) {
  options_.wait = false;
  options_.files = {directory_.write("a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\n" +
                                                   manifest_of("a", "  colour: red\n"))};
  server_.then(deleted()).then(not_found());
  EXPECT_EQ(remove(), 1);
  EXPECT_EQ(out(), "secret \"s\" deleted from payments namespace\n");
  EXPECT_THAT(err(), StartsWith("Error from server (NotFound): error when deleting \""));
}

TEST_F(DeleteVerb, deletes_nothing_of_files_that_it_cannot_read) {
  options_.files = {directory_.write("a.yaml", manifest_of("a") + "---\nkind: [\n")};
  EXPECT_EQ(remove(), 1);
  EXPECT_THAT(err(), HasSubstr("nothing was deleted"));
  EXPECT_EQ(server_.connections(), 0u);
}

TEST_F(DeleteVerb, dry_runs_are_asked_for_where_the_server_looks) {
  options_.dry_run = "client";
  EXPECT_EQ(remove({"a"}), 0) << err();
  EXPECT_EQ(server_.connections(), 0u);
  options_.dry_run = "server";
  server_.then(deleted());
  EXPECT_EQ(remove({"a"}), 0) << err();
  // A server that gets a body with options ignores those in the query.
  EXPECT_EQ(server_.calls(1)[0].body, R"({"propagationPolicy":"Background","dryRun":["All"]})");
  EXPECT_EQ(out(),
            "databaseendpoint.tlswarden.dev \"a\" deleted from payments namespace (dry run)\n"
            "databaseendpoint.tlswarden.dev \"a\" deleted from payments namespace (server dry run)\n");
}

TEST_F(DeleteVerb, refuses_what_contradicts_itself) {
  EXPECT_EQ(remove(), 3);
  EXPECT_EQ(remove({"dbe"}), 3);
  options_.all = true;
  EXPECT_EQ(remove({"a"}), 3);
  options_.files = {"a.yaml"};
  EXPECT_EQ(remove(), 3);
  options_ = {};
  options_.timeout = "soon";
  EXPECT_EQ(remove({"a"}), 3);
  EXPECT_THAT(err(), HasSubstr("--timeout: "));
  EXPECT_EQ(server_.connections(), 0u);
}

}  // namespace
}  // namespace tlswarden::cli
