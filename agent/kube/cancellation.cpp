#include "kube/cancellation.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tlswarden::kube {

Cancellation::Cancellation(Cancellation* parent)
    : parent_(parent), descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  if (parent_ == nullptr) return;
  const std::scoped_lock lock(parent_->mutex_);
  parent_->children_.insert(this);
  if (parent_->cancelled()) cancel();
}

Cancellation::~Cancellation() {
  if (parent_ != nullptr) {
    const std::scoped_lock lock(parent_->mutex_);
    parent_->children_.erase(this);
  }
  ::close(descriptor_);
}

void Cancellation::cancel() noexcept {
  cancelled_.store(true);
  // Adding one to the counter cannot fail before it overflows, which takes 2^64 calls.
  static_cast<void>(::eventfd_write(descriptor_, 1));
  const std::scoped_lock lock(mutex_);
  for (Cancellation* child : children_)
    child->cancel();
}

bool SystemPause::wait(std::chrono::nanoseconds span, const Cancellation& cancellation) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + span;
  while (!cancellation.cancelled()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return true;
    pollfd waited{.fd = cancellation.descriptor(), .events = POLLIN, .revents = 0};
    constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
    ::poll(&waited, 1, static_cast<int>(std::min(left, kLongest).count()));
  }
  return false;
}

}  // namespace tlswarden::kube
