#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "pki/verification.hpp"
#include "reconcile/board.hpp"
#include "reconcile/event_sink.hpp"
#include "reconcile/material_source.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/observer.hpp"
#include "reconcile/scheduler.hpp"
#include "reconcile/store.hpp"

namespace tlswarden::reconcile {

/// Carries endpoints from spec to status: material → observation → verdict → store and board. Level-based:
/// what it does depends on the present spec and the last record, not on what happened in between. Not
/// thread-safe: owned by one worker, called on its loop.
class Reconciler {
 public:
  /// Each reference outlives the reconciler.
  struct Services {
    const base::Clock& clock;
    MaterialSource& materials;
    Store& store;
    Observer& observer;
    Board& board;
    MetricsSink& metrics;
    EventSink& events;
  };
  explicit Reconciler(Services services) : services_(services) {}

  /// Takes an endpoint over, or a new version of one, with what the store remembers of it; shows it on the
  /// board. A first visit and a suspension are saved, so that every endpoint has all its conditions
  /// from the start.
  void adopt(const EndpointPtr& endpoint);
  void forget(const std::string& key);
  /// Null when unknown.
  EndpointPtr find(const std::string& key) const;

  /// One check. Nothing when it came to no conclusion: the endpoint changed or went away meanwhile, or the
  /// check was cancelled.
  net::Awaitable<std::optional<Scheduler::Report>> check(std::string key);
  /// Judges the last observation at the present time; nothing when there is none.
  std::optional<Scheduler::Report> judge_again(const std::string& key);

 private:
  struct Entry {
    EndpointPtr endpoint;
    Memory memory;
    bool unsaved = false;  ///< status and memory differ from what the store holds
    base::WallTime last_saved{};
    int failures = 0;  ///< in a row, uncapped
    pki::Material material;
    std::shared_ptr<const probe::Observation> observation;  ///< the last one of this spec, if any
    /// What the board shows, once it was saved: what somebody has seen outlives the agent, however that ends.
    /// The status, which is large, is kept once. Never null.
    EndpointViewPtr shown;
  };
  using EntryPtr = std::shared_ptr<Entry>;
  /// What is known of certificates.
  struct Facts {
    std::shared_ptr<const verdict::PathCertificates> certificates;  ///< never null
    std::vector<CertificateDates> dates;
  };

  EntryPtr entry_of(const std::string& key) const;
  EntryPtr recalled(const EndpointPtr& endpoint);
  bool plaintext_due(const Entry& entry) const;
  bool legacy_protocols_due(const Entry& entry) const;
  void absorb(Entry& entry, probe::Observation observation);
  /// When the declared revocation lists of the path begin and cease to hold.
  std::vector<base::WallTime> revocation_dates(const Entry& entry, base::WallTime now);
  Scheduler::Report conclude(Entry& entry);
  void save_if_worthwhile(Entry& entry, const resource::EndpointStatus& previous);
  void save(Entry& entry);
  static Facts facts_of(verdict::PathCertificates certificates);
  static Facts facts_of(const resource::EndpointStatus& status);
  static EndpointViewPtr view_of(const Entry& entry, resource::EndpointStatus status, Facts facts);

  Services services_;
  pki::VerificationCache cache_;
  std::unordered_map<std::string, EntryPtr> entries_;
};

}  // namespace tlswarden::reconcile
