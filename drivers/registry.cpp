#include "drivers/registry.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "drivers/mysql/driver.hpp"
#include "drivers/postgresql/driver.hpp"
#include "drivers/redis/driver.hpp"

namespace tlswarden::drivers {
namespace {

class Registry final : public probe::DriverRegistry {
 public:
  void add(std::unique_ptr<probe::Driver> driver) { drivers_.push_back(std::move(driver)); }

  const probe::Driver* find(resource::Engine engine) const override {
    for (const auto& driver : drivers_) {
      const auto engines = driver->engines();
      if (std::find(engines.begin(), engines.end(), engine) != engines.end()) return driver.get();
    }
    return nullptr;
  }

 private:
  std::vector<std::unique_ptr<probe::Driver>> drivers_;
};

}  // namespace

std::unique_ptr<probe::DriverRegistry> make_registry() {
  auto registry = std::make_unique<Registry>();
  registry->add(postgresql::make_driver());
  registry->add(mysql::make_driver());
  registry->add(redis::make_driver());
  return registry;
}

}  // namespace tlswarden::drivers
