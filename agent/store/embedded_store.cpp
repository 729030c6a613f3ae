#include "store/embedded_store.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "resource/codec.hpp"
#include "store/documents.hpp"

namespace tlswarden::store {
namespace {

/// Beside those of the manifests; an eighth of what a user may watch by default on a small machine
/// (fs.inotify.max_user_watches).
constexpr std::size_t kMostFileDirectories = 1024;

/// The same spec under the same labels: nothing that anyone could tell apart.
bool same_declaration(const resource::DatabaseEndpoint& a, const resource::DatabaseEndpoint& b) {
  return a.metadata.uid == b.metadata.uid && a.metadata.generation == b.metadata.generation &&
         a.metadata.labels == b.metadata.labels && a.metadata.annotations == b.metadata.annotations;
}

}  // namespace

base::Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(const std::string& state_file,
                                                                 std::vector<std::filesystem::path> manifests,
                                                                 ReferenceResolver& resolver,
                                                                 reconcile::MetricsSink& metrics, Pace pace) {
  auto state = SqliteStore::open(state_file);
  if (!state) return base::fail(state.error().message);
  auto directories = DirectoryWatch::create();
  if (!directories) return base::fail(directories.error().message);
  return std::unique_ptr<EmbeddedStore>(new EmbeddedStore(std::move(*state), std::move(*directories),
                                                          std::move(manifests), resolver, metrics, pace));
}

EmbeddedStore::EmbeddedStore(std::unique_ptr<SqliteStore> state, DirectoryWatch directories,
                             std::vector<std::filesystem::path> manifests, ReferenceResolver& resolver,
                             reconcile::MetricsSink& metrics, Pace pace)
    : state_(std::move(state)),
      directories_(std::move(directories)),
      manifests_(std::move(manifests)),
      resolver_(resolver),
      metrics_(metrics),
      pace_(pace),
      current_(std::make_shared<const reconcile::EndpointSet>()),
      documents_(std::make_shared<const Documents>()) {}

EmbeddedStore::~EmbeddedStore() {
  stop();
}

void EmbeddedStore::stop() {
  stopping_ = true;
  directories_.wake();
  if (thread_.joinable()) thread_.join();
}

void EmbeddedStore::watch(Watcher watcher) {
  thread_ = std::thread([this, watcher = std::move(watcher)] { run(watcher); });
}

void EmbeddedStore::reread() {
  directories_.wake();
}

void EmbeddedStore::run(const Watcher& watcher) {
  bool must_publish = true;
  while (!stopping_) {
    bool changed = manifests_.read();
    // Watched only now that the directories are known; what came in between is found by looking once more.
    watch_directories();
    changed = manifests_.read() || changed;
    const std::set<std::string> outdated = files_.take_changed();
    bool taken_over = true;
    if (changed || must_publish) taken_over = publish(watcher);
    if (!outdated.empty()) publish_again(outdated, watcher);
    metrics_.manifests_read(taken_over && manifests_.flawless());
    must_publish = await_change() || !taken_over;
  }
}

void EmbeddedStore::watch_directories() {
  DirectoryWatch::Interests interests;
  for (const std::filesystem::path& directory : manifests_.directories())
    interests[directory] = {};
  files_.add_interests(interests, interests.size() + kMostFileDirectories);
  directories_.set(interests);
}

/// Returns whether it was asked for, rather than noticed.
bool EmbeddedStore::await_change() {
  using Event = DirectoryWatch::Event;
  const Event first = directories_.wait(pace_.idle);
  if (first != Event::kChange) return first == Event::kWoken;
  const auto latest = std::chrono::steady_clock::now() + pace_.longest;
  while (std::chrono::steady_clock::now() < latest) {
    const Event next = directories_.wait(pace_.quiet);
    if (next != Event::kChange) return next == Event::kWoken;
  }
  return false;
}

bool EmbeddedStore::publish(const Watcher& watcher) {
  resource::Manifest manifest = manifests_.join();
  DocumentsPtr documents = take_documents(manifest);
  std::vector<resource::DatabaseEndpoint> declared;
  declared.reserve(manifest.endpoints.size());
  for (auto& located : manifest.endpoints)
    declared.push_back(std::move(located.endpoint));
  // While a file is bad, an endpoint that seems gone may only be unreadable: its record waits.
  auto identified = state_->declare(std::move(declared), !manifests_.flawless());
  if (!identified) {
    spdlog::error("the manifests were not taken over: {}", identified.error().message);
    return false;
  }
  resolver_.replace(documents);
  current_ = set_of(std::move(*identified), *documents);
  documents_ = std::move(documents);
  std::set<std::string> uids;
  for (const auto& [key, endpoint] : current_->endpoints)
    uids.insert(endpoint->metadata.uid);
  resolver_.retain(uids);
  // Before anybody reads the files, so that no change falls between.
  files_.set(*current_, *documents_);
  watch_directories();
  spdlog::info("{} endpoint(s) declared", current_->endpoints.size());
  watcher(current_);
  return true;
}

/// What these endpoints refer to has changed, though nothing that is declared has.
void EmbeddedStore::publish_again(const std::set<std::string>& keys, const Watcher& watcher) {
  auto set = std::make_shared<reconcile::EndpointSet>(*current_);
  std::size_t count = 0;
  for (const std::string& key : keys) {
    const auto known = set->endpoints.find(key);
    if (known == set->endpoints.end()) continue;
    known->second = std::make_shared<const resource::DatabaseEndpoint>(*known->second);
    ++count;
  }
  spdlog::info("a file that {} endpoint(s) refer to changed", count);
  current_ = std::move(set);
  watcher(current_);
}

reconcile::EndpointSetPtr EmbeddedStore::set_of(std::vector<resource::DatabaseEndpoint> endpoints,
                                                const Documents& documents) {
  auto set = std::make_shared<reconcile::EndpointSet>();
  for (resource::DatabaseEndpoint& endpoint : endpoints) {
    const std::string key = endpoint.key();
    const auto known = current_->endpoints.find(key);
    const bool same = known != current_->endpoints.end() && same_declaration(*known->second, endpoint) &&
                      same_for(endpoint, *documents_, documents);
    set->endpoints[key] =
        same ? known->second : std::make_shared<const resource::DatabaseEndpoint>(std::move(endpoint));
  }
  return set;
}

base::Result<std::optional<reconcile::Record>> EmbeddedStore::load(
    const resource::DatabaseEndpoint& endpoint) {
  return state_->load(endpoint);
}

base::Result<void> EmbeddedStore::save(const resource::DatabaseEndpoint& endpoint,
                                       const reconcile::Record& record) {
  auto saved = state_->save(endpoint, record);
  metrics_.status_saved(saved.has_value());
  return saved;
}

}  // namespace tlswarden::store
