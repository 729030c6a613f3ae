#include "net/ssh_orders.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace tlswarden::net {

void SshOrder::answer(TunnelResult<void> result) {
  {
    const std::scoped_lock lock(mutex_);
    if (answer_) return;
    answer_ = std::move(result);
  }
  wakeup_->notify();
}

std::optional<TunnelResult<void>> SshOrder::taken() {
  const std::scoped_lock lock(mutex_);
  return answer_;
}

SshOrders::SshOrders() : signal_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void SshOrders::put(SshOrderPtr order) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(order));
  }
  ring();
}

void SshOrders::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  ring();
}

bool SshOrders::stopped() const {
  const std::scoped_lock lock(mutex_);
  return stopped_;
}

bool SshOrders::empty() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.empty();
}

std::vector<SshOrderPtr> SshOrders::take() {
  const std::scoped_lock lock(mutex_);
  std::vector<SshOrderPtr> taken(waiting_.begin(), waiting_.end());
  waiting_.clear();
  return taken;
}

std::optional<base::MonoTime> SshOrders::patience() const {
  const std::scoped_lock lock(mutex_);
  std::optional<base::MonoTime> latest;
  for (const SshOrderPtr& order : waiting_) {
    if (!order->abandoned()) latest = std::max(latest.value_or(order->by()), order->by());
  }
  return latest;
}

bool SshOrders::outlasted(base::MonoTime now) const {
  const std::scoped_lock lock(mutex_);
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const SshOrderPtr& order) { return order->by() <= now; });
}

void SshOrders::wait() {
  // Without a descriptor, as there were none left, it looks now and then.
  constexpr int kNowAndThen = 200;
  pollfd entry{signal_.get(), POLLIN, 0};
  ::poll(&entry, 1, signal_ ? -1 : kNowAndThen);
  calm();
}

void SshOrders::ring() {
  ::eventfd_write(signal_.get(), 1);
}

void SshOrders::calm() {
  eventfd_t count = 0;
  ::eventfd_read(signal_.get(), &count);
}

}  // namespace tlswarden::net
