#include "net/tunnels.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "net/address.hpp"
#include "net/socket_stream.hpp"
#include "net/ssh_bastion.hpp"
#include "net/ssh_dial.hpp"
#include "net/ssh_orders.hpp"

namespace tlswarden::net {
namespace {

using Kind = TunnelError::Kind;

/// Tells an end that the SSH connection brought about from one that the server did.
class TunnelStream final : public ByteStream {
 public:
  TunnelStream(ByteStreamPtr inner, SshOrderPtr order, std::string bastion)
      : inner_(std::move(inner)), order_(std::move(order)), bastion_(std::move(bastion)) {}

  Awaitable<IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                             base::Deadline deadline) override {
    auto count = co_await inner_->read_some(buffer, deadline);
    if (!count) count.error() = explained(std::move(count.error()));
    co_return count;
  }
  Awaitable<IoResult<void>> write_all(base::ByteView bytes, base::Deadline deadline) override {
    auto done = co_await inner_->write_all(bytes, deadline);
    if (!done) done.error() = explained(std::move(done.error()));
    co_return done;
  }
  Awaitable<void> close(base::Deadline deadline) override { co_await inner_->close(deadline); }

 private:
  IoError explained(IoError error) const {
    const bool ended =
        error.kind == IoError::Kind::kPeerClosed || error.kind == IoError::Kind::kConnectionReset;
    if (!ended || !order_->lost) return error;
    return {IoError::Kind::kTunnelLost, "the SSH connection to the bastion " + bastion_ + " broke off"};
  }

  ByteStreamPtr inner_;
  SshOrderPtr order_;
  std::string bastion_;
};

/// A coroutine that goes away, whether it gave up or was destroyed, leaves no wish behind.
class Waiting {
 public:
  explicit Waiting(SshOrderPtr order) : order_(std::move(order)) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    if (!served_) order_->abandon();
  }
  void served() { served_ = true; }

 private:
  SshOrderPtr order_;
  bool served_ = false;
};

TunnelError unanswered(const SshSettings& bastion, const SshOrder& order) {
  if (!order.asked) return unreachable_bastion(bastion, IoError::Kind::kTimedOut);
  if (!order.heard) {
    return {Kind::kBastionUnreachable,
            "The bastion " + bastion_name(bastion) +
                " does not answer any more over the SSH connection; look at its load and at the network.",
            {},
            IoError::Kind::kTimedOut};
  }
  const std::string there = to_string(Address{order.host(), order.port()});
  return {Kind::kTargetUnreachable,
          "The bastion " + bastion_name(bastion) + " did not get a connection to " + there +
              " in time; see whether the bastion has a way there, or whether a firewall drops the packets.",
          {},
          IoError::Kind::kTimedOut};
}

class SshTunnels final : public Tunnels {
 public:
  explicit SshTunnels(const base::Clock& clock) : clock_(clock) {}

  Awaitable<TunnelResult<void>> reach(SshSettingsPtr bastion, base::Deadline deadline) override {
    auto wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    const auto order = std::make_shared<SshOrder>(wakeup, deadline.at(), "", 0, Descriptor());
    co_return co_await fulfilled(bastion, order, wakeup, deadline);
  }

  Awaitable<TunnelResult<ByteStreamPtr>> connect(SshSettingsPtr bastion, std::string host, std::uint16_t port,
                                                 base::Deadline deadline) override {
    const Executor executor = co_await boost::asio::this_coro::executor;
    auto wakeup = std::make_shared<Wakeup>(executor);
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
      co_return tl::unexpected(
          TunnelError{Kind::kInternal, "There are no descriptors left for a connection."});
    Descriptor near(ends[0]), far(ends[1]);
    const auto order =
        std::make_shared<SshOrder>(wakeup, deadline.at(), std::move(host), port, std::move(far));
    auto done = co_await fulfilled(bastion, order, wakeup, deadline);
    if (!done) co_return tl::unexpected(std::move(done.error()));
    const boost::asio::generic::stream_protocol protocol(AF_UNIX, 0);
    boost::asio::generic::stream_protocol::socket socket(executor, protocol, near.release());
    ByteStreamPtr stream = make_socket_stream(std::move(socket), clock_);
    co_return std::make_unique<TunnelStream>(std::move(stream), order, bastion_name(*bastion));
  }

 private:
  Awaitable<TunnelResult<void>> fulfilled(SshSettingsPtr bastion, SshOrderPtr order,
                                          std::shared_ptr<Wakeup> wakeup, base::Deadline deadline) {
    Waiting waiting(order);
    place(bastion, order);
    const auto woken = co_await wakeup->wait(deadline.left(clock_.monotonic()));
    if (auto answer = order->taken()) {
      if (*answer) waiting.served();
      co_return *std::move(answer);
    }
    if (woken == Wakeup::Woken::kCancelled)
      co_return tl::unexpected(unreachable_bastion(*bastion, IoError::Kind::kCancelled));
    co_return tl::unexpected(unanswered(*bastion, *order));
  }

  void place(const SshSettingsPtr& settings, const SshOrderPtr& order) {
    const std::scoped_lock lock(mutex_);
    bastions_.remove_if([](const SshBastion& bastion) { return bastion.forgotten(); });
    for (SshBastion& bastion : bastions_) {
      if (bastion.is_for(*settings)) return bastion.place(order);
    }
    try {
      bastions_.emplace_back(settings, clock_).place(order);
    } catch (const std::system_error& error) {
      order->answer(tl::unexpected(TunnelError{
          Kind::kInternal, std::string("There is no thread left for a bastion: ") + error.what() + "."}));
    }
  }

  const base::Clock& clock_;
  std::mutex mutex_;
  std::list<SshBastion> bastions_;
};

}  // namespace

std::unique_ptr<Tunnels> make_ssh_tunnels(const base::Clock& clock) {
  return std::make_unique<SshTunnels>(clock);
}

}  // namespace tlswarden::net
