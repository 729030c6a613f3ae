#include "cli/get_verb.hpp"

#include <map>
#include <ostream>
#include <utility>

#include "base/log.hpp"
#include "cli/cluster_connection.hpp"
#include "cli/diagnostics.hpp"
#include "cli/endpoint_order.hpp"
#include "cli/endpoint_printer.hpp"
#include "cli/endpoint_watch.hpp"
#include "cli/exit_code.hpp"
#include "cli/interruption.hpp"
#include "cli/server_error.hpp"

namespace tlswarden::cli {
namespace {

using Items = std::vector<EndpointItem>;

/// What `get` is asked for, understood.
struct Wish {
  ResourceChoice choice;
  std::optional<EndpointOrder> order;
  bool ignore_not_found = false;
};

class Get {
 public:
  Get(ClusterConnection& connection, Wish wish, EndpointPrinter& printer, const Surroundings& surroundings)
      : connection_(connection), wish_(std::move(wish)), printer_(printer), surroundings_(surroundings) {}

  int once() { return wish_.choice.names.empty() ? all() : by_name(); }
  int watch();

 private:
  int all() {
    auto listing = list_endpoints(connection_.client(), query());
    if (!listing) return server_error(surroundings_.err, listing.error());
    printer_.learn(listing->columns);
    if (listing->items.empty() && !printer_.prints_nothing()) {
      if (!wish_.ignore_not_found) surroundings_.err << nothing_found(wish_.choice) << '\n';
      return kExitOk;
    }
    show(std::move(listing->items), true);
    return failed_ ? kExitFailed : kExitOk;
  }

  /// What is missing is told after what is there.
  int by_name() {
    Items items;
    std::vector<kube::ApiError> errors;
    for (const std::string& name : wish_.choice.names) {
      auto found = get_endpoint(connection_.client(), wish_.choice.ns, name, printer_.wants_table(),
                                wish_.order.has_value());
      if (!found && wish_.ignore_not_found && found.error().reason == "NotFound") continue;
      if (!found) {
        errors.push_back(std::move(found.error()));
        continue;
      }
      printer_.learn(found->columns);
      for (EndpointItem& item : found->items)
        items.push_back(std::move(item));
    }
    const bool as_list = wish_.choice.names.size() > 1;
    if (!items.empty() || (as_list && !wish_.ignore_not_found)) show(std::move(items), as_list);
    for (const kube::ApiError& error : errors)
      server_error(surroundings_.err, error);
    return errors.empty() && !failed_ ? kExitOk : kExitFailed;
  }

  /// Whether it could be shown, and anyone still reads it.
  bool show(Items items, bool as_list) {
    if (wish_.order) {
      if (auto sorted = sort_endpoints(items, *wish_.order); !sorted) return refuse(sorted.error().message);
    }
    const auto printed = printer_.print(std::move(items), as_list);
    if (!printed) return refuse(printed.error().message);
    surroundings_.out << *printed << std::flush;
    return surroundings_.out.good();
  }
  bool refuse(const std::string& message) {
    local_error(surroundings_.err, message);
    failed_ = true;
    return false;
  }

  EndpointQuery query() const {
    const auto& [ns, names, selector, fields] = wish_.choice;
    EndpointQuery query = names.empty() ? query_of(wish_.choice, printer_.wants_table())
                                        : query_of(ns, names.front(), printer_.wants_table());
    query.whole_rows = wish_.order.has_value();
    return query;
  }

  bool list_again(const EndpointQuery& query);
  bool take(EndpointWatch::Event event);
  int ended(const kube::ApiError& error) {
    if (error.kind == kube::ApiError::Kind::kCancelled) return kExitOk;
    return server_error(surroundings_.err, error);
  }

  ClusterConnection& connection_;
  Wish wish_;
  EndpointPrinter& printer_;
  const Surroundings& surroundings_;
  std::map<std::string, EndpointItem> shown_;  ///< by uid, as last shown
  std::string resource_version_;
  std::optional<kube::ApiError> error_;
  bool failed_ = false;  ///< to show what there was
};

bool Get::take(EndpointWatch::Event event) {
  const auto known = shown_.find(event.item.uid);
  if (event.deleted) {
    if (known != shown_.end()) shown_.erase(known);
  } else {
    if (known != shown_.end() && known->second.resource_version == event.item.resource_version) return true;
    shown_[event.item.uid] = event.item;
  }
  Items items;
  items.push_back(std::move(event.item));
  return show(std::move(items), false);
}

/// Shows what differs from what was shown: new and other versions, and the last of what is gone.
bool Get::list_again(const EndpointQuery& query) {
  auto listing = list_endpoints(connection_.client(), query);
  if (!listing) {
    error_ = std::move(listing.error());
    return false;
  }
  printer_.learn(listing->columns);
  resource_version_ = listing->resource_version;
  std::map<std::string, EndpointItem> now;
  Items changed;
  for (EndpointItem& item : listing->items) {
    const auto known = shown_.find(item.uid);
    const bool same = known != shown_.end() && known->second.resource_version == item.resource_version;
    if (known != shown_.end()) shown_.erase(known);
    if (!same) changed.push_back(item);
    now[item.uid] = std::move(item);
  }
  for (auto& [uid, gone] : shown_)
    changed.push_back(std::move(gone));
  shown_ = std::move(now);
  return changed.empty() || show(std::move(changed), false);
}

int Get::watch() {
  if (wish_.choice.names.size() > 1) {
    return local_error(surroundings_.err,
                       "watch is only supported on individual resources and resource collections - more than "
                       "1 resource was found");
  }
  const bool one = !wish_.choice.names.empty();
  const EndpointQuery query = this->query();
  if (wish_.order)
    surroundings_.err << "warning: --watch requested, --sort-by will be ignored for watch events received\n";
  const Interruption interruption(connection_.cancellation());
  EndpointWatch watch(connection_.client(), connection_.clock(), connection_.pause(),
                      connection_.cancellation());
  bool more = list_again(query);
  wish_.order.reset();
  if (one && more && shown_.empty() && !wish_.ignore_not_found)
    return server_error(surroundings_.err, endpoint_not_found(connection_.client(), wish_.choice.ns,
                                                              wish_.choice.names.front()));
  while (more) {
    const auto end = watch.run(query, resource_version_, std::nullopt,
                               [this](EndpointWatch::Event event) { return take(std::move(event)); });
    if (!end) return ended(end.error());
    if (*end != EndpointWatch::End::kForgotten) break;
    do {
      watch.pause(std::nullopt);
      error_.reset();
      more = list_again(query);
    } while (error_ && watch.passes(*error_));
  }
  if (failed_) return kExitFailed;
  return error_ ? ended(*error_) : kExitOk;
}

}  // namespace

CLI::App* add_get_verb(CLI::App& app, GetOptions& options) {
  CLI::App* verb = app.add_subcommand("get", "Show the endpoints of a cluster, as kubectl get does");
  add_resource_arguments(*verb, options.resources);
  verb->add_option("-o,--output", options.output,
                   "wide, yaml, json, name, jsonpath='{.status...}', or custom-columns=HOST:.spec.host,...")
      ->take_last()
      ->type_name("FORMAT");
  verb->add_flag("-w,--watch", options.watch, "Then show what changes, until interrupted");
  verb->add_option("--sort-by", options.sort_by, "In the order of what this leads to: .spec.host")
      ->take_last()
      ->type_name("JSONPATH");
  add_field_selector(*verb, options.resources);
  verb->add_flag("--ignore-not-found", options.ignore_not_found, "What is not there is no failure");
  verb->add_flag("--no-headers", options.no_headers, "Without the first line of a table");
  verb->add_flag("--show-labels", options.show_labels, "With the labels in a last column");
  verb->add_option("-L,--label-columns", options.label_columns,
                   "With a column for each of these labels: team,tier")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("LABELS");
  verb->add_flag("--show-managed-fields", options.show_managed_fields,
                 "With metadata.managedFields in yaml and json");
  add_cluster_flags(*verb, options.cluster);
  verb->footer("Exit codes: 0, or 1 where something was not found or the server refused.");
  return verb;
}

int run_get(const GetOptions& options, const Surroundings& surroundings) {
  static_cast<void>(base::configure_log(base::LogFormat::kText, "warn"));
  const auto printer =
      make_printer({options.output, !options.no_headers, options.resources.all_namespaces,
                    options.show_labels, options.show_managed_fields, options.label_columns});
  if (!printer) return usage_error(surroundings.err, "get", printer.error().message);
  Wish wish{.choice = {}, .order = {}, .ignore_not_found = options.ignore_not_found};
  if (!options.sort_by.empty()) {
    auto order = EndpointOrder::parse(options.sort_by);
    if (!order) return usage_error(surroundings.err, "get", order.error().message);
    wish.order = std::move(*order);
  }
  auto connection = ClusterConnection::open(options.cluster, surroundings.err);
  if (!connection) return local_error(surroundings.err, connection.error().message);
  auto choice = choose_resources(options.resources, (*connection)->default_namespace());
  if (!choice) return usage_error(surroundings.err, "get", choice.error().message);
  wish.choice = std::move(*choice);
  Get get(**connection, std::move(wish), **printer, surroundings);
  return options.watch ? get.watch() : get.once();
}

}  // namespace tlswarden::cli
