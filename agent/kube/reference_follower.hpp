#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <set>

#include "kube/client_services.hpp"
#include "kube/referenced_objects.hpp"

namespace tlswarden::kube {

struct ReferenceFollowerOptions {
  /// Objects that are watched, each with a connection and a thread.
  std::size_t most_watches = 256;
  /// How often an object that is not watched is read again: each time after between half and one and a half
  /// of this, so that the requests spread.
  std::chrono::nanoseconds poll = std::chrono::minutes(5);
  /// How long to gather changes before they are told: a rotation replaces many Secrets at once.
  std::chrono::nanoseconds gather = std::chrono::milliseconds(200);
};

/// Follows Secrets and ConfigMaps by name: it never asks for a collection without naming the object that is
/// wanted of it, so that RBAC for single names is enough (a Role with get, list, watch and resourceNames).
///
/// The places for watches are given first come, first served; those that come together, by their names. An
/// object without one is read by GET, one after another, at most 100 a second; a place that became free goes
/// to the next of them that was read (or found absent). One that may not be listed or watched loses its place
/// and is read by GET like them, which needs less. One that may not even be read is tried again within a
/// minute, so that who grants it soon sees that; where they are many, one a second, and each as slowly as the
/// others. That content known so far may not be read any more counts only when it is still so half a minute
/// later: a server that begins does not know all Roles yet.
///
/// While the server is away what is known stays. Values are wiped from memory when they are replaced or not
/// wanted any more, and nobody holds contents() of that time; so are the texts that they came in.
class ReferenceFollower final : public ReferencedObjects {
 public:
  using Services = ClientServices;
  /// Throws std::system_error when the process can have no more threads or descriptors.
  explicit ReferenceFollower(Services services, ReferenceFollowerOptions options = {});
  /// Stops.
  ~ReferenceFollower() override;

  void follow(std::set<ReferencedObject> wanted) override;
  bool settled(const ReferencedObject& object) const override;
  ObjectContentsPtr contents() const override;
  void watch(Listener listener) override;
  /// Not to be called by the listener. What is known stays.
  void stop() override;

  /// How many objects are watched now, for metrics.
  std::size_t watches() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube
