#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "reconcile/event_sink.hpp"
#include "reconcile/material_source.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/observer.hpp"
#include "reconcile/store.hpp"
#include "tests/support/healthy_observation.hpp"
#include "tests/support/mint.hpp"

/// Stand-ins for everything around a reconciler. Those that a worker uses are safe from any thread.
namespace tlswarden::reconcile {

inline constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// A PostgreSQL server on localhost under verify-full, as the store would hand it over.
inline resource::DatabaseEndpoint orders() {
  resource::DatabaseEndpoint endpoint;
  endpoint.metadata.name = "orders";
  endpoint.metadata.ns = "payments";
  endpoint.metadata.uid = "uid-1";
  endpoint.spec.engine = resource::Engine::kPostgresql;
  endpoint.spec.host = "localhost";
  endpoint.spec.port = 5432;
  endpoint.spec.tls.mode = resource::TlsMode::kVerifyFull;
  return endpoint;
}

inline EndpointPtr shared(resource::DatabaseEndpoint endpoint) {
  return std::make_shared<const resource::DatabaseEndpoint>(std::move(endpoint));
}

/// What a healthy server shows.
inline probe::Observation healthy(const test_support::DemoPki& pki, base::WallTime at) {
  return test_support::healthy_observation(at, 5432, {pki.leaf.certificate, pki.intermediate.certificate});
}

inline probe::Observation refused(base::WallTime at) {
  probe::Observation seen;
  seen.at = at;
  seen.addresses = {{"127.0.0.1", 5432}};
  seen.failure = probe::Failure{probe::Stage::kConnect, probe::Cause::kConnectionRefused, "refused", {}, {}};
  return seen;
}

class FakeObserver final : public Observer {
 public:
  using Answer = std::function<probe::Observation(const probe::Target&)>;
  explicit FakeObserver(Answer answer) : answer_(std::move(answer)) {}

  net::Awaitable<probe::Observation> observe(probe::Target target) override {
    targets.push_back(target);
    co_return answer_(target);
  }
  void join() override {}

  void answer(Answer answer) { answer_ = std::move(answer); }
  std::vector<probe::Target> targets;

 private:
  Answer answer_;
};

class FakeMaterials final : public MaterialSource {
 public:
  explicit FakeMaterials(pki::TrustStorePtr trust) : trust_(std::move(trust)) {}
  ResolvedMaterial resolve(const resource::DatabaseEndpoint&) override {
    ResolvedMaterial resolved;
    resolved.material.trust = trust_;
    resolved.material.ca_declared = true;
    resolved.bastion = bastion;
    resolved.look_again = look_again;
    return resolved;
  }

  void trust(pki::TrustStorePtr trust) { trust_ = std::move(trust); }

  net::SshSettingsPtr bastion;
  std::optional<std::chrono::nanoseconds> look_again;

 private:
  pki::TrustStorePtr trust_;
};

/// Keeps records in memory.
class FakeStore final : public Store {
 public:
  void watch(Watcher) override {}
  base::Result<std::optional<Record>> load(const resource::DatabaseEndpoint& endpoint) override {
    const std::scoped_lock lock(mutex_);
    const auto found = records_.find(endpoint.key());
    return found == records_.end() ? std::nullopt : std::optional(found->second);
  }
  base::Result<void> save(const resource::DatabaseEndpoint& endpoint, const Record& record) override {
    if (before_saving) before_saving();
    const std::scoped_lock lock(mutex_);
    if (broken) return base::fail("the disk is full");
    records_[endpoint.key()] = record;
    ++saves;
    return {};
  }
  Record record(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    return records_.at(key);
  }
  bool broken = false;
  int saves = 0;
  std::function<void()> before_saving;

 private:
  std::mutex mutex_;
  std::map<std::string, Record> records_;
};

class FakeMetrics final : public MetricsSink {
 public:
  void check_finished(const CheckMeasure& measure) override {
    const std::scoped_lock lock(mutex_);
    reasons.push_back(measure.reason);
    reached.push_back(measure.reached);
  }
  void check_started(std::chrono::nanoseconds) override {}
  void status_saved(bool) override {}
  void manifests_read(bool) override {}
  void api_request(std::string_view, int) override {}

  std::vector<std::string> reasons;
  std::vector<bool> reached;

 private:
  std::mutex mutex_;
};

class FakeEvents final : public EventSink {
 public:
  void record(const resource::DatabaseEndpoint& endpoint, const Event& event) override {
    const std::scoped_lock lock(mutex_);
    told.push_back(endpoint.key() + ": " + event.reason);
    notes.push_back(event.note);
  }

  std::vector<std::string> told, notes;

 private:
  std::mutex mutex_;
};

}  // namespace tlswarden::reconcile
