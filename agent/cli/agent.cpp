#include "cli/agent.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "cli/cluster_home.hpp"
#include "cli/standalone_home.hpp"
#include "serve/status_page.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kMostWorkersByDefault = 8;
/// Of the grace: what is left of it for bringing statuses out once the checks have ended, at least.
constexpr std::chrono::seconds kLastWrites{3};
/// A worker looks for work every half minute at least; one that has not for this long hangs.
constexpr std::chrono::seconds kLongestTurn{120};

std::size_t worker_count(const AgentOptions& options) {
  if (options.workers != 0) return options.workers;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostWorkersByDefault);
}

}  // namespace

Agent::Agent(const AgentOptions& options, serve::ExposedLabels exposed,
             reconcile::Fleet::ObserverFactory make_observer)
    : options_(options),
      make_observer_(std::move(make_observer)),
      metrics_(clock_, board_, TLSWARDEN_VERSION, std::move(exposed)),
      limiter_(clock_, {.total = options.max_checks, .per_host = options.max_checks_per_host}) {}

/// The home's threads call the fleet and the fleet's threads call the home, so the former have to fall silent
/// before either goes.
Agent::~Agent() {
  if (home_) home_->stop_watching();
}

base::Result<std::unique_ptr<AgentHome>> Agent::open_home() {
  if (options_.kubernetes) return ClusterHome::open(options_.cluster, clock_, random_, metrics_);
  return StandaloneHome::open(options_.standalone, clock_, metrics_);
}

base::Result<void> Agent::start() {
  const auto address = serve::parse_listen_address(options_.listen);
  if (!address) return base::fail(address.error().message);
  auto home = open_home();
  if (!home) return base::fail(home.error().message);
  home_ = std::move(*home);
  start_fleet();
  auto server = serve::HttpServer::start(*address, pages());
  if (!server) return base::fail(server.error().message);
  server_ = std::move(*server);
  spdlog::info("tlswarden {} listens on http://{}/", TLSWARDEN_VERSION, serve::to_string(server_->address()));
  home_->store().watch([this](const reconcile::EndpointSetPtr& set) {
    home_->published(*set);
    fleet_->apply(set);
  });
  return {};
}

void Agent::stop() {
  stopping_ = true;
  const base::MonoTime until =
      clock_.monotonic() + std::chrono::duration_cast<base::MonoTime::duration>(options_.grace);
  home_->stop_watching();
  if (!fleet_->stop(options_.grace)) spdlog::warn("some checks did not end in time and were cancelled");
  home_->finish(std::max<std::chrono::nanoseconds>(until - clock_.monotonic(), kLastWrites));
}

void Agent::start_fleet() {
  const reconcile::Worker::Services services{clock_,         random_, limiter_, home_->materials(),
                                             home_->store(), board_,  metrics_, home_->events()};
  fleet_ = std::make_unique<reconcile::Fleet>(services, worker_count(options_), make_observer_);
}

bool Agent::alive() const {
  return clock_.monotonic() - fleet_->load().last_turn < kLongestTurn;
}

serve::Pages Agent::pages() {
  return {.alive = [this] { return alive(); },
          .ready = [this] { return board_.synced() && !stopping_; },
          .metrics =
              [this](const serve::TextSink& sink) {
                const auto cluster = home_->cluster();
                metrics_.write(fleet_->load(), cluster ? &*cluster : nullptr, sink);
              },
          .status =
              [this] {
                const auto cluster = home_->cluster();
                return serve::status_page(board_.all(), clock_.now(), board_.synced(),
                                          cluster ? &cluster->load : nullptr);
              }};
}

}  // namespace tlswarden::cli
