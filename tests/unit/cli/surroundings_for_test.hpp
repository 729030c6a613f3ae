#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "cli/surroundings.hpp"
#include "drivers/registry.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::cli {

/// A verb's surroundings without a terminal, a network or the present time.
class SurroundingsForTest : public ::testing::Test {
 protected:
  Surroundings surroundings() { return {out_, err_, input_, terminal_, clock_, *drivers_, make_observer_}; }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  test_support::FakeClock clock_{base::WallTime{base::Seconds{1'772'366'400}}};  // 2026-03-01T12:00:00Z
  int input_ = -1;
  Terminal terminal_;
  std::function<std::unique_ptr<reconcile::Observer>()> make_observer_;
  std::unique_ptr<probe::DriverRegistry> drivers_ = drivers::make_registry();

 private:
  std::ostringstream out_, err_;
};

}  // namespace tlswarden::cli
