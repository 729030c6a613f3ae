#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kube/object_handler.hpp"

namespace tlswarden::kube {

/// Writes down what it is told, one line each: "upsert NAME/UID@VERSION".
class RecordingHandler final : public ObjectHandler {
 public:
  void stage(Object object) override { note("stage " + text(object)); }
  void discard_staged() override { note("discard"); }
  void replace(std::vector<ObjectId> gone) override {
    std::string line = "replace";
    for (const ObjectId& id : gone)
      line += " -" + id.name + "/" + id.uid;
    note(line);
  }
  void upsert(Object object) override { note("upsert " + text(object)); }
  void remove(ObjectId id) override { note("remove " + id.name + "/" + id.uid); }

  /// What was told since the last call.
  std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(lines_, {});
  }
  /// Waits for at least `count` lines and gives them all; fewer when that takes too long.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return lines_.size() >= count; });
    return lines_;
  }

 private:
  static std::string text(const Object& object) {
    return object.id.name + "/" + object.id.uid + "@" + object.resource_version;
  }
  void note(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace tlswarden::kube
