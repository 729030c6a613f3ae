#include "cli/wait_verb.hpp"

#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/cluster_connection.hpp"
#include "cli/diagnostics.hpp"
#include "cli/endpoint_watch.hpp"
#include "cli/exit_code.hpp"
#include "cli/server_error.hpp"
#include "cli/wait_condition.hpp"

namespace tlswarden::cli {
namespace {

using Kind = WaitCondition::Kind;

constexpr base::Seconds kWeek{7 * 24 * 3600};

struct Target {
  std::string ns, name;
};

/// Why one of them did not get there: of the server, or a sentence of ours.
struct Failure {
  std::optional<kube::ApiError> error = {};
  std::string message = {};
};

/// What is known of one endpoint while it is waited for.
struct Progress {
  std::optional<std::string> uid = {};  ///< as first seen
  bool met = false;
  std::string problem = {};
};

class Wait {
 public:
  Wait(ClusterConnection& connection, WaitCondition condition, std::chrono::nanoseconds timeout)
      : connection_(connection),
        condition_(std::move(condition)),
        once_(timeout.count() == 0),
        until_(connection.clock().monotonic() +
               std::chrono::duration_cast<base::MonoTime::duration>(timeout.count() < 0 ? kWeek : timeout)),
        watch_(connection.client(), connection.clock(), connection.pause(), connection.cancellation()) {}

  base::Result<std::vector<Target>, kube::ApiError> matching(const ResourceChoice& choice) {
    auto listing = list_endpoints(connection_.client(), query_of(choice, false));
    if (!listing) return tl::unexpected(std::move(listing.error()));
    std::vector<Target> targets;
    for (EndpointItem& item : listing->items)
      targets.push_back({std::move(item.ns), std::move(item.name)});
    return targets;
  }

  /// Of nobody yet: until something matches.
  base::Result<std::vector<Target>, kube::ApiError> matching_in_time(const ResourceChoice& choice) {
    for (;;) {
      auto targets = matching(choice);
      if (!targets || !targets->empty() || once_ || !watch_.pause(until_)) return targets;
    }
  }

  /// Blocks until `target` is as asked for. False: it was gone before, of which kubectl does not speak.
  base::Result<bool, Failure> wait_for(const Target& target) {
    EndpointQuery query = query_of(target.ns, target.name, false);
    Progress progress;
    for (;;) {
      query.timeout = time_to_look();
      auto listing = list_endpoints(connection_.client(), query);
      if (!listing) {
        if (!watch_.passes(listing.error())) return fail({std::move(listing.error())});
        if (once_ || !watch_.pause(until_)) return fail({std::move(listing.error())});
        continue;
      }
      if (auto failure = look(*listing, target, progress)) return fail(std::move(*failure));
      if (progress.met) return progress.uid.has_value();
      if (!progress.problem.empty()) return fail({{}, progress.problem});
      if (once_) return fail({{}, "condition not met for databaseendpoints/" + target.name});
      const auto end =
          watch_.run(query, listing->resource_version, until_, [&](const EndpointWatch::Event& event) {
            look(event, progress);
            return !progress.met && progress.problem.empty();
          });
      if (!end) return fail({end.error()});
      if (progress.met) return progress.uid.has_value();
      if (!progress.problem.empty()) return fail({{}, progress.problem});
      if (*end == EndpointWatch::End::kTimedOut || !watch_.pause(until_))
        return fail({{}, "timed out waiting for the condition on databaseendpoints/" + target.name});
    }
  }

 private:
  static tl::unexpected<Failure> fail(Failure failure) { return tl::unexpected(std::move(failure)); }

  /// Everything is looked at once, however late it is.
  std::chrono::nanoseconds time_to_look() const {
    constexpr std::chrono::nanoseconds kLeast = std::chrono::seconds(5);
    constexpr std::chrono::nanoseconds kMost = std::chrono::minutes(2);
    return std::clamp(std::chrono::nanoseconds(until_ - connection_.clock().monotonic()), kLeast, kMost);
  }

  std::optional<Failure> look(const EndpointListing& listing, const Target& target, Progress& progress) {
    if (!listing.items.empty()) {
      look(EndpointWatch::Event{false, listing.items.front()}, progress);
      return std::nullopt;
    }
    if (condition_.kind == Kind::kDelete) progress.met = true;
    // What was there may come back; what never was is a mistake.
    if (condition_.kind == Kind::kDelete || condition_.kind == Kind::kCreate || progress.uid)
      return std::nullopt;
    return Failure{endpoint_not_found(connection_.client(), target.ns, target.name)};
  }

  void look(const EndpointWatch::Event& event, Progress& progress) const {
    if (condition_.kind == Kind::kDelete) {
      // One of the same name and another uid came after it was gone.
      progress.met = event.deleted || (progress.uid && *progress.uid != event.item.uid);
    } else if (condition_.kind == Kind::kCreate) {
      progress.met = !event.deleted;
    } else if (!event.deleted) {
      const auto met = is_met(condition_, event.item.body);
      progress.met = met && *met;
      if (!met) progress.problem = met.error().message;
    }
    if (!progress.uid) progress.uid = event.item.uid;
  }

  ClusterConnection& connection_;
  const WaitCondition condition_;
  const bool once_;
  const base::MonoTime until_;
  EndpointWatch watch_;
};

/// One failure is an error; several stand below each other, as kubectl has it.
int tell(std::ostream& err, const std::vector<Failure>& failures) {
  for (const Failure& failure : failures) {
    if (failure.error) {
      server_error(err, *failure.error);
    } else if (failures.size() == 1) {
      local_error(err, failure.message);
    } else {
      err << failure.message << '\n';
    }
  }
  return failures.empty() ? kExitOk : kExitFailed;
}

int run(Wait& wait, const WaitCondition& condition, const ResourceChoice& choice,
        const Surroundings& surroundings) {
  std::vector<Target> targets;
  for (const std::string& name : choice.names)
    targets.push_back({choice.ns, name});
  if (targets.empty()) {
    auto matching = condition.kind == Kind::kCreate ? wait.matching_in_time(choice) : wait.matching(choice);
    if (!matching) return server_error(surroundings.err, matching.error());
    targets = std::move(*matching);
    if (targets.empty() && condition.kind == Kind::kDelete) return kExitOk;
    if (targets.empty() && condition.kind == Kind::kCreate)
      return local_error(surroundings.err, "timed out waiting for the condition");
    if (targets.empty()) return local_error(surroundings.err, "no matching resources found");
  }
  std::vector<Failure> failures;
  for (const Target& target : targets) {
    auto waited = wait.wait_for(target);
    if (!waited) {
      failures.push_back(std::move(waited.error()));
    } else if (*waited) {
      surroundings.out << kResourceKind << '/' << base::printable(target.name) << " condition met\n"
                       << std::flush;
    }
  }
  return tell(surroundings.err, failures);
}

}  // namespace

CLI::App* add_wait_verb(CLI::App& app, WaitOptions& options) {
  CLI::App* verb =
      app.add_subcommand("wait", "Wait until endpoints of a cluster are as asked for, as kubectl wait does");
  add_resource_arguments(*verb, options.resources);
  add_field_selector(*verb, options.resources);
  verb->add_option("--for", options.condition,
                   "condition=Ready, condition=NAME=VALUE, jsonpath='{.path}'=VALUE, create or delete")
      ->take_last()
      ->type_name("WHAT");
  verb->add_flag("--all", options.all, "All in the namespace");
  verb->add_option("--timeout", options.timeout, "How long: 30s, 5m; 0 looks once, less than 0 is a week")
      ->take_last()
      ->type_name("DURATION")
      ->capture_default_str();
  add_cluster_flags(*verb, options.cluster);
  verb->footer("Exit codes: 0 when all are as asked for, 1 when not in time or where the server refused.");
  return verb;
}

int run_wait(const WaitOptions& options, const Surroundings& surroundings) {
  static_cast<void>(base::configure_log(base::LogFormat::kText, "warn"));
  const auto refuse = [&](const std::string& message) {
    return usage_error(surroundings.err, "wait", message);
  };
  if (options.condition.empty()) return refuse("say what to wait for: --for=condition=Ready");
  const auto condition = parse_wait_condition(options.condition);
  if (!condition) return refuse(condition.error().message);
  const auto timeout = parse_go_duration(options.timeout);
  if (!timeout) return refuse("--timeout: " + timeout.error().message);
  auto connection = ClusterConnection::open(options.cluster, surroundings.err);
  if (!connection) return local_error(surroundings.err, connection.error().message);
  const auto choice = choose_resources(options.resources, (*connection)->default_namespace());
  if (!choice) return refuse(choice.error().message);
  if (options.all && (choice->selective() || !choice->names.empty()))
    return refuse("--all means all; leave it out, or the names and the selector");
  if (!options.all && choice->names.empty() && !choice->selective())
    return refuse("resource(s) were provided, but no name was specified; name them, or use --all or -l");
  Wait wait(**connection, *condition, *timeout);
  return run(wait, *condition, *choice, surroundings);
}

}  // namespace tlswarden::cli
