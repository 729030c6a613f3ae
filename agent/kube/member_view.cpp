#include "kube/member_view.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace tlswarden::kube {

void MemberView::put(MemberLease lease, base::MonoTime now) {
  standing_.reset();
  if (own(lease)) note_own(&lease);
  const auto found = seen_.find(lease.name);
  if (found == seen_.end()) {
    std::string name = lease.name;
    seen_.emplace(std::move(name), Seen{std::move(lease), now});
    return;
  }
  Seen& seen = found->second;
  if (lease.renewed_since(seen.lease)) seen.changed = now;
  seen.lease = std::move(lease);
}

void MemberView::remove(const std::string& name) {
  standing_.reset();
  seen_.erase(name);
  if (name == self_.lease) note_own(nullptr);
}

void MemberView::watch_begins(base::MonoTime now) {
  watch_began_ = now;
  whole_ = true;
}

void MemberView::listed(std::vector<MemberLease> changed, const std::vector<std::string>& gone,
                        base::MonoTime now) {
  listed_at_ = now;
  for (const std::string& name : gone)
    remove(name);
  std::set<std::string> present;
  for (MemberLease& lease : changed) {
    present.insert(lease.name);
    put(std::move(lease), now);
  }
  if (!std::exchange(whole_, false)) return;
  std::vector<std::string> absent;
  for (const auto& [name, seen] : seen_) {
    if (!present.contains(name)) absent.push_back(name);
  }
  for (const std::string& name : absent)
    remove(name);
}

/// The watch shows the own Lease like that; null: that there is none.
void MemberView::note_own(const MemberLease* lease) {
  // Whatever it shows that is not an older state of this process's own, it has caught up with.
  const bool old = lease != nullptr && lease->holder == self_.holder && last_written_ &&
                   lease->renewed < last_written_->renewed;
  if (!old)
    unseen_.reset();
  else if (!unseen_ || lease->renewed >= unseen_->renewed)
    unseen_ = last_written_;
}

void MemberView::renewal_begins(const std::string& renewed, base::MonoTime now) {
  while (!begun_.empty() && begun_.front().at + self_.duration <= now)
    begun_.pop_front();
  begun_.push_back({renewed, now});
}

void MemberView::renewal_succeeded(const std::string& renewed, base::MonoTime now) {
  last_written_ = Renewal{renewed, now};
  const auto found = seen_.find(self_.lease);
  const bool shown = found != seen_.end() && found->second.lease.holder == self_.holder &&
                     found->second.lease.renewed >= renewed;
  if (!shown && !unseen_) unseen_ = last_written_;
}

bool MemberView::may_renew(base::MonoTime now) const {
  if (!listed_at_) return false;
  return !unseen_ || now < unseen_->at + self_.duration || *listed_at_ > unseen_->at;
}

bool MemberView::watch_is_dead(base::MonoTime now) const {
  // A watch that has just begun is given time to list, so that a busy server is not asked all the time.
  const std::chrono::nanoseconds span = self_.duration;
  return unseen_ && now >= unseen_->at + span / 4 && watch_began_ && now >= *watch_began_ + span / 2;
}

/// When the renewal began that the watch shows: what it shows is everything that was written before.
std::optional<base::MonoTime> MemberView::proof() const {
  const auto found = seen_.find(self_.lease);
  if (found == seen_.end() || !mine(found->second.lease)) return std::nullopt;
  const std::string& renewed = found->second.lease.renewed;
  for (const Renewal& renewal : begun_) {
    if (renewal.renewed == renewed) return renewal.at;
  }
  return std::nullopt;
}

const MemberView::Standing& MemberView::standing(base::MonoTime now) {
  if (standing_ && (!standing_->until || now < *standing_->until)) return *standing_;
  Standing& made = standing_.emplace(Standing{});
  const auto proven = proof();
  // Earlier than anybody else can think: no two clocks run at the same speed.
  const std::chrono::nanoseconds span = self_.duration;
  const base::MonoTime own_end = proven.value_or(base::MonoTime()) + span - span / 20;
  made.in = proven && now < own_end;
  if (made.in) made.until = own_end;
  std::vector<std::string> names;
  for (const auto& [name, seen] : seen_) {
    const auto& [lease, changed] = seen;
    if (lease.holder.empty() || lease.duration.count() == 0 || (mine(lease) && !made.in)) continue;
    if (!mine(lease)) {
      // Who has not looked since half of its time must not call another silent.
      const auto half = std::chrono::nanoseconds(lease.duration) / 2;
      const bool looked = proven && *proven >= changed + half;
      if (looked && now >= changed + lease.duration) continue;
      if (looked) made.until = std::min(made.until.value_or(base::MonoTime::max()), changed + lease.duration);
    }
    names.push_back(name);
    made.members.push_back(identity_of(lease.holder));
  }
  made.ring = reconcile::Rendezvous(std::move(names));
  std::sort(made.members.begin(), made.members.end());
  if (!made.in) made.members.clear();
  return made;
}

bool MemberView::owns(std::string_view uid, base::MonoTime now) {
  const Standing& current = standing(now);
  if (!current.in) return false;
  const std::string* owner = current.ring.owner(uid);
  return owner != nullptr && *owner == self_.lease;
}

std::vector<MemberLease> MemberView::abandoned(base::MonoTime now, base::Seconds age) const {
  std::vector<MemberLease> found;
  for (const auto& [name, seen] : seen_) {
    if (!own(seen.lease) && now >= seen.changed + seen.lease.duration + age) found.push_back(seen.lease);
  }
  return found;
}

}  // namespace tlswarden::kube
