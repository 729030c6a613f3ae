#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/store.hpp"
#include "store/directory_watch.hpp"
#include "store/manifest_collection.hpp"
#include "store/reference_resolver.hpp"
#include "store/referenced_files.hpp"
#include "store/sqlite_store.hpp"

namespace tlswarden::store {

/// The standalone home of endpoints: manifests in watched directories, and a state file for identity and
/// status. A change is taken up once the directories have been quiet for a moment; besides, they are looked
/// through every minute, for what no notification tells of (network file systems, more directories than can
/// be watched). The files that endpoints refer to are watched in the same way: where one changes, its
/// endpoints are told of anew, as they are where a Secret or ConfigMap of theirs changes.
class EmbeddedStore final : public reconcile::Store {
 public:
  /// How long after a change nothing may happen before it is taken up, at most how long that may be put off,
  /// and how often to look without a reason.
  struct Pace {
    std::chrono::milliseconds quiet{200}, longest{2000}, idle{60000};
  };

  /// `resolver` and `metrics` must outlive it. Error: the state file or the file system's notification is
  /// unusable.
  static base::Result<std::unique_ptr<EmbeddedStore>> open(const std::string& state_file,
                                                           std::vector<std::filesystem::path> manifests,
                                                           ReferenceResolver& resolver,
                                                           reconcile::MetricsSink& metrics, Pace pace);
  ~EmbeddedStore() override;

  void watch(Watcher watcher) override;
  base::Result<std::optional<reconcile::Record>> load(const resource::DatabaseEndpoint& endpoint) override;
  base::Result<void> save(const resource::DatabaseEndpoint& endpoint,
                          const reconcile::Record& record) override;

  /// Looks through the manifests now (SIGHUP), and tells the watcher even if nothing changed. From any
  /// thread.
  void reread();
  /// Ends the watching; when it returns, the watcher is not called any more. Records can still be loaded and
  /// saved.
  void stop();

 private:
  EmbeddedStore(std::unique_ptr<SqliteStore> state, DirectoryWatch directories,
                std::vector<std::filesystem::path> manifests, ReferenceResolver& resolver,
                reconcile::MetricsSink& metrics, Pace pace);
  void run(const Watcher& watcher);
  bool await_change();
  bool publish(const Watcher& watcher);
  void publish_again(const std::set<std::string>& keys, const Watcher& watcher);
  void watch_directories();
  reconcile::EndpointSetPtr set_of(std::vector<resource::DatabaseEndpoint> endpoints,
                                   const Documents& documents);

  const std::unique_ptr<SqliteStore> state_;
  DirectoryWatch directories_;
  ManifestCollection manifests_;
  ReferenceResolver& resolver_;
  reconcile::MetricsSink& metrics_;
  const Pace pace_;
  reconcile::EndpointSetPtr current_;
  ReferencedFiles files_;
  DocumentsPtr documents_;  ///< those that current_ was published with
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tlswarden::store
