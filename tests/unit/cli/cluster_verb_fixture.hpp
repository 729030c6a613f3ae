#pragma once

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"
#include "surroundings_for_test.hpp"
#include "temporary_directory.hpp"
#include "tests/support/api_server.hpp"

namespace tlswarden::cli {

/// A verb against a server that says what the test wants said. The context's namespace is shop.
class ClusterVerbTest : public SurroundingsForTest {
 protected:
  ClusterVerbTest() { std::signal(SIGPIPE, SIG_IGN); }

  int run(std::vector<std::string> arguments) {
    const std::string config = directory_.write(
        "kubeconfig",
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:" +
            std::to_string(server_.port()) +
            "'}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: c, user: u, "
            "namespace: shop}}]\n");
    arguments.insert(arguments.end(), {"--kubeconfig", config});
    return run_command_line(arguments, surroundings());
  }

  static std::string object(const std::string& name, const std::string& version,
                            const std::string& more = "") {
    return R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint","metadata":{"name":")" + name +
           R"(","namespace":"shop","uid":"u-)" + name + R"(","resourceVersion":")" + version +
           R"(","generation":2,"managedFields":[{"manager":"m"}]})" + more + "}";
  }
  static std::string list(const std::string& version, const std::vector<std::string>& items,
                          const std::string& token = "") {
    return R"({"kind":"DatabaseEndpointList","metadata":{"resourceVersion":")" + version +
           R"(","continue":")" + token + R"("},"items":[)" + joined(items) + "]}";
  }
  /// Columns are Name, Host (only wide) and Ready.
  static std::string row(const std::string& name, const std::string& ready, const std::string& version) {
    return R"({"cells":[")" + name + R"(","h",")" + ready + R"("],"object":)" + object(name, version) + "}";
  }
  static std::string table(const std::string& version, const std::vector<std::string>& rows,
                           const std::string& token = "") {
    return R"({"kind":"Table","metadata":{"resourceVersion":")" + version + R"(","continue":")" + token +
           R"("},"columnDefinitions":[{"name":"Name","priority":0},{"name":"Host","priority":1},)"
           R"({"name":"Ready","priority":0}],"rows":[)" +
           joined(rows) + "]}";
  }
  static std::string event(const std::string& type, const std::string& what) {
    return R"({"type":")" + type + R"(","object":)" + what + "}\n";
  }
  static std::string forgotten() {
    return event("ERROR", R"({"kind":"Status","reason":"Expired","code":410})");
  }

  test_support::ApiServer server_;

 private:
  static std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
      text += (text.empty() ? "" : ",") + part;
    return text;
  }

  TemporaryDirectory directory_;
};

}  // namespace tlswarden::cli
