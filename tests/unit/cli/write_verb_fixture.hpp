#pragma once

#include <csignal>
#include <string>

#include "cli/cluster_flags.hpp"
#include "surroundings_for_test.hpp"
#include "temporary_directory.hpp"
#include "tests/support/api_server.hpp"

namespace tlswarden::cli {

/// A cluster whose server says what the test wants said, and the kubeconfig that leads to it. The context's
/// namespace is payments.
class WriteVerb : public SurroundingsForTest {
 protected:
  WriteVerb() { std::signal(SIGPIPE, SIG_IGN); }

  ClusterFlags cluster() {
    return {.kubeconfig = directory_.write(
                "kubeconfig",
                "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:" +
                    std::to_string(server_.port()) +
                    "'}}]\nusers: [{name: u, user: {}}]\n"
                    "contexts: [{name: c, context: {cluster: c, user: u, namespace: payments}}]\n"),
            .context = {},
            .cluster = {},
            .user = {}};
  }
  static test_support::ApiReply not_found(const std::string& message = "it is not found: \\\"a\\\"") {
    return test_support::reply(
        404, R"({"kind":"Status","reason":"NotFound","code":404,"message":")" + message + "\"}");
  }

  TemporaryDirectory directory_;
  test_support::ApiServer server_;
};

}  // namespace tlswarden::cli
