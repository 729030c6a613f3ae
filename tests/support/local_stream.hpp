#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "net/byte_stream.hpp"

/// A stream whose other end is in the hands of the test, without a network.
namespace tlswarden::test_support {

/// The test's end: blocking, for use on a thread of its own. Closes when destroyed.
class BlockingPeer {
 public:
  explicit BlockingPeer(int descriptor) : descriptor_(descriptor) {}
  BlockingPeer(BlockingPeer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  BlockingPeer& operator=(BlockingPeer&&) = delete;
  ~BlockingPeer() { close(); }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  /// Whether all could be written.
  bool write(base::ByteView bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// What arrives next; empty at the end of the stream.
  base::Bytes read() {
    base::Bytes bytes(65536);
    const auto got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  /// Exactly `size` bytes, or fewer at the end of the stream.
  base::Bytes read_exactly(std::size_t size) {
    base::Bytes bytes(size);
    if (size == 0) return bytes;
    const auto got = ::recv(descriptor_, bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

 private:
  int descriptor_;
};

class LocalStream final : public net::ByteStream {
 public:
  explicit LocalStream(boost::asio::local::stream_protocol::socket socket) : socket_(std::move(socket)) {}

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline) override {
    const auto [error, size] =
        co_await socket_.async_read_some(boost::asio::buffer(buffer.data(), buffer.size()), kNoThrow);
    if (error) co_return failed(error);
    co_return size;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline) override {
    const auto [error, size] =
        co_await boost::asio::async_write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), kNoThrow);
    if (error) co_return failed(error);
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline) override {
    boost::system::error_code ignored;
    socket_.close(ignored);
    co_return;
  }

 private:
  static constexpr auto kNoThrow = boost::asio::as_tuple(boost::asio::use_awaitable);
  static tl::unexpected<net::IoError> failed(const boost::system::error_code& error) {
    using Kind = net::IoError::Kind;
    if (error == boost::asio::error::operation_aborted)
      return tl::unexpected(net::IoError{Kind::kCancelled, error.message()});
    if (error == boost::asio::error::connection_reset)
      return tl::unexpected(net::IoError{Kind::kConnectionReset, error.message()});
    return tl::unexpected(net::IoError{Kind::kPeerClosed, error.message()});
  }

  boost::asio::local::stream_protocol::socket socket_;
};

struct LocalPair {
  net::ByteStreamPtr ours;
  BlockingPeer theirs;
};

inline LocalPair local_pair(const net::Executor& executor) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
  boost::asio::local::stream_protocol::socket socket(executor, boost::asio::local::stream_protocol(),
                                                     ends[0]);
  return {std::make_unique<LocalStream>(std::move(socket)), BlockingPeer(ends[1])};
}

}  // namespace tlswarden::test_support
