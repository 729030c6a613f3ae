#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/cancellation.hpp"
#include "reconcile/ownership.hpp"

namespace tlswarden::kube {

struct MembershipOptions {
  std::string ns;        ///< where the Leases live: the agent's own namespace
  std::string group;     ///< whose members share the work: the release's name, a valid label value
  std::string identity;  ///< of this replica: the pod's name, a valid part of an object's name
  /// A member that was not heard of for this long is out. Whole seconds. A dead replica is replaced within
  /// this and one more second.
  base::Seconds duration{10};
  /// How often a member renews its Lease: small enough that two may fail.
  base::Seconds renewal{3};
};

/// Who shares the work, by one Lease (coordination.k8s.io/v1) per replica, labelled with the group; who owns
/// what, by rendezvous hashing over those that are alive (reconcile/rendezvous.hpp).
///
/// No clock of another machine is looked at: a Lease holds for its duration from the moment this replica saw
/// it change. This replica's own holds from the moment it *began* the last renewal that succeeded, so it
/// stops owning before anybody else takes over; also when the process was suspended meanwhile. Until it sees
/// its own Lease among the others it owns nothing.
class Membership final : public reconcile::Ownership {
 public:
  struct Services {
    ApiClient& client;
    const base::Clock& clock;
    base::Random& random;
    Pause& pause;
    Cancellation& cancellation;  ///< the client's
  };
  /// All services must outlive it.
  Membership(Services services, MembershipOptions options);
  ~Membership() override;

  bool owns(const std::string& uid) const override;
  bool leads() const override;
  /// Joins: from now on the Lease is kept.
  void watch(Listener changed) override;

  /// Those alive, sorted; empty while this replica is not among them.
  std::vector<std::string> members() const;
  /// Gives the Lease up, so that the others take over at once. Afterwards nothing is owned. Idempotent.
  void leave();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube
