#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace tlswarden::base {

/// Randomness for jitter, never for keys. Passed by reference; safe to call from any thread.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  /// Uniform in [0, 1).
  virtual double unit() = 0;
};

class SystemRandom final : public Random {
 public:
  SystemRandom();
  double unit() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace tlswarden::base
