#include "net/ssh_patience.hpp"

#include <poll.h>

#include <algorithm>
#include <array>

namespace tlswarden::net {
namespace {

constexpr std::chrono::seconds kLongest{60};

}  // namespace

SshPatience::SshPatience(SshOrders& orders, const base::Clock& clock)
    : orders_(orders), clock_(clock), limit_(clock.monotonic() + kLongest) {}

std::chrono::nanoseconds SshPatience::left() const {
  const base::MonoTime now = clock_.monotonic();
  const base::MonoTime end = std::min(orders_.patience().value_or(now), limit_);
  return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(end - now));
}

SshPatience SshPatience::shortened(std::chrono::nanoseconds share) const {
  SshPatience part = *this;
  part.limit_ =
      std::min(limit_, clock_.monotonic() + std::chrono::duration_cast<base::MonoTime::duration>(share));
  return part;
}

SshPatience::Woken SshPatience::wait(int descriptor, short events) {
  for (;;) {
    if (orders_.stopped()) return Woken::kStopped;
    const auto span = std::chrono::ceil<std::chrono::milliseconds>(left());
    if (span.count() == 0) return Woken::kTimedOut;
    std::array<pollfd, 2> entries{{{descriptor, events, 0}, {orders_.descriptor(), POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), static_cast<int>(span.count()));
    if (entries[1].revents != 0) orders_.calm();
    if (entries[0].revents != 0) return Woken::kReady;
  }
}

}  // namespace tlswarden::net
