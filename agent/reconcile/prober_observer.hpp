#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.hpp"
#include "net/tunnels.hpp"
#include "probe/driver.hpp"
#include "reconcile/observer.hpp"

namespace tlswarden::reconcile {

/// A prober with a resolver, a connector and `offload_threads` threads for blocking libraries of its own.
/// `tunnels` is shared with others. `clock`, `tunnels` and `drivers` must outlive it.
std::unique_ptr<Observer> make_prober_observer(const base::Clock& clock, net::Tunnels& tunnels,
                                               const probe::DriverRegistry& drivers,
                                               std::size_t offload_threads);

}  // namespace tlswarden::reconcile
