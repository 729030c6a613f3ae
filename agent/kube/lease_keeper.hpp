#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "kube/api_client.hpp"
#include "kube/member_lease.hpp"

namespace tlswarden::kube {

/// Keeps one Lease of this process's own: creates it, renews it, gives it up. Two processes that want the
/// same are told apart by their holders: the one that has it keeps it, and the other waits until it has seen
/// no sign of life for the Lease's duration. Every write names the version that it replaces, so that neither
/// writes over the other unseen. Used by one thread at a time.
class LeaseKeeper {
 public:
  struct Terms {
    std::string ns, group, name, holder;
    base::Seconds duration{10};
    MemberPod pod = {};
  };
  /// Told right before a renewal is sent, with its renewTime.
  using Begin = std::function<void(const std::string& renewed)>;
  /// `client` and `clock` must outlive it.
  LeaseKeeper(ApiClient& client, const base::Clock& clock, Terms terms, Begin begin);

  enum class Outcome { kRenewed, kHeldByAnother, kFailed };
  /// Creates, renews or takes over, all within `timeout`. A write whose outcome stays unknown is kFailed.
  Outcome renew(std::chrono::nanoseconds timeout, const Cancellation& cancellation);
  /// Of the last one that succeeded.
  const std::string& renewed() const { return renewed_; }
  /// What the last kFailed was about: for the log.
  const std::string& problem() const { return problem_; }
  /// Whom the last kHeldByAnother found; printable.
  const std::string& other() const { return other_; }

  /// Deletes the Lease if it is this process's, within `timeout`; whether it is gone.
  bool give_up(std::chrono::nanoseconds timeout, const Cancellation& cancellation);

 private:
  struct Call {
    base::MonoTime deadline;
    const Cancellation& cancellation;
  };
  /// What to do after one step.
  enum class Step { kDone, kAgain, kWait, kFailed };
  Step look(const Call& call);
  Step write(const Call& call);
  Step refused(const ApiError& error);
  Step remove(const Call& call);
  bool may_take_over();
  ApiRequest request(Verb verb, const Call& call) const;

  ApiClient& client_;
  const base::Clock& clock_;
  const Terms terms_;
  const Begin begin_;
  const std::string path_;
  bool looked_ = false;               ///< known_ is what the server holds, as far as this process knows
  std::optional<MemberLease> known_;  ///< none: there is no such Lease
  MicroTime last_time_{};
  struct Sign {
    MemberLease lease;
    base::MonoTime at;
  };
  std::optional<Sign> sign_;  ///< another holder's last sign of life
  std::string renewed_, problem_, other_;
};

}  // namespace tlswarden::kube
