#pragma once

#include <atomic>
#include <memory>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "cli/agent_home.hpp"
#include "cli/agent_options.hpp"
#include "net/rate_limit.hpp"
#include "reconcile/board.hpp"
#include "reconcile/fleet.hpp"
#include "serve/exposed_labels.hpp"
#include "serve/http_server.hpp"
#include "serve/metrics.hpp"

namespace tlswarden::cli {

/// Everything that runs while an agent does. Its functions are called from one thread.
class Agent {
 public:
  /// Both must outlive it. `make_observer` gives each worker what it looks at databases with.
  Agent(const AgentOptions& options, serve::ExposedLabels exposed,
        reconcile::Fleet::ObserverFactory make_observer);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Error: it cannot start, and why.
  base::Result<void> start();
  void reread() { home_->reread(); }
  /// Lets what is under way end, within the grace that the options give it.
  void stop();

  /// Where it serves; to be asked after start().
  const serve::ListenAddress& address() const { return server_->address(); }

 private:
  base::Result<std::unique_ptr<AgentHome>> open_home();
  void start_fleet();
  bool alive() const;
  serve::Pages pages();

  const AgentOptions& options_;
  const reconcile::Fleet::ObserverFactory make_observer_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  reconcile::Board board_;
  serve::Metrics metrics_;
  net::ProbeLimiter limiter_;
  std::atomic<bool> stopping_{false};
  // From here on in the order in which they are taken down, last first: the fleet's threads use the home, and
  // the server's all of it.
  std::unique_ptr<AgentHome> home_;
  std::unique_ptr<reconcile::Fleet> fleet_;
  std::unique_ptr<serve::HttpServer> server_;
};

}  // namespace tlswarden::cli
