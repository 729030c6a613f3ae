#include "base/random.hpp"

namespace tlswarden::base {

SystemRandom::SystemRandom() : engine_(std::random_device{}()) {}

double SystemRandom::unit() {
  const std::scoped_lock lock(mutex_);
  return std::generate_canonical<double, 53>(engine_);
}

}  // namespace tlswarden::base
