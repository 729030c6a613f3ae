#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kube/member_view.hpp"

/// Replicas, an API server and the network between them, on simulated time: MemberView's rules under every
/// delay, loss and pause, with each replica's clock at another time and another speed.
namespace tlswarden::kube::simulation {

using std::chrono::milliseconds;

inline constexpr milliseconds kTick{20};
inline constexpr base::Seconds kDuration{10};
inline constexpr milliseconds kRenewal{3000}, kTimeout{2500};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  bool one_in(int sides) { return std::uniform_int_distribution<int>(1, sides)(engine_) == 1; }
  milliseconds between(milliseconds low, milliseconds high) {
    return milliseconds(std::uniform_int_distribution<std::int64_t>(low.count(), high.count())(engine_));
  }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_);
  }

 private:
  std::mt19937_64 engine_;
};

/// The server: what is stored, and every change in order.
struct Server {
  struct Change {
    milliseconds at{0};
    std::string name;
    std::optional<MemberLease> lease;  ///< none: deleted
  };
  std::map<std::string, MemberLease> leases;
  std::vector<Change> history;
  bool away = false;

  /// As the server takes a write: only over the version that it is based on.
  bool write(MemberLease lease, milliseconds now) {
    const auto found = leases.find(lease.name);
    const std::string current = found == leases.end() ? "" : found->second.resource_version;
    if (lease.resource_version != current) return false;
    if (lease.uid.empty()) lease.uid = "u" + std::to_string(history.size());
    lease.resource_version = std::to_string(history.size() + 1);
    history.push_back({now, lease.name, lease});
    leases[lease.name] = std::move(lease);
    return true;
  }
  void remove(const std::string& name, milliseconds now) {
    if (leases.erase(name) != 0) history.push_back({now, name, std::nullopt});
  }
};

/// One process. Steps are taken in real time; what it knows of time is its own clock's.
class Replica {
 public:
  Replica(Server& server, Dice& dice, const std::string& identity, int process)
      : lease("group-" + identity),
        holder(identity + "_" + std::to_string(process)),
        server_(server),
        dice_(dice),
        view_({.lease = lease, .holder = holder, .duration = kDuration}),
        offset_(dice.between(milliseconds(0), milliseconds(1'000'000))),
        speed_(static_cast<double>(dice.between(milliseconds(990), milliseconds(1010)).count()) / 1000) {}

  base::MonoTime local(milliseconds now) const {
    const auto passed = std::chrono::duration<double, std::milli>(static_cast<double>(now.count()) * speed_);
    return base::MonoTime(offset_ + std::chrono::duration_cast<std::chrono::nanoseconds>(passed));
  }
  bool owns(const std::string& uid, milliseconds now) { return view_.owns(uid, local(now)); }
  std::vector<std::string> members(milliseconds now) { return view_.standing(local(now)).members; }

  void step(milliseconds now) {
    arrive(now);
    if (now < paused_until) return;
    // Its threads run in any order.
    if (dice_.one_in(2)) {
      follow(now);
      keep(now);
    } else {
      keep(now);
      follow(now);
    }
  }
  void leave(milliseconds now) { server_.remove(lease, now); }

  const std::string lease, holder;
  milliseconds paused_until{0};
  bool writes_lost = false;    ///< on their way there
  bool answers_lost = false;   ///< on their way back
  bool reads_lost = false;     ///< neither listing nor event
  bool watch_silent = false;   ///< connected, and dead
  milliseconds slowness{200};  ///< how late an event may be

 private:
  void follow(milliseconds now);
  void list(milliseconds now);
  void keep(milliseconds now);
  void send(milliseconds now);
  bool may_send(milliseconds now);
  void arrive(milliseconds now);
  void answered(milliseconds now, bool success);

  struct Write {
    MemberLease lease;
    milliseconds arrives, answered, given_up;
    bool arrived = false, taken = false;
  };
  struct Sign {
    MemberLease lease;
    base::MonoTime at;
  };
  Server& server_;
  Dice& dice_;
  MemberView view_;
  const milliseconds offset_;
  const double speed_;
  bool watching_ = false;
  milliseconds watch_at_{0};  ///< when the listing answers, or the next event is due
  std::size_t position_ = 0;  ///< in the server's history
  milliseconds next_attempt_{0};
  std::uint64_t renewals_ = 0;
  std::optional<Write> write_;
  std::deque<Write> strays_;  ///< given up, and still on their way
  std::optional<Sign> sign_;
};

inline void Replica::list(milliseconds now) {
  if (server_.away || writes_lost || answers_lost || reads_lost) return;
  // From a cache that may be late.
  std::size_t seen = server_.history.size();
  const milliseconds late =
      dice_.one_in(3) ? dice_.between(milliseconds(0), milliseconds(1000)) : milliseconds(0);
  while (seen > 0 && server_.history[seen - 1].at > now - late)
    --seen;
  std::map<std::string, MemberLease> leases;
  for (std::size_t i = 0; i < seen; ++i) {
    const Server::Change& change = server_.history[i];
    leases.erase(change.name);
    if (change.lease) leases.emplace(change.name, *change.lease);
  }
  std::vector<MemberLease> all;
  for (auto& [name, found] : leases)
    all.push_back(std::move(found));
  view_.listed(std::move(all), {}, local(now));
  position_ = seen;
  watching_ = true;
}

inline void Replica::follow(milliseconds now) {
  if (!watching_) {
    if (watch_at_ == milliseconds(0)) {
      view_.watch_begins(local(now));
      watch_at_ = now + dice_.between(milliseconds(5), milliseconds(300));
    }
    if (now < watch_at_) return;
    watch_at_ = milliseconds(0);
    return list(now);
  }
  if (watch_silent || reads_lost || server_.away) return;
  while (position_ < server_.history.size()) {
    const Server::Change& change = server_.history[position_];
    if (watch_at_ == milliseconds(0)) watch_at_ = change.at + dice_.between(milliseconds(1), slowness);
    if (now < watch_at_) return;
    watch_at_ = milliseconds(0);
    ++position_;
    if (change.lease)
      view_.put(*change.lease, local(now));
    else
      view_.remove(change.name);
    // A backlog takes its time.
    if (dice_.one_in(3)) return;
  }
}

inline void Replica::keep(milliseconds now) {
  if (write_ && now >= write_->answered && write_->taken && !answers_lost) answered(now, true);
  if (write_ && now >= write_->answered && write_->arrived && !write_->taken) answered(now, false);
  if (write_ && now >= write_->given_up) {
    strays_.push_back(*write_);
    answered(now, false);
  }
  if (write_ || now < next_attempt_) return;
  if (view_.watch_is_dead(local(now))) watching_ = false;
  if (view_.may_renew(local(now)) && may_send(now)) send(now);
}

inline void Replica::answered(milliseconds now, bool success) {
  if (success) view_.renewal_succeeded(write_->lease.renewed, local(now));
  next_attempt_ = now + (success ? dice_.between(kRenewal * 9 / 10, kRenewal * 11 / 10)
                                 : dice_.between(milliseconds(600), milliseconds(900)));
  write_.reset();
}

/// As LeaseKeeper: a Lease that another holds is left to it until it was silent for long enough.
inline bool Replica::may_send(milliseconds now) {
  const auto found = server_.leases.find(lease);
  if (found == server_.leases.end() || found->second.holder == holder) return true;
  if (!sign_ || found->second.renewed_since(sign_->lease)) sign_ = Sign{found->second, local(now)};
  if (local(now) >= sign_->at + kDuration) return true;
  next_attempt_ = now + kRenewal;
  return false;
}

inline void Replica::send(milliseconds now) {
  const auto found = server_.leases.find(lease);
  MemberLease next = found == server_.leases.end() ? MemberLease{} : found->second;
  std::array<char, 24> number{};
  std::snprintf(number.data(), number.size(), "%012llu", static_cast<unsigned long long>(++renewals_));
  next.name = lease;
  next.holder = holder;
  next.duration = kDuration;
  next.renewed = number.data();
  view_.renewal_begins(next.renewed, local(now));
  const milliseconds there = now + (dice_.one_in(20) ? dice_.between(milliseconds(500), milliseconds(8000))
                                                     : dice_.between(milliseconds(1), milliseconds(100)));
  write_ = Write{std::move(next), there, there + dice_.between(milliseconds(1), milliseconds(100)),
                 now + kTimeout};
}

/// What the network delivers, whether or not this process still waits for it.
inline void Replica::arrive(milliseconds now) {
  const auto deliver = [&](Write& write) {
    if (write.arrived || now < write.arrives || writes_lost || server_.away) return;
    write.arrived = true;
    write.taken = server_.write(write.lease, now);
  };
  if (write_) deliver(*write_);
  for (Write& write : strays_)
    deliver(write);
  while (!strays_.empty() && strays_.front().arrived)
    strays_.pop_front();
}

}  // namespace tlswarden::kube::simulation
