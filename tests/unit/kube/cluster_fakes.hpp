#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kube/referenced_objects.hpp"
#include "reconcile/event_sink.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/ownership.hpp"

namespace tlswarden::kube {

/// Owns everything but what it was told to give up.
class FakeOwnership final : public reconcile::Ownership {
 public:
  bool owns(const std::string& uid) const override {
    const std::scoped_lock lock(mutex_);
    return !lost_.contains(uid);
  }
  bool leads() const override { return true; }
  void watch(Listener changed) override {
    const std::scoped_lock lock(mutex_);
    changed_ = std::move(changed);
  }
  void lose(const std::string& uid) {
    change([&] { lost_.insert(uid); });
  }
  void regain(const std::string& uid) {
    change([&] { lost_.erase(uid); });
  }

 private:
  template <class Change>
  void change(Change how) {
    Listener told;
    {
      const std::scoped_lock lock(mutex_);
      how();
      told = changed_;
    }
    if (told) told();
  }
  mutable std::mutex mutex_;
  std::set<std::string> lost_;
  Listener changed_;
};

/// Knows what the test tells it, and waits for what the store asks for.
class FakeReferences final : public ReferencedObjects {
 public:
  void follow(std::set<ReferencedObject> wanted) override {
    const std::scoped_lock lock(mutex_);
    wanted_ = std::move(wanted);
    ++follows_;
    asked_.notify_all();
  }
  bool settled(const ReferencedObject& object) const override {
    const std::scoped_lock lock(mutex_);
    return settled_.contains(object);
  }
  ObjectContentsPtr contents() const override {
    const std::scoped_lock lock(mutex_);
    return contents_;
  }
  void watch(Listener listener) override { listener_ = std::move(listener); }
  void stop() override { stopped = true; }

  /// `object` is settled now, with another content than before.
  void settle(const ReferencedObject& object) {
    {
      const std::scoped_lock lock(mutex_);
      settled_.insert(object);
      contents_ = std::make_shared<const resource::ObjectContents>();
    }
    listener_({object});
  }
  /// Waits until exactly `names` are followed; false when that takes too long.
  bool await_followed(const std::set<std::string>& names) {
    std::unique_lock lock(mutex_);
    return asked_.wait_for(lock, std::chrono::seconds(60), [&] {
      std::set<std::string> now;
      for (const ReferencedObject& object : wanted_)
        now.insert(object.name);
      return follows_ > 0 && now == names;
    });
  }
  bool stopped = false;

 private:
  mutable std::mutex mutex_;
  std::condition_variable asked_;
  std::set<ReferencedObject> wanted_, settled_;
  int follows_ = 0;
  ObjectContentsPtr contents_ = std::make_shared<const resource::ObjectContents>();
  Listener listener_;
};

/// Remembers the events: "NAMESPACE/NAME REASON".
class FakeEvents final : public reconcile::EventSink {
 public:
  void record(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event) override {
    const std::scoped_lock lock(mutex_);
    recorded_.push_back(endpoint.key() + " " + event.reason);
  }
  std::vector<std::string> recorded() const {
    const std::scoped_lock lock(mutex_);
    return recorded_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> recorded_;
};

/// Counts how statuses were saved.
class CountedSaves final : public reconcile::MetricsSink {
 public:
  void check_finished(const reconcile::CheckMeasure&) override {}
  void check_started(std::chrono::nanoseconds) override {}
  void status_saved(bool kept) override {
    const std::scoped_lock lock(mutex_);
    ++(kept ? kept_ : failed_);
  }
  void manifests_read(bool) override {}
  void api_request(std::string_view, int) override {}
  int kept() const {
    const std::scoped_lock lock(mutex_);
    return kept_;
  }
  int failed() const {
    const std::scoped_lock lock(mutex_);
    return failed_;
  }

 private:
  mutable std::mutex mutex_;
  int kept_ = 0, failed_ = 0;
};

/// The JSON of a DatabaseEndpoint as servers give it: payments/NAME. `spec` and `status` are JSON.
inline std::string endpoint_object(
    const std::string& name, const std::string& uid, const std::string& version,
    const std::string& spec = R"({"engine":"postgresql","host":"db.internal"})",
    const std::string& status = R"({"observedGeneration":-1})", int generation = 1,
    const std::string& labels = "{}") {
  return R"({"apiVersion":"tlswarden.dev/v1alpha1","kind":"DatabaseEndpoint","metadata":{"namespace":"payments","name":")" +
         name + R"(","uid":")" + uid + R"(","resourceVersion":")" + version + R"(","generation":)" +
         std::to_string(generation) + R"(,"labels":)" + labels +
         R"(,"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":)" + spec + R"(,"status":)" + status + "}";
}

}  // namespace tlswarden::kube
