#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kube/client_services.hpp"
#include "kube/member_lease.hpp"
#include "kube/reflector.hpp"
#include "reconcile/ownership.hpp"

namespace tlswarden::kube {

struct MembershipOptions {
  std::string ns;        ///< where the Leases live: the agent's own namespace
  std::string group;     ///< whose members share the work: the release's name, a valid label value
  std::string identity;  ///< of this replica: the pod's name, a valid part of an object's name
  /// A member that was not heard of for this long is out. Whole seconds, the same for all members. A dead
  /// replica is replaced within this and one more second.
  base::Seconds duration{10};
  /// How often a member renews its Lease: small enough that two may fail.
  base::Seconds renewal{3};
  MemberPod pod = {};  ///< where the replica runs, if it is in the namespace of the Leases
};

/// Who shares the work, by one Lease (coordination.k8s.io/v1) per replica, labelled with the group; who owns
/// what, by rendezvous hashing (reconcile/rendezvous.hpp) over the names of the Leases that are alive.
///
/// No clock of another machine is looked at. Another's Lease is alive for its duration from the moment this
/// replica saw it change, and longer while this replica has not heard enough to call it silent. Its own is
/// alive for nineteen twentieths of the duration from the moment it *began* to write the newest renewal that
/// its own watch has shown to it. That one rule is the fence: it ends what a replica owns when its writes
/// fail, when its watch is dead or late, and when the process was suspended, each without anybody's help, for
/// every answer looks at the clock. (A machine that is suspended as a whole stops that clock as well. Against
/// that, and against a pause between an answer and the write it was asked for, stands the version that each
/// write of a status names.)
///
/// Why two never own the same for longer than the duration D: events come in the order of the writes. Say B
/// thinks to own what A, whose claim is better, owns as well. B's claim rests on a renewal that B began
/// within the last D; B's watch has shown it, and so everything written before it. Had A written its own
/// proof before that moment, B would have seen it and would count A in for longer than A does itself. So A
/// has come (back) after that moment, less than D ago, and before D is over B has either seen A or owns
/// nothing. At rest it takes as long as one event on the watch.
///
/// Why nobody owns something for no longer than two durations: a member that dies is out when D has passed
/// on the others' clocks. One that joins meanwhile does not know that the Lease it finds is a dead one's and
/// counts it in for D of its own; what it would have from it waits for that long. Nobody owns anything while
/// the API server is away for longer than D: none could tell what the others do.
///
/// A replica renews only once its watch has listed the Leases, and no more when its own renewals do not come
/// back: who owns nothing must not be counted in by the others. A watch that shows nothing though renewals
/// succeed is begun anew after a quarter of D.
///
/// Two processes of one identity share a Lease's name, and never its holder: that is the identity and a
/// random suffix, as in client-go. The one that has the Lease keeps it; the other says so in its log, owns
/// nothing, and takes over when it has seen no renewal for the Lease's duration. A process that is started
/// again after a crash goes through the same; after leave() there is nothing to wait for.
///
/// There is no election beside it: the leader is the owner of a key that is no uid. It is fenced by the same
/// rule, one at most for longer than D, and costs no request. Besides what it does for others, it deletes
/// Leases of the group that ended more than an hour ago.
///
/// At rest a replica makes 60 / `renewal` writes a minute and one watch request in 5 to 10 minutes.
///
/// Safe from any thread.
class Membership final : public reconcile::Ownership {
 public:
  /// The client is one of its own, without a write budget: a renewal that waits for the statuses of thousands
  /// of endpoints would come too late. Its user may create, get, list, watch, update and delete leases in the
  /// namespace.
  using Services = ClientServices;
  Membership(Services services, MembershipOptions options);
  /// Does not leave(): the Lease is then held until it ends.
  ~Membership() override;

  bool owns(const std::string& uid) const override;
  bool leads() const override;
  /// Joins: from now on the Lease is kept. `changed` comes when the members are others than before, this
  /// replica's own coming and going included.
  void watch(Listener changed) override;

  /// The identities of those alive, sorted; empty while this replica is not among them.
  std::vector<std::string> members() const;
  /// Of the watch of the Leases, over all its beginnings.
  ReflectorHealth watch_health() const;
  /// Gives the Lease up, so that the others take over at once: to be called when the last status is written,
  /// before the client is cancelled. At once nothing is owned; within 2 seconds the Lease is deleted where
  /// the server can be reached. When it returns, the listener is not called any more; it may not call this.
  /// Idempotent.
  void leave();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube
