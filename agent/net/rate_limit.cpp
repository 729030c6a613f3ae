#include "net/rate_limit.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "net/wakeup.hpp"

namespace tlswarden::net {
namespace {

struct Host {
  std::size_t active = 0, waiting = 0;
  base::MonoTime ready_at{};  ///< the host's interval is over then
};

struct Waiter {
  std::shared_ptr<Wakeup> wakeup;
  Host* host = nullptr;
  bool granted = false;
};

}  // namespace

struct ProbeLimiter::Impl {
  Impl(const base::Clock& time, ProbeLimits bounds) : clock(time), limits(bounds) {
    limits.total = std::max<std::size_t>(limits.total, 1);
    limits.per_host = std::max<std::size_t>(limits.per_host, 1);
  }

  /// Gives places to those who waited longest, as far as there are any. Requires the lock.
  void grant_places() {
    const base::MonoTime now = clock.monotonic();
    bool any = false;
    for (Waiter* waiter : queue) {
      if (active >= limits.total) break;
      Host& host = *waiter->host;
      if (waiter->granted || host.active >= limits.per_host || now < host.ready_at) continue;
      waiter->granted = any = true;
      ++active;
      ++host.active;
      host.ready_at = now + std::chrono::duration_cast<base::MonoTime::duration>(limits.host_interval);
      waiter->wakeup->notify();
    }
    // Those who wait for their host's interval look again when it is over: tell them that there is a new one.
    if (!any || limits.host_interval.count() == 0) return;
    for (const Waiter* waiter : queue) {
      if (!waiter->granted && waiter->host->ready_at > now) waiter->wakeup->notify();
    }
  }

  void give_back(const std::string& name) {
    const std::lock_guard lock(mutex);
    --active;
    const auto host = hosts.find(name);
    --host->second.active;
    grant_places();
    forget_if_idle(name);
  }

  void forget_if_idle(const std::string& name) {
    const auto host = hosts.find(name);
    if (host == hosts.end() || host->second.active > 0 || host->second.waiting > 0) return;
    if (host->second.ready_at <= clock.monotonic()) hosts.erase(host);
  }

  /// When the waiter must look again by itself.
  base::MonoTime next_look(const Waiter& waiter, base::Deadline deadline) const {
    const base::MonoTime ready_at = waiter.host->ready_at;
    return ready_at > clock.monotonic() ? std::min(ready_at, deadline.at()) : deadline.at();
  }

  const base::Clock& clock;
  ProbeLimits limits;
  std::mutex mutex;
  std::list<Waiter*> queue;  ///< each lives in the frame of its coroutine
  std::unordered_map<std::string, Host> hosts;
  std::size_t active = 0;
};

namespace {

/// Keeps a waiter in the queue for as long as its coroutine lives.
template <class Impl>
class Queued {
 public:
  Queued(Impl& impl, Waiter& waiter, const std::string& host) : impl_(impl), waiter_(waiter) {
    const std::lock_guard lock(impl_.mutex);
    waiter_.host = &impl_.hosts[host];
    ++waiter_.host->waiting;
    place_ = impl_.queue.insert(impl_.queue.end(), &waiter_);
  }
  Queued(const Queued&) = delete;
  Queued& operator=(const Queued&) = delete;
  ~Queued() {
    const std::lock_guard lock(impl_.mutex);
    impl_.queue.erase(place_);
    --waiter_.host->waiting;
    if (!waiter_.granted || taken_) return;
    --impl_.active;
    --waiter_.host->active;
    impl_.grant_places();
  }

  /// Whether a place was given; it is the caller's from then on.
  bool take() {
    const std::lock_guard lock(impl_.mutex);
    impl_.grant_places();
    taken_ = waiter_.granted;
    return taken_;
  }
  base::MonoTime next_look(base::Deadline deadline) {
    const std::lock_guard lock(impl_.mutex);
    return impl_.next_look(waiter_, deadline);
  }

 private:
  Impl& impl_;
  Waiter& waiter_;
  std::list<Waiter*>::iterator place_;
  bool taken_ = false;
};

}  // namespace

ProbeLimiter::ProbeLimiter(const base::Clock& clock, ProbeLimits limits)
    : impl_(std::make_unique<Impl>(clock, limits)) {}
ProbeLimiter::~ProbeLimiter() = default;

Awaitable<IoResult<ProbeLimiter::Permit>> ProbeLimiter::acquire(std::string host, base::Deadline deadline) {
  Waiter waiter;
  waiter.wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
  Queued queued(*impl_, waiter, host);
  for (;;) {
    if (queued.take()) co_return Permit(this, std::move(host));
    const base::MonoTime now = impl_->clock.monotonic();
    if (deadline.passed(now)) {
      co_return tl::unexpected(
          IoError{IoError::Kind::kTimedOut, "no place for this check became free in time"});
    }
    const auto woken = co_await waiter.wakeup->wait(queued.next_look(deadline) - now);
    if (woken == Wakeup::Woken::kCancelled) {
      co_return tl::unexpected(IoError{IoError::Kind::kCancelled, "cancelled"});
    }
  }
}

std::size_t ProbeLimiter::active() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->active;
}

std::size_t ProbeLimiter::waiting() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

ProbeLimiter::Permit::Permit(ProbeLimiter* limiter, std::string host)
    : limiter_(limiter), host_(std::move(host)) {}
ProbeLimiter::Permit::Permit(Permit&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)), host_(std::move(other.host_)) {}
ProbeLimiter::Permit& ProbeLimiter::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    limiter_ = std::exchange(other.limiter_, nullptr);
    host_ = std::move(other.host_);
  }
  return *this;
}
ProbeLimiter::Permit::~Permit() {
  release();
}

void ProbeLimiter::Permit::release() noexcept {
  if (limiter_ != nullptr) limiter_->impl_->give_back(host_);
  limiter_ = nullptr;
}

}  // namespace tlswarden::net
