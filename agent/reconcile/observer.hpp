#pragma once

#include "probe/prober.hpp"

namespace tlswarden::reconcile {

/// The prober as the reconciler sees it; tests put their own in its place. Owned by one worker and used from
/// its loop only; any number of observe() calls may be under way.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  virtual net::Awaitable<probe::Observation> observe(probe::Target target) = 0;
  /// Waits for what goes on outside the loop (blocking libraries). Called once, after the loop has stopped
  /// and before it is destroyed; nothing is observed afterwards.
  virtual void join() = 0;
};

}  // namespace tlswarden::reconcile
