#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>

namespace tlswarden::kube {

/// Ends whatever waits on it: network I/O, pauses, exec plugins. Once cancelled it stays so. Safe from any
/// thread; must outlive everything that was given it.
class Cancellation {
 public:
  /// With a `parent` it is for a part of what the parent is for: cancelled with it, and also alone. The
  /// parent must outlive it. Throws std::system_error when the process has no file descriptor left.
  explicit Cancellation(Cancellation* parent = nullptr);
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation();

  void cancel() noexcept;
  bool cancelled() const noexcept { return cancelled_.load(); }
  /// Becomes readable when cancelled: for poll(2). Owned by this object.
  int descriptor() const noexcept { return descriptor_; }

 private:
  Cancellation* const parent_;
  std::atomic<bool> cancelled_{false};
  int descriptor_;
  std::mutex mutex_;
  std::set<Cancellation*> children_;
};

/// How this folder lets time pass: the seam at which tests count waits instead of sitting through them. Safe
/// from any thread.
class Pause {
 public:
  Pause() = default;
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  virtual ~Pause() = default;
  /// Returns after `span`, or early with false when cancelled.
  virtual bool wait(std::chrono::nanoseconds span, const Cancellation& cancellation) = 0;
};

class SystemPause final : public Pause {
 public:
  bool wait(std::chrono::nanoseconds span, const Cancellation& cancellation) override;
};

}  // namespace tlswarden::kube
