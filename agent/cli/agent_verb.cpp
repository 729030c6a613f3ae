#include "cli/agent_verb.hpp"

#include <sys/resource.h>

#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/agent.hpp"
#include "cli/signals.hpp"
#include "net/tunnels.hpp"
#include "reconcile/prober_observer.hpp"

namespace tlswarden::cli {
namespace {

/// Per worker, for what blocks: name resolution and client libraries.
constexpr std::size_t kOffloadThreads = 8;

void serve_until_stopped(const Signals& signals, Agent& agent) {
  int signal = signals.wait();
  for (; signal == SIGHUP; signal = signals.wait())
    agent.reread();
  spdlog::info("ending on {}; checks under way may finish, a second signal ends at once",
               signal == SIGINT ? "SIGINT" : "SIGTERM");
  signals.stop_catching();
  agent.stop();
}

/// Checks, and the Secrets that are watched in a cluster, take descriptors by the hundred; the soft limit is
/// usually kept low for programs that use select(2), which this one does not.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int refuse(const base::Error& error) {
  spdlog::error("{}", error.message);
  return 1;
}

}  // namespace

CLI::App* add_agent_verb(CLI::App& app, AgentOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "agent", "Check what manifests, or a cluster's DatabaseEndpoints, declare, until stopped");
  add_agent_options(*verb, options);
  return verb;
}

int run_agent(const CLI::App& verb, const AgentOptions& options, const probe::DriverRegistry& drivers) {
  const auto logging = base::configure_log(
      options.log_format == "json" ? base::LogFormat::kJson : base::LogFormat::kText, options.log_level);
  if (const auto valid = check_agent_options(verb, options); !valid) return refuse(valid.error());
  if (!logging) return refuse(logging.error());
  auto exposed = serve::ExposedLabels::of(options.expose_labels);
  if (!exposed) return refuse(exposed.error());
  const Signals signals;
  allow_many_descriptors();
  const base::SystemClock clock;
  const std::unique_ptr<net::Tunnels> tunnels = net::make_ssh_tunnels(clock);
  Agent agent(options, std::move(*exposed),
              [&] { return reconcile::make_prober_observer(clock, *tunnels, drivers, kOffloadThreads); });
  if (const auto started = agent.start(); !started) return refuse(started.error());
  serve_until_stopped(signals, agent);
  spdlog::info("ended");
  return 0;
}

}  // namespace tlswarden::cli
