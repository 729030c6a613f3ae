#include "cli/standalone_home.hpp"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace tlswarden::cli {

base::Result<std::unique_ptr<AgentHome>> StandaloneHome::open(const StandaloneOptions& options,
                                                              const base::Clock& clock,
                                                              reconcile::MetricsSink& metrics) {
  std::vector<std::filesystem::path> manifests(options.manifests.begin(), options.manifests.end());
  for (const std::filesystem::path& directory : manifests) {
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error)) {
      return base::fail("--manifests " + directory.string() + " is no directory; create it or name another");
    }
  }
  std::unique_ptr<StandaloneHome> home(new StandaloneHome(clock));
  auto store = store::EmbeddedStore::open(options.state, std::move(manifests), home->resolver_, metrics, {});
  if (!store) return base::fail(store.error().message);
  home->store_ = std::move(*store);
  return home;
}

void StandaloneHome::reread() {
  spdlog::info("reading the manifests again, as asked by SIGHUP");
  store_->reread();
}

}  // namespace tlswarden::cli
