#include "kube/cluster_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "kube/endpoint_scope.hpp"
#include "kube/publication.hpp"
#include "kube/status_writer.hpp"
#include "reconcile/refusal.hpp"
#include "reconcile/transitions.hpp"

namespace tlswarden::kube {
namespace {

/// Changes come in bursts: how long the first of one waits for the others.
constexpr std::chrono::milliseconds kGather{200};

/// What the publisher waits for. Shared, for ownership may still call after the store is gone.
class News {
 public:
  void tell(const std::set<ReferencedObject>& references = {}) {
    const std::scoped_lock lock(mutex_);
    any_ = true;
    references_.insert(references.begin(), references.end());
    told_.notify_one();
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    told_.notify_one();
  }
  /// Waits until there is any; false when it has ended.
  bool await() {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [this] { return any_ || ended_; });
    return !ended_;
  }
  /// The references that were told of.
  std::set<ReferencedObject> take() {
    const std::scoped_lock lock(mutex_);
    any_ = false;
    return std::exchange(references_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::set<ReferencedObject> references_;
  bool any_ = false, ended_ = false;
};

ObjectId id_of(const resource::Metadata& metadata) {
  return {metadata.ns, metadata.name, metadata.uid};
}

/// The collections to follow: that of all namespaces where none is named.
std::set<std::string> scopes_of(const std::vector<std::string>& namespaces) {
  if (namespaces.empty()) return {""};
  return {namespaces.begin(), namespaces.end()};
}

}  // namespace

struct ClusterStore::Impl {
  Impl(Services given, ClusterStoreOptions wanted)
      : services(given),
        options(std::move(wanted)),
        writer({given.client, endpoints, given.ownership, given.metrics, given.clock, given.random,
                given.pause, given.cancellation},
               options.writers),
        publication(endpoints, given.references, given.ownership) {
    const ClientServices shared{services.client, services.clock, services.random, services.pause, following};
    for (const std::string& ns : scopes_of(options.namespaces))
      scopes.push_back(
          std::make_unique<EndpointScope>(shared, ns, options.watch_list, endpoints, scope_told()));
  }

  void start(Watcher watcher);
  void stop();
  void run(const Watcher& watcher);
  void publish(const Watcher& watcher, const std::set<ReferencedObject>& changed);
  void tell_refused(const RefusedEndpoint& refused);
  EndpointScope::Told scope_told();
  bool may_begin() const;

  const Services services;
  const ClusterStoreOptions options;
  const std::shared_ptr<News> news = std::make_shared<News>();
  Cancellation following{&services.cancellation};
  EndpointRegister endpoints;
  StatusWriter writer;
  Publication publication;
  std::atomic<std::size_t> references{0};
  std::atomic<bool> begun{false};  ///< a set was published, perhaps an empty one
  std::vector<std::unique_ptr<EndpointScope>> scopes;
  std::thread publisher;
};

void ClusterStore::Impl::start(Watcher watcher) {
  services.ownership.watch([news = news] { news->tell(); });
  services.references.watch(
      [news = news](const std::set<ReferencedObject>& changed) { news->tell(changed); });
  for (const auto& scope : scopes)
    scope->start();
  publisher = std::thread([this, watcher = std::move(watcher)] { run(watcher); });
}

void ClusterStore::Impl::stop() {
  following.cancel();
  news->end();
  if (publisher.joinable()) {
    publisher.join();
    services.references.stop();
  }
  for (const auto& scope : scopes)
    scope->join();
}

/// A refusal may be what the first set waits for; later it changes nothing.
EndpointScope::Told ClusterStore::Impl::scope_told() {
  return {.changed = [this] { news->tell(); },
          .refused =
              [this] {
                if (!begun) news->tell();
              }};
}

/// Whether all that can be read was read, and that is not nothing.
bool ClusterStore::Impl::may_begin() const {
  const auto settled = [](const auto& scope) { return scope->refused() || scope->synced(); };
  const auto synced = [](const auto& scope) { return scope->synced(); };
  return std::all_of(scopes.begin(), scopes.end(), settled) &&
         std::any_of(scopes.begin(), scopes.end(), synced);
}

void ClusterStore::Impl::run(const Watcher& watcher) {
  while (news->await()) {
    if (!services.pause.wait(kGather, following)) return;
    // Taken before the look at what there is, so that what comes meanwhile is news again. What comes before
    // the first sync needs no more: that will be news of its own.
    const std::set<ReferencedObject> changed = news->take();
    if (!begun) begun = may_begin();
    if (begun) publish(watcher, changed);
  }
}

void ClusterStore::Impl::publish(const Watcher& watcher, const std::set<ReferencedObject>& changed) {
  const Publication::Next next = publication.next(changed);
  references = publication.references();
  if (next.again) news->tell();
  if (next.contents && options.contents_changed) options.contents_changed(next.contents);
  if (next.set) {
    spdlog::debug("{} of {} endpoint(s) are this replica's to check", next.set->endpoints.size(),
                  endpoints.size());
    watcher(next.set);
  }
  // Should it come back, what another replica has written meanwhile is newer.
  for (const std::string& uid : next.lost)
    writer.forget(uid);
  for (const RefusedEndpointPtr& refused : next.refused)
    tell_refused(*refused);
}

void ClusterStore::Impl::tell_refused(const RefusedEndpoint& refused) {
  const auto known = endpoints.find(refused.metadata.ns, refused.metadata.name);
  resource::EndpointStatus previous;
  if (known && known->status && known->metadata().uid == refused.metadata.uid) {
    if (auto record = record_from_text(*known->status)) previous = std::move(record->status);
  }
  auto status = reconcile::refused_status(refused.metadata, refused.sentence, previous, services.clock.now());
  if (const auto event = reconcile::event_of_refusal(previous, status)) {
    resource::DatabaseEndpoint endpoint;
    endpoint.metadata = refused.metadata;
    services.events.record(endpoint, *event);
  } else {
    spdlog::warn("{}/{}: {}", refused.metadata.ns, refused.metadata.name, refused.sentence);
  }
  writer.put(id_of(refused.metadata), status_text({std::move(status), {}}));
}

ClusterStore::ClusterStore(Services services, ClusterStoreOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(options))) {}

ClusterStore::~ClusterStore() {
  stop();
}

void ClusterStore::watch(Watcher watcher) {
  impl_->start(std::move(watcher));
}

void ClusterStore::stop() {
  impl_->stop();
}

base::Result<std::optional<reconcile::Record>> ClusterStore::load(
    const resource::DatabaseEndpoint& endpoint) {
  const resource::Metadata& metadata = endpoint.metadata;
  StatusText text = impl_->writer.waiting(metadata.uid);
  if (!text) {
    const auto known = impl_->endpoints.find(metadata.ns, metadata.name);
    if (known && known->metadata().uid == metadata.uid) text = known->status;
  }
  if (!text) return std::nullopt;
  auto record = record_from_text(*text);
  if (!record) return base::fail(record.error().message);
  return std::optional(std::move(*record));
}

base::Result<void> ClusterStore::save(const resource::DatabaseEndpoint& endpoint,
                                      const reconcile::Record& record) {
  const resource::Metadata& metadata = endpoint.metadata;
  const auto known = impl_->endpoints.find(metadata.ns, metadata.name);
  // What was judged of a version that could still be read is not written over the complaint about this one.
  if (!known || !known->endpoint || known->metadata().uid != metadata.uid) return {};
  if (!impl_->services.ownership.owns(metadata.uid)) return {};
  // As a rule its first check has ended before this would be written: one write instead of two.
  const bool check_is_near = !record.status.last_check_time && !endpoint.spec.suspend;
  if (check_is_near)
    impl_->writer.put_provisional(id_of(metadata), status_text(record));
  else
    impl_->writer.put(id_of(metadata), status_text(record));
  return {};
}

std::vector<reconcile::StoredEndpoint> ClusterStore::fleet() const {
  return impl_->endpoints.fleet();
}

reconcile::ClusterLoad ClusterStore::load_now() const {
  reconcile::ClusterLoad load;
  load.endpoints = impl_->endpoints.size();
  load.pending_writes = impl_->writer.pending();
  load.references = impl_->references.load();
  for (const auto& scope : impl_->scopes) {
    const ReflectorHealth health = scope->health();
    load.lists += health.lists;
    load.watches += health.watches;
    load.watch_failures += health.failures;
    if (!scope->ns().empty()) load.namespaces[scope->ns()] = health.refused;
    if (load.problem.empty() && !(health.refused && !scope->ns().empty())) load.problem = health.problem;
  }
  return load;
}

std::size_t ClusterStore::flush(std::chrono::nanoseconds grace) {
  return impl_->writer.flush(grace);
}

}  // namespace tlswarden::kube
