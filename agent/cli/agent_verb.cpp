#include "cli/agent_verb.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "cli/choices.hpp"
#include "net/rate_limit.hpp"
#include "reconcile/board.hpp"
#include "reconcile/event_log.hpp"
#include "reconcile/fleet.hpp"
#include "reconcile/prober_observer.hpp"
#include "serve/exposed_labels.hpp"
#include "serve/http_server.hpp"
#include "serve/metrics.hpp"
#include "serve/status_page.hpp"
#include "store/embedded_store.hpp"
#include "store/reference_resolver.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kMostWorkersByDefault = 8;
/// Per worker, for what blocks: name resolution and client libraries.
constexpr std::size_t kOffloadThreads = 8;

/// The signals the agent answers to, blocked in this thread and in all that it starts, so that only wait()
/// sees them.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
      sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A peer that closes early must not end the process.
    std::signal(SIGPIPE, SIG_IGN);
  }

  int wait() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) {
    }
    return signal;
  }

  /// From now on a signal to end does what it does by default: at once.
  void stop_catching() const {
    for (const int signal : {SIGTERM, SIGINT})
      std::signal(signal, SIG_DFL);
    std::signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_{};
};

std::size_t worker_count(const AgentOptions& options) {
  if (options.workers != 0) return options.workers;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostWorkersByDefault);
}

/// Everything that runs while the agent does, in the order in which it must be taken down, last first.
class Agent {
 public:
  Agent(const AgentOptions& options, const probe::DriverRegistry& drivers, serve::ExposedLabels exposed)
      : options_(options),
        drivers_(drivers),
        metrics_(clock_, board_, TLSWARDEN_VERSION, std::move(exposed)),
        resolver_(nullptr, clock_),
        limiter_(clock_, {.total = options.max_checks, .per_host = options.max_checks_per_host}) {}

  /// The store's thread calls the fleet and the fleet's threads call the store, so the former has to fall
  /// silent before either of them goes.
  ~Agent() {
    if (store_) store_->stop();
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  base::Result<void> start() {
    const auto address = serve::parse_listen_address(options_.listen);
    if (!address) return base::fail(address.error().message);
    const std::vector<std::filesystem::path> manifests(options_.manifests.begin(), options_.manifests.end());
    for (const std::filesystem::path& directory : manifests) {
      std::error_code error;
      if (!std::filesystem::is_directory(directory, error)) {
        return base::fail("--manifests " + directory.string() +
                          " is no directory; create it or name another");
      }
    }
    auto store = store::EmbeddedStore::open(options_.state, manifests, resolver_, metrics_, {});
    if (!store) return base::fail(store.error().message);
    store_ = std::move(*store);
    start_fleet();
    auto server = serve::HttpServer::start(*address, pages());
    if (!server) return base::fail(server.error().message);
    server_ = std::move(*server);
    spdlog::info("tlswarden {} listens on http://{}/", TLSWARDEN_VERSION,
                 serve::to_string(server_->address()));
    store_->watch([this](const reconcile::EndpointSetPtr& set) { fleet_->apply(set); });
    return {};
  }

  void reread() {
    spdlog::info("reading the manifests again, as asked by SIGHUP");
    store_->reread();
  }

  void stop() {
    store_->stop();
    if (!fleet_->stop(options_.grace)) spdlog::warn("some checks did not end in time and were cancelled");
  }

 private:
  void start_fleet() {
    const reconcile::Worker::Services services{clock_,  random_, limiter_, resolver_,
                                               *store_, board_,  metrics_, events_};
    fleet_ = std::make_unique<reconcile::Fleet>(services, worker_count(options_), [this] {
      return reconcile::make_prober_observer(clock_, *tunnels_, drivers_, kOffloadThreads);
    });
  }

  serve::Pages pages() {
    return {.ready = [this] { return board_.synced(); },
            .metrics = [this] { return metrics_.page(fleet_->load()); },
            .status = [this] { return serve::status_page(board_.all(), clock_.now(), board_.synced()); }};
  }

  const AgentOptions& options_;
  const probe::DriverRegistry& drivers_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  reconcile::Board board_;
  serve::Metrics metrics_;
  reconcile::EventLog events_;
  store::ReferenceResolver resolver_;
  net::ProbeLimiter limiter_;
  const std::unique_ptr<net::Tunnels> tunnels_ = net::make_ssh_tunnels(clock_);
  std::unique_ptr<store::EmbeddedStore> store_;
  std::unique_ptr<reconcile::Fleet> fleet_;
  std::unique_ptr<serve::HttpServer> server_;
};

base::Result<void> check_options(const AgentOptions& options) {
  if (options.manifests.empty()) return base::fail("name a directory to watch with --manifests DIR");
  if (options.log_format != "text" && options.log_format != "json") {
    return base::fail("--log-format '" + options.log_format + "' is neither text nor json");
  }
  return {};
}

void serve_until_stopped(const Signals& signals, Agent& agent) {
  int signal = signals.wait();
  for (; signal == SIGHUP; signal = signals.wait())
    agent.reread();
  spdlog::info("ending on {}; checks under way may finish, a second signal ends at once",
               signal == SIGINT ? "SIGINT" : "SIGTERM");
  signals.stop_catching();
  agent.stop();
}

}  // namespace

CLI::App* add_agent_verb(CLI::App& app, AgentOptions& options) {
  CLI::App* verb = app.add_subcommand("agent", "Watch manifests and check what they declare, until stopped");
  verb->add_option("--manifests", options.manifests, "Directory of manifests, watched; may be repeated")
      ->required()
      ->type_name("DIR");
  verb->add_option("--state", options.state, "File that keeps statuses over a restart")
      ->capture_default_str()
      ->type_name("FILE");
  verb->add_option("--listen", options.listen,
                   "Where to serve / /metrics /healthz /readyz; port 0 takes a free one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  verb->add_option("--expose-label", options.expose_labels,
                   "Label of endpoints that their metrics carry too, for routing alerts; may be repeated")
      ->type_name("KEY");
  verb->add_option("--workers", options.workers,
                   "Threads that check, at most 256; 0 is one per processor, at most 8")
      ->check(between(0, 256))
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--max-checks", options.max_checks, "Checks under way at once")
      ->check(between(1, 100000))
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--max-checks-per-host", options.max_checks_per_host, "Of these, on one host")
      ->check(between(1, 100000))
      ->capture_default_str()
      ->type_name("N");
  verb->add_option("--log-format", options.log_format, "text or json")
      ->check(one_of({"text", "json"}))
      ->capture_default_str()
      ->type_name("FORMAT");
  verb->add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str()
      ->type_name("LEVEL");
  verb->add_option_function<int>(
          "--grace", [&options](int seconds) { options.grace = base::Seconds(seconds); },
          "Seconds that checks under way get to finish on SIGTERM")
      ->check(between(0, 3600))
      ->default_str(std::to_string(options.grace.count()))
      ->type_name("SECONDS");
  return verb;
}

int run_agent(const AgentOptions& options, const probe::DriverRegistry& drivers) {
  const auto valid = check_options(options);
  const auto logging = base::configure_log(
      options.log_format == "json" ? base::LogFormat::kJson : base::LogFormat::kText, options.log_level);
  for (const auto* step : {&valid, &logging}) {
    if (*step) continue;
    spdlog::error("{}", step->error().message);
    return 1;
  }
  auto exposed = serve::ExposedLabels::of(options.expose_labels);
  if (!exposed) {
    spdlog::error("{}", exposed.error().message);
    return 1;
  }
  const Signals signals;
  Agent agent(options, drivers, std::move(*exposed));
  if (const auto started = agent.start(); !started) {
    spdlog::error("{}", started.error().message);
    return 1;
  }
  serve_until_stopped(signals, agent);
  spdlog::info("ended");
  return 0;
}

}  // namespace tlswarden::cli
