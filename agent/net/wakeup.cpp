#include "net/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace tlswarden::net {

class Wakeup::Registration {
 public:
  Registration(Wakeup& owner, boost::asio::steady_timer& timer) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    owner_.timer_ = &timer;
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.timer_ = nullptr;
  }

 private:
  Wakeup& owner_;
};

void Wakeup::notify() {
  const std::lock_guard lock(mutex_);
  notified_ = true;
  // Only while somebody waits is the loop known to be there. The timer is touched on its own loop alone.
  if (timer_ == nullptr) return;
  boost::asio::post(executor_, [self = shared_from_this()] {
    const std::lock_guard inner(self->mutex_);
    if (self->timer_ != nullptr) self->timer_->cancel();
  });
}

bool Wakeup::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(notified_, false);
}

Awaitable<Wakeup::Woken> Wakeup::wait(std::optional<std::chrono::nanoseconds> left) {
  const auto self = shared_from_this();
  boost::asio::steady_timer timer(executor_);
  if (left) {
    timer.expires_after(std::chrono::duration_cast<base::MonoTime::duration>(*left));
  } else {
    timer.expires_at(base::MonoTime::max());
  }
  const Registration registration(*this, timer);
  if (take()) co_return Woken::kNotified;
  const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (take()) co_return Woken::kNotified;
  co_return error ? Woken::kCancelled : Woken::kTimedOut;
}

}  // namespace tlswarden::net
