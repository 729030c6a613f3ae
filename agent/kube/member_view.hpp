#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "kube/member_lease.hpp"
#include "reconcile/rendezvous.hpp"

namespace tlswarden::kube {

/// Who is alive, as one replica can tell from the Leases that its watch shows and from its own clock; the
/// rules are Membership's. Pure: the time is given to each call, and may not go back. Not thread-safe.
class MemberView {
 public:
  struct Self {
    std::string lease;   ///< its name
    std::string holder;  ///< this process
    base::Seconds duration{10};
  };
  explicit MemberView(Self self) : self_(std::move(self)) {}

  /// The watch shows this Lease, new or changed.
  void put(MemberLease lease, base::MonoTime now);
  void remove(const std::string& name);
  /// The watch begins anew: what it lists first is all there is.
  void watch_begins(base::MonoTime now);
  /// A listing is whole: it showed `changed`, and `gone` are no more.
  void listed(std::vector<MemberLease> changed, const std::vector<std::string>& gone, base::MonoTime now);

  /// This replica sends its Lease with that renewTime, later than all before.
  void renewal_begins(const std::string& renewed, base::MonoTime now);
  /// The server has taken it.
  void renewal_succeeded(const std::string& renewed, base::MonoTime now);
  /// Whether it makes sense to be counted in by others: not before the first listing, and not when what was
  /// renewed has not come back by the watch for so long that nothing can be owned.
  bool may_renew(base::MonoTime now) const;
  /// Renewals succeed and do not come back: the watch is dead and should begin anew.
  bool watch_is_dead(base::MonoTime now) const;
  bool listed_once() const { return listed_at_.has_value(); }

  /// The answers at one moment.
  struct Standing {
    reconcile::Rendezvous ring;  ///< of the names of Leases that are alive
    std::vector<std::string>
        members;      ///< their identities, sorted; empty while this replica is not among them
    bool in = false;  ///< this replica is
    std::optional<base::MonoTime> until;  ///< when a Lease ends, unless it is renewed; none: none does
  };
  /// Valid until the next call of any member.
  const Standing& standing(base::MonoTime now);
  bool owns(std::string_view uid, base::MonoTime now);

  /// Of others, that ended at least `age` ago.
  std::vector<MemberLease> abandoned(base::MonoTime now, base::Seconds age) const;

 private:
  struct Seen {
    MemberLease lease;
    base::MonoTime changed;  ///< when this replica saw the last sign of life
  };
  struct Renewal {
    std::string renewed;
    base::MonoTime at;
  };
  bool mine(const MemberLease& lease) const { return own(lease) && lease.holder == self_.holder; }
  std::optional<base::MonoTime> proof() const;
  bool own(const MemberLease& lease) const { return lease.name == self_.lease; }
  void note_own(const MemberLease* lease);

  const Self self_;
  std::map<std::string, Seen> seen_;     ///< by name
  std::deque<Renewal> begun_;            ///< of the last duration, in order
  std::optional<Renewal> last_written_;  ///< the last that the server has taken
  std::optional<Renewal> unseen_;        ///< the first that the server has taken and the watch does not show
  std::optional<base::MonoTime> listed_at_, watch_began_;
  bool whole_ = false;  ///< the next listing is all there is
  std::optional<Standing> standing_;
};

}  // namespace tlswarden::kube
