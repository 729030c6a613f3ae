#include "cli/describe_verb.hpp"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "cli/cluster_connection.hpp"
#include "cli/diagnostics.hpp"
#include "cli/endpoint_description.hpp"
#include "cli/endpoint_source.hpp"
#include "cli/exit_code.hpp"
#include "cli/server_error.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

class Describe {
 public:
  Describe(ClusterConnection& connection, const Surroundings& surroundings)
      : client_(connection.client()), surroundings_(surroundings) {
    layout_.width = surroundings.terminal.width;
  }

  int all(const ResourceChoice& choice) {
    auto listing = list_endpoints(client_, query_of(choice, false));
    if (!listing) return server_error(surroundings_.err, listing.error());
    if (listing->items.empty()) {
      surroundings_.err << nothing_found(choice) << '\n';
      return kExitOk;
    }
    for (const EndpointItem& item : listing->items)
      print(item);
    return kExitOk;
  }

  int by_name(const std::string& ns, const std::string& name) {
    auto found = get_endpoint(client_, ns, name, false);
    if (found) {
      for (const EndpointItem& item : found->items)
        print(item);
      return kExitOk;
    }
    const bool known = found.error().not_found() && by_beginning(ns, name);
    return known ? kExitOk : server_error(surroundings_.err, found.error());
  }

 private:
  bool by_beginning(const std::string& ns, const std::string& name) {
    const auto listing = list_endpoints(client_, query_of(ResourceChoice{ns, {}, {}}, false));
    if (!listing) return false;
    bool any = false;
    for (const EndpointItem& item : listing->items) {
      if (!item.name.starts_with(name)) continue;
      print(item);
      any = true;
    }
    return any;
  }

  void print(const EndpointItem& item) {
    const base::WallTime now = surroundings_.clock.now();
    surroundings_.out << (std::exchange(begun_, true) ? "\n\n" : "")
                      << endpoint_description(item.body, now, layout_) << events(item, now) << std::flush;
  }

  std::string events(const EndpointItem& item, base::WallTime now) {
    const kube::ApiRequest request{
        .path = "/api/v1/namespaces/" + kube::path_segment(item.ns) + "/events",
        .query = {{"fieldSelector", "involvedObject.kind=DatabaseEndpoint,involvedObject.uid=" + item.uid},
                  {"limit", "500"}}};
    auto list = client_.call_json(request);
    if (!list) {
      // What was found is worth more than its history.
      server_error(surroundings_.err, list.error());
      return "Events:  <unknown>\n";
    }
    std::vector<Json> found;
    if (list->is_object() && list->contains("items") && (*list)["items"].is_array())
      found = (*list)["items"].get<std::vector<Json>>();
    return events_description(std::move(found), now, layout_);
  }

  kube::ApiClient& client_;
  const Surroundings& surroundings_;
  Layout layout_;
  bool begun_ = false;
};

}  // namespace

CLI::App* add_describe_verb(CLI::App& app, DescribeOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "describe", "Tell all of the endpoints of a cluster: found, advised, and what happened to them");
  add_resource_arguments(*verb, options.resources);
  add_cluster_flags(*verb, options.cluster);
  verb->footer("Exit codes: 0, or 1 where something was not found or the server refused.");
  return verb;
}

int run_describe(const DescribeOptions& options, const Surroundings& surroundings) {
  static_cast<void>(base::configure_log(base::LogFormat::kText, "warn"));
  auto connection = ClusterConnection::open(options.cluster, surroundings.err);
  if (!connection) return local_error(surroundings.err, connection.error().message);
  const auto choice = choose_resources(options.resources, (*connection)->default_namespace());
  if (!choice) return usage_error(surroundings.err, "describe", choice.error().message);
  Describe describe(**connection, surroundings);
  if (choice->names.empty()) return describe.all(*choice);
  int worst = kExitOk;
  for (const std::string& name : choice->names)
    worst = std::max(worst, describe.by_name(choice->ns, name));
  return worst;
}

}  // namespace tlswarden::cli
