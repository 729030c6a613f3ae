#pragma once

#include <csignal>
#include <thread>

#include "kube/cancellation.hpp"

namespace tlswarden::cli {

/// While it lives, SIGINT and SIGTERM end what a cancellation ends, instead of the process. To be made before
/// any thread is started.
class Interruption {
 public:
  /// `cancellation` must outlive this object. Throws std::system_error when the process has no file
  /// descriptor left.
  explicit Interruption(kube::Cancellation& cancellation);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  void wait(kube::Cancellation& cancellation) const;

  sigset_t before_{};
  int signals_ = -1;
  kube::Cancellation over_;
  std::thread thread_;
};

}  // namespace tlswarden::cli
