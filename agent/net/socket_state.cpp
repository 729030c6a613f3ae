#include "net/socket_state.hpp"

#include <utility>

namespace tlswarden::net {

void Watchdog::guard(const std::shared_ptr<SocketState>& state, base::Deadline deadline,
                     std::chrono::nanoseconds left) {
  waiting_ = true;
  fired_ = false;
  if (armed_for_ == deadline.at()) return;
  armed_for_ = deadline.at();
  timer_.expires_after(std::chrono::duration_cast<base::MonoTime::duration>(left));
  // The number tells a handler that was already queued when the timer was set anew.
  timer_.async_wait([this, state, armed = ++generation_](const boost::system::error_code& error) {
    if (!error && armed == generation_) fire(*state);
  });
}

void Watchdog::fire(SocketState& state) {
  armed_for_.reset();
  if (!waiting_) return;
  fired_ = true;
  Watchdog& other = this == &state.reading ? state.writing : state.reading;
  other.disturbed_ = other.waiting_;
  boost::system::error_code ignored;
  state.socket.cancel(ignored);
}

}  // namespace tlswarden::net
