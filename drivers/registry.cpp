#include "drivers/registry.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "drivers/all_drivers.hpp"

namespace tlswarden::drivers {
namespace {

class Registry final : public probe::DriverRegistry {
 public:
  explicit Registry(std::vector<std::unique_ptr<probe::Driver>> drivers) : drivers_(std::move(drivers)) {}

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
  return std::make_unique<Registry>(make_all_drivers());
}

}  // namespace tlswarden::drivers
