#include "kube/lease_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "kube/api_paths.hpp"

namespace tlswarden::kube {
namespace {

/// Looks and writes of one attempt: a Lease that is fought for is left for the next.
constexpr int kMostSteps = 5;
constexpr std::size_t kLargestLease = std::size_t{256} << 10U;
constexpr std::size_t kLongestHolder = 300;

/// Whether the Lease is surely what it was; else somebody was faster, or the outcome is unknown.
bool nothing_happened(const ApiError& error) {
  using Kind = ApiError::Kind;
  if (error.kind == Kind::kStatus) {
    return error.code < 500 && !error.conflict() && !error.already_exists() && !error.not_found();
  }
  return error.kind == Kind::kUnreachable || error.kind == Kind::kUntrusted ||
         error.kind == Kind::kCredentials;
}

}  // namespace

LeaseKeeper::LeaseKeeper(ApiClient& client, const base::Clock& clock, Terms terms, Begin begin)
    : client_(client),
      clock_(clock),
      terms_(std::move(terms)),
      begin_(std::move(begin)),
      path_(leases_path(terms_.ns) + "/" + path_segment(terms_.name)) {}

ApiRequest LeaseKeeper::request(Verb verb, const Call& call) const {
  return {.verb = verb,
          .path = verb == Verb::kPost ? leases_path(terms_.ns) : path_,
          .timeout = std::max<std::chrono::nanoseconds>(call.deadline - clock_.monotonic(),
                                                        std::chrono::nanoseconds(0)),
          .largest_answer = kLargestLease,
          .cancellation = &call.cancellation};
}

LeaseKeeper::Outcome LeaseKeeper::renew(std::chrono::nanoseconds timeout, const Cancellation& cancellation) {
  const Call call{clock_.monotonic() + timeout, cancellation};
  for (int step = 0; step < kMostSteps; ++step) {
    Step next = Step::kAgain;
    if (!looked_)
      next = look(call);
    else if (known_ && known_->holder != terms_.holder && !may_take_over())
      next = Step::kWait;
    else
      next = write(call);
    if (next == Step::kDone) return Outcome::kRenewed;
    if (next == Step::kFailed) return Outcome::kFailed;
    if (next == Step::kAgain) continue;
    looked_ = false;
    other_ = base::printable(known_->holder, kLongestHolder);
    return Outcome::kHeldByAnother;
  }
  problem_ = "somebody else changes the Lease " + terms_.name + " all the time";
  return Outcome::kFailed;
}

LeaseKeeper::Step LeaseKeeper::look(const Call& call) {
  const ApiRequest get = request(Verb::kGet, call);
  auto found = client_.call_json(get);
  if (found) {
    known_ = read_lease(*found);
  } else if (found.error().not_found()) {
    known_.reset();
  } else {
    return refused(found.error());
  }
  looked_ = true;
  return Step::kAgain;
}

/// Whether a Lease of somebody else's, just looked at, may become this process's.
bool LeaseKeeper::may_take_over() {
  if (known_->holder.empty()) return true;
  if (!sign_ || known_->renewed_since(sign_->lease)) sign_ = Sign{*known_, clock_.monotonic()};
  return clock_.monotonic() >= sign_->at + known_->duration;
}

LeaseKeeper::Step LeaseKeeper::write(const Call& call) {
  const bool held = known_ && known_->holder == terms_.holder;
  last_time_ = std::max<MicroTime>(clock_.now(), last_time_ + std::chrono::microseconds(1));
  MemberLease next = known_.value_or(MemberLease{});
  next.name = terms_.name;
  next.holder = terms_.holder;
  next.duration = terms_.duration;
  next.renewed = format_micro_time(last_time_);
  if (!held) next.acquired = next.renewed;
  if (known_ && !held) ++next.transitions;
  ApiRequest write = request(known_ ? Verb::kPut : Verb::kPost, call);
  write.content_type = kJson;
  write.body = lease_document(next, terms_.ns, terms_.group, terms_.pod)
                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  begin_(next.renewed);
  auto written = client_.call_json(write);
  if (!written) {
    const Step step = refused(written.error());
    // What cannot be created for want of its namespace would be looked for in vain.
    return write.verb == Verb::kPost && written.error().not_found() ? Step::kFailed : step;
  }
  known_ = read_lease(*written);
  sign_.reset();
  renewed_ = next.renewed;
  return Step::kDone;
}

LeaseKeeper::Step LeaseKeeper::refused(const ApiError& error) {
  problem_ = error.message + (error.peer_text.empty() ? "" : "; it said: " + error.peer_text);
  if (nothing_happened(error)) return Step::kFailed;
  looked_ = false;
  return error.kind == ApiError::Kind::kStatus && error.code < 500 ? Step::kAgain : Step::kFailed;
}

bool LeaseKeeper::give_up(std::chrono::nanoseconds timeout, const Cancellation& cancellation) {
  const bool never_written = last_time_ == MicroTime{};
  if (never_written) return true;
  const Call call{clock_.monotonic() + timeout, cancellation};
  for (int step = 0; step < kMostSteps; ++step) {
    Step next = Step::kAgain;
    if (!looked_)
      next = look(call);
    else if (!known_ || known_->holder != terms_.holder)
      return true;
    else
      next = remove(call);
    if (next == Step::kDone) return true;
    if (next == Step::kFailed) return false;
  }
  return false;
}

LeaseKeeper::Step LeaseKeeper::remove(const Call& call) {
  ApiRequest remove = request(Verb::kDelete, call);
  remove.content_type = kJson;
  remove.body = delete_options(*known_);
  const auto removed = client_.call(remove);
  if (!removed) return refused(removed.error());
  known_.reset();
  return Step::kDone;
}

}  // namespace tlswarden::kube
