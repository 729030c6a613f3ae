// The agent with a stub in place of the prober: no database is asked, every check sees the same chain at
// once. What is left is the agent's own work, for cluster_bench.py to measure.
// usage: stub_agent CHAIN.pem agent [options of tlswarden agent]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/file_reader.hpp"
#include "base/log.hpp"
#include "cli/agent.hpp"
#include "cli/signals.hpp"
#include "pki/bundle.hpp"
#include "reconcile/observer.hpp"
#include "tests/support/healthy_observation.hpp"

namespace {

using namespace tlswarden;

class StubObserver final : public reconcile::Observer {
 public:
  explicit StubObserver(pki::Chain chain) : chain_(std::move(chain)) {}

  net::Awaitable<probe::Observation> observe(probe::Target target) override {
    auto seen = test_support::healthy_observation(clock_.now(), target.port, chain_);
    co_return seen;
  }
  void join() override {}

 private:
  const base::SystemClock clock_;
  const pki::Chain chain_;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string chain_file;
  cli::AgentOptions options;
  CLI::App app("the agent with a stub in place of the prober");
  app.add_option("CHAIN", chain_file)->required();
  cli::add_agent_options(*app.add_subcommand("agent", "as of tlswarden"), options);
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);

  const auto content = base::read_file(chain_file, std::size_t{1} << 20U);
  if (!content) return fail(content.error().message);
  const auto chain = pki::parse_bundle(content->bytes(), nullptr);
  if (!chain) return fail(chain.error().message);
  if (const auto logging = base::configure_log(base::LogFormat::kText, options.log_level); !logging)
    return fail(logging.error().message);
  const cli::Signals signals;
  cli::Agent agent(options, {}, [&] { return std::make_unique<StubObserver>(chain->certificates); });
  if (const auto started = agent.start(); !started) return fail(started.error().message);
  signals.wait();
  agent.stop();
  return 0;
}
