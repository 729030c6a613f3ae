#include "net/socket_stream.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "net/socket_state.hpp"
#include "net/system_error.hpp"

namespace tlswarden::net {
namespace {

using boost::asio::ip::tcp;
using Socket = boost::asio::generic::stream_protocol::socket;
constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

tl::unexpected<IoError> timed_out() {
  return tl::unexpected(IoError{IoError::Kind::kTimedOut, "no answer in time"});
}

class SocketStream final : public ByteStream {
 public:
  SocketStream(Socket socket, const base::Clock& clock)
      : state_(std::make_shared<SocketState>(std::move(socket))), clock_(clock) {
    boost::system::error_code ignored;
    state_->socket.non_blocking(true, ignored);
    state_->socket.set_option(tcp::no_delay(true), ignored);
  }

  ~SocketStream() override { shut(); }

  Awaitable<IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                             base::Deadline deadline) override {
    const auto space = boost::asio::buffer(buffer.data(), buffer.size());
    for (;;) {
      const base::MonoTime now = clock_.monotonic();
      if (deadline.passed(now)) co_return timed_out();
      state_->reading.guard(state_, deadline, deadline.left(now));
      const auto [error, count] = co_await state_->socket.async_read_some(space, kAwait);
      state_->reading.rest();
      if (!error) co_return count;
      const auto failure = outcome(error, state_->reading);
      if (failure) co_return tl::unexpected(*failure);
    }
  }

  Awaitable<IoResult<void>> write_all(base::ByteView bytes, base::Deadline deadline) override {
    while (!bytes.empty()) {
      // The kernel's buffer nearly always has room: no timer, no trip through the loop.
      boost::system::error_code error;
      const auto rest = boost::asio::buffer(bytes.data(), bytes.size());
      std::size_t count = state_->socket.write_some(rest, error);
      if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
        const base::MonoTime now = clock_.monotonic();
        if (deadline.passed(now)) co_return timed_out();
        state_->writing.guard(state_, deadline, deadline.left(now));
        std::tie(error, count) = co_await state_->socket.async_write_some(rest, kAwait);
        state_->writing.rest();
      }
      bytes = bytes.subspan(count);
      if (!error) continue;
      const auto failure = outcome(error, state_->writing);
      if (failure) co_return tl::unexpected(*failure);
    }
    co_return IoResult<void>{};
  }

  Awaitable<void> close(base::Deadline /*deadline*/) override {
    boost::system::error_code error;
    state_->socket.shutdown(Socket::shutdown_send, error);
    // Closing over unread bytes would send a reset, and with it throw away our last words at the peer.
    std::array<std::uint8_t, 4096> discarded;
    for (int round = 0; !error && round < 16; ++round) {
      state_->socket.read_some(boost::asio::buffer(discarded), error);
    }
    shut();
    co_return;
  }

 private:
  /// Nothing when the operation must be repeated.
  static std::optional<IoError> outcome(const boost::system::error_code& error, Watchdog& watchdog) {
    if (error != boost::asio::error::operation_aborted) return io_error_from(error);
    if (watchdog.fired()) return timed_out().value();
    if (watchdog.disturbed()) return std::nullopt;
    return IoError{IoError::Kind::kCancelled, "cancelled"};
  }

  void shut() {
    state_->reading.stop();
    state_->writing.stop();
    boost::system::error_code ignored;
    state_->socket.close(ignored);
  }

  std::shared_ptr<SocketState> state_;
  const base::Clock& clock_;
};

class TcpConnector final : public Connector {
 public:
  explicit TcpConnector(const base::Clock& clock) : clock_(clock) {}

  Awaitable<IoResult<ByteStreamPtr>> connect(Address address, base::Deadline deadline) override {
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(address.ip, error);
    if (error) co_return tl::unexpected(IoError{IoError::Kind::kOther, "not an IP address: " + address.ip});
    const tcp::endpoint endpoint(ip, address.port);

    tcp::socket socket(co_await boost::asio::this_coro::executor);
    socket.open(endpoint.protocol(), error);
    if (error) co_return tl::unexpected(io_error_from(error));
    const base::MonoTime now = clock_.monotonic();
    if (deadline.passed(now)) co_return timed_out();

    const auto state = std::make_shared<SocketState>(std::move(socket));
    state->writing.guard(state, deadline, deadline.left(now));
    const auto [refused] = co_await state->socket.async_connect(endpoint, kAwait);
    state->writing.rest();
    state->writing.stop();
    if (refused) {
      if (state->writing.fired()) co_return timed_out();
      co_return tl::unexpected(io_error_from(refused));
    }
    co_return make_socket_stream(std::move(state->socket), clock_);
  }

 private:
  const base::Clock& clock_;
};

}  // namespace

ByteStreamPtr make_socket_stream(Socket socket, const base::Clock& clock) {
  return std::make_unique<SocketStream>(std::move(socket), clock);
}

std::unique_ptr<Connector> make_tcp_connector(const base::Clock& clock) {
  return std::make_unique<TcpConnector>(clock);
}

}  // namespace tlswarden::net
