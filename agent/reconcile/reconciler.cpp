#include "reconcile/reconciler.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "reconcile/dates.hpp"
#include "reconcile/target.hpp"
#include "reconcile/transitions.hpp"
#include "verdict/members.hpp"

namespace tlswarden::reconcile {
namespace {

using resource::EndpointStatus;

/// A number of [0, 1) that belongs to the uid, in this process and any other: FNV-1a, its bits mixed.
double fraction_of(const std::string& uid) {
  std::uint32_t hash = 2166136261U;
  for (const char c : uid)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  hash = (hash ^ (hash >> 16U)) * 0x85ebca6bU;
  hash = (hash ^ (hash >> 13U)) * 0xc2b2ae35U;
  hash ^= hash >> 16U;
  return static_cast<double>(hash) / 4294967296.0;
}

/// A status is written at least this often, so that lastCheckTime does not look abandoned. A tenth more or
/// less, so that endpoints that were first checked together are not written together ever after.
base::Seconds heartbeat(const resource::DatabaseEndpoint& endpoint) {
  const auto whole =
      static_cast<double>(std::max(base::Seconds(900), endpoint.spec.check_interval * 10).count());
  return base::Seconds(std::llround(whole * (0.9 + 0.2 * fraction_of(endpoint.metadata.uid))));
}

bool transient(const probe::Failure& failure) {
  if (failure.stage == probe::Stage::kTunnel) return true;
  switch (failure.cause) {
    case probe::Cause::kNameNotFound:
    case probe::Cause::kResolverFailure:
    case probe::Cause::kConnectionRefused:
    case probe::Cause::kConnectionReset:
    case probe::Cause::kNetworkUnreachable:
    case probe::Cause::kTimedOut:
    case probe::Cause::kPeerClosed:
    case probe::Cause::kHostBlocked:
    case probe::Cause::kServerBusy:
    case probe::Cause::kServerStarting:
    case probe::Cause::kForwardingRefused:
    case probe::Cause::kUnreachableByBastion:
    case probe::Cause::kTunnelLost:
    case probe::Cause::kCancelled:
    case probe::Cause::kInternal:
      return true;
    default:
      return false;
  }
}

bool cancelled(const probe::Observation& observation) {
  return observation.failure && observation.failure->cause == probe::Cause::kCancelled;
}

/// An attempt that the network spoilt says nothing; the one before it still does.
bool told_something(const probe::PlaintextObservation& plaintext) {
  return plaintext.accepted != probe::Tristate::kUnknown || !plaintext.failure ||
         !transient(*plaintext.failure);
}

/// Whether a slow check, last answered by `last`, is to be made again.
template <class Observation>
bool due(const resource::SlowCheckSpec& check, const std::optional<Observation>& last, base::WallTime now) {
  return check.enabled && (!last || now >= last->at + check.interval);
}

std::string reason_of(const EndpointStatus& status) {
  const resource::Condition* ready = status.find(resource::condition::kReady);
  return ready == nullptr ? std::string() : ready->reason;
}

bool same_server(const resource::EndpointSpec& a, const resource::EndpointSpec& b) {
  return a.engine == b.engine && a.host == b.host && a.port == b.port && a.srv == b.srv;
}

/// What was seen of a server that the endpoint no longer names would warn of somebody else's certificates.
void forget_server(EndpointStatus& status) {
  status.last_reached_time.reset();
  status.server = {};
  status.tls.reset();
  status.expiry.reset();
  status.rotation.reset();
  status.members.clear();
}

void log_conditions(const std::string& key, const EndpointStatus& previous, const EndpointStatus& next) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  for (const resource::Condition& condition : next.conditions) {
    const resource::Condition* before = previous.find(condition.type);
    if (before != nullptr && before->status == condition.status && before->reason == condition.reason)
      continue;
    spdlog::debug("{}: {} is {} ({}): {}", key, condition.type, resource::to_string(condition.status),
                  condition.reason, base::printable(condition.message, 1000));
  }
}

}  // namespace

Reconciler::Facts Reconciler::facts_of(verdict::PathCertificates certificates) {
  auto dates = certificate_dates(certificates);
  return {std::make_shared<const verdict::PathCertificates>(std::move(certificates)), std::move(dates)};
}

Reconciler::Facts Reconciler::facts_of(const EndpointStatus& status) {
  return facts_of(verdict::certificates_in_path(status));
}

Reconciler::EntryPtr Reconciler::entry_of(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second;
}

EndpointPtr Reconciler::find(const std::string& key) const {
  const EntryPtr entry = entry_of(key);
  return entry ? entry->endpoint : nullptr;
}

Reconciler::EntryPtr Reconciler::recalled(const EndpointPtr& endpoint) {
  auto entry = std::make_shared<Entry>();
  entry->endpoint = endpoint;
  auto loaded = services_.store.load(*endpoint);
  if (!loaded)
    spdlog::error("{}: starting without its last status: {}", endpoint->key(), loaded.error().message);
  Record record;
  if (loaded && *loaded) record = std::move(**loaded);
  entry->memory = std::move(record.memory);
  entry->failures = entry->memory.consecutive_failures;
  entry->last_saved = record.status.last_check_time.value_or(base::WallTime{});
  Facts facts = facts_of(record.status);
  entry->shown = view_of(*entry, std::move(record.status), std::move(facts));
  return entry;
}

void Reconciler::adopt(const EndpointPtr& endpoint) {
  EntryPtr& entry = entries_[endpoint->key()];
  bool moved = false;
  if (entry && entry->endpoint->metadata.uid == endpoint->metadata.uid) {
    moved = !same_server(entry->endpoint->spec, endpoint->spec);
    entry->endpoint = endpoint;
  } else {
    entry = recalled(endpoint);
  }
  EndpointStatus status = entry->shown->status;
  Facts facts{entry->shown->certificates, entry->shown->dates};
  if (moved) {
    forget_server(status);
    facts.dates.clear();
  }
  const bool judged = status.observed_generation == endpoint->metadata.generation;
  if (!judged) {
    // What was counted and seen belongs to another spec.
    entry->memory = {};
    entry->failures = 0;
    entry->observation.reset();
    facts.certificates = facts_of(status).certificates;
  }
  const bool first = status.conditions.empty() || (endpoint->spec.suspend && !judged);
  if (first) {
    resource::DatabaseEndpoint known = *endpoint;
    known.status = std::move(status);
    status = verdict::unvisited(known, services_.clock.now());
  }
  entry->shown = view_of(*entry, std::move(status), std::move(facts));
  if (first) save(*entry);
  services_.board.put(entry->shown);
}

void Reconciler::forget(const std::string& key) {
  entries_.erase(key);
  services_.board.remove(key);
}

bool Reconciler::plaintext_due(const Entry& entry) const {
  return due(entry.endpoint->spec.plaintext_check, entry.memory.plaintext, services_.clock.now());
}

bool Reconciler::legacy_protocols_due(const Entry& entry) const {
  return due(entry.endpoint->spec.legacy_protocol_check, entry.memory.legacy_protocols,
             services_.clock.now());
}

net::Awaitable<std::optional<Scheduler::Report>> Reconciler::check(std::string key) {
  const EntryPtr entry = entry_of(key);
  if (!entry) co_return std::nullopt;
  const EndpointPtr endpoint = entry->endpoint;
  const base::MonoTime began = services_.clock.monotonic();
  const ResolvedMaterial resolved = services_.materials.resolve(*endpoint);
  probe::Target target = make_target(
      *endpoint, resolved,
      {.plaintext_due = plaintext_due(*entry), .legacy_protocols_due = legacy_protocols_due(*entry)});
  probe::Observation observation = co_await services_.observer.observe(std::move(target));
  if (cancelled(observation) || entry_of(key) != entry || entry->endpoint != endpoint) co_return std::nullopt;

  entry->material = resolved.material;
  absorb(*entry, std::move(observation));
  Scheduler::Report report = conclude(*entry);
  report.at_latest = resolved.look_again;
  services_.metrics.check_finished({endpoint->spec.engine, entry->failures == 0,
                                    reason_of(entry->shown->status), services_.clock.monotonic() - began,
                                    entry->observation->stages});
  co_return report;
}

void Reconciler::absorb(Entry& entry, probe::Observation observation) {
  Memory& memory = entry.memory;
  const Memory before = memory;
  entry.failures = verdict::member_setback(observation) == nullptr ? 0 : entry.failures + 1;
  memory.consecutive_failures = std::min(entry.failures, entry.endpoint->spec.failure_threshold);
  if (observation.plaintext && told_something(*observation.plaintext)) {
    memory.plaintext = observation.plaintext;
    entry.unsaved = true;
  } else if (memory.plaintext) {
    observation.plaintext = memory.plaintext;
  }
  if (observation.legacy_protocols) {
    memory.legacy_protocols = observation.legacy_protocols;
    entry.unsaved = true;
  } else {
    observation.legacy_protocols = memory.legacy_protocols;
  }
  entry.unsaved = entry.unsaved || memory.consecutive_failures != before.consecutive_failures;
  entry.observation = std::make_shared<const probe::Observation>(std::move(observation));
}

std::vector<base::WallTime> Reconciler::revocation_dates(const Entry& entry, base::WallTime now) {
  const auto& tls = entry.observation->tls;
  const pki::TrustStorePtr& trust = entry.material.trust;
  if (!tls || tls->chain.empty() || !trust || trust->revocation_lists.empty()) return {};
  return cache_.verify(tls->chain, *trust, pki::Purpose::kServer, now).revocation.dates;
}

Scheduler::Report Reconciler::conclude(Entry& entry) {
  const base::WallTime now = services_.clock.now();
  const probe::Observation& observation = *entry.observation;
  const EndpointViewPtr before = entry.shown;
  const EndpointStatus& previous = before->status;
  // The tolerance for a few failures is for endpoints that worked: under a new spec nothing has worked yet.
  const bool first_of_spec = previous.observed_generation != entry.endpoint->metadata.generation;
  const int tolerated = first_of_spec ? entry.endpoint->spec.failure_threshold : 0;
  const verdict::History history{std::max(entry.failures, tolerated), previous};
  EndpointStatus status =
      verdict::judge({*entry.endpoint, entry.material, observation, history, now}, cache_);
  status.last_check_time = observation.at;
  log_conditions(entry.endpoint->key(), previous, status);
  for (const Event& event : events_between(previous, status))
    services_.events.record(*entry.endpoint, event);
  verdict::PathCertificates certificates =
      known_certificates(observation, entry.material, *before->certificates, status.members, now, cache_);
  entry.shown = view_of(entry, std::move(status), facts_of(std::move(certificates)));
  save_if_worthwhile(entry, previous);
  services_.board.put(entry.shown);
  return {entry.failures,
          next_judgement(entry.shown->status, entry.shown->dates, now, revocation_dates(entry, now))};
}

std::optional<Scheduler::Report> Reconciler::judge_again(const std::string& key) {
  const EntryPtr entry = entry_of(key);
  if (!entry || !entry->observation) return std::nullopt;
  return conclude(*entry);
}

void Reconciler::save_if_worthwhile(Entry& entry, const EndpointStatus& previous) {
  const bool stale = services_.clock.now() >= entry.last_saved + heartbeat(*entry.endpoint);
  if (stale || entry.unsaved || !resource::same_meaning(previous, entry.shown->status)) save(entry);
}

void Reconciler::save(Entry& entry) {
  const auto kept = services_.store.save(*entry.endpoint, {entry.shown->status, entry.memory});
  entry.unsaved = !kept.has_value();
  if (kept) {
    entry.last_saved = services_.clock.now();
  } else {
    spdlog::error("{}: its status was not saved and will be tried again at the next check: {}",
                  entry.endpoint->key(), kept.error().message);
  }
}

EndpointViewPtr Reconciler::view_of(const Entry& entry, EndpointStatus status, Facts facts) {
  auto view = std::make_shared<EndpointView>();
  view->endpoint = entry.endpoint;
  view->severity = verdict::severity(status);
  view->headline = verdict::headline(status);
  view->last_check = entry.observation ? entry.observation->at : status.last_check_time;
  view->status = std::move(status);
  view->dates = std::move(facts.dates);
  view->deadlines = rotation_deadlines(entry.endpoint->spec.rotation, *facts.certificates);
  view->certificates = std::move(facts.certificates);
  return view;
}

}  // namespace tlswarden::reconcile
