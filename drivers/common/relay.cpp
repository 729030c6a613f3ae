#include "drivers/common/relay.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/secret.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::common {
namespace {

namespace asio = boost::asio;
using LocalSocket = asio::generic::stream_protocol::socket;
using asio::experimental::awaitable_operators::operator||;  // NOLINT(misc-unused-using-decls): in coroutines

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = std::size_t{16} * 1024;

/// Holds what passes through for the shortest possible time: it may be a password.
struct Piece {
  Piece() = default;
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;
  ~Piece() { base::wipe_memory(bytes.data(), bytes.size()); }
  std::array<std::uint8_t, kPiece> bytes{};
};

struct WipedBytes {
  explicit WipedBytes(base::Bytes content) : bytes(std::move(content)) {}
  WipedBytes(const WipedBytes&) = delete;
  WipedBytes& operator=(const WipedBytes&) = delete;
  ~WipedBytes() { base::wipe_memory(bytes.data(), bytes.size()); }
  base::Bytes bytes;
};

probe::Failure session_failure(probe::Cause cause, std::string message) {
  return {.stage = probe::Stage::kSession,
          .cause = cause,
          .message = std::move(message),
          .peer_text = {},
          .code = {}};
}

/// A directory that nobody else may enter.
class PrivateDirectory {
 public:
  PrivateDirectory() = default;
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory() { remove(); }

  base::Result<void> create(const std::string& file_name) {
    std::error_code error;
    auto temporary = std::filesystem::temp_directory_path(error);
    if (error) temporary = "/tmp";
    // The second is there in containers whose root file system is read-only.
    const std::filesystem::path shared_memory = "/dev/shm";
    if (made_ = make_in(temporary, error) || make_in(shared_memory, error); !made_)
      return base::fail("no private directory for the client library's socket can be made in " +
                        temporary.string() + " or " + shared_memory.string() + ": " + error.message() +
                        "; make one of them writable or set TMPDIR to a directory that is");
    path_ = (std::filesystem::path(directory_) / file_name).string();
    return {};
  }
  void remove() {
    if (!made_) return;
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
    made_ = false;
  }

  const std::string& directory() const { return directory_; }
  const std::string& path() const { return path_; }

 private:
  bool make_in(const std::filesystem::path& parent, std::error_code& error) {
    std::string pattern = (parent / "tlswarden-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      error = std::error_code(errno, std::generic_category());
      return false;
    }
    directory_ = pattern;
    return true;
  }

  std::string directory_, path_;
  bool made_ = false;
};

/// A Unix socket tells who connected; only this very process is wanted. TCP tells nothing.
bool is_this_process(LocalSocket& socket, RelayOptions::Listen listen) {
  if (listen == RelayOptions::Listen::kLoopback) return true;
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == ::getpid();
}

}  // namespace

struct Relay::Impl {
  Impl(const net::Executor& loop, const base::Clock& time, RelayOptions chosen)
      : clock(time), options(std::move(chosen)), acceptor(loop), socket(loop), timer(loop), idle(loop) {}

  base::Result<void> listen();
  net::Awaitable<bool> accept();
  net::Awaitable<void> expire(base::Deadline deadline);
  net::Awaitable<void> carry_to_server(net::ByteStream& upstream, RelayFilter& filter,
                                       base::Deadline deadline);
  net::Awaitable<void> carry_to_library(net::ByteStream& upstream, RelayFilter& filter,
                                        base::Deadline deadline);
  net::Awaitable<void> exchange(net::ByteStream& upstream, RelayFilter& filter, base::Deadline deadline);
  net::Awaitable<bool> give_library(base::ByteView bytes);
  bool within_bounds(std::size_t& total, std::size_t size);
  void note(const net::IoError& error);
  void end_with(probe::Failure why);
  void close_local();

  const base::Clock& clock;
  RelayOptions options;
  PrivateDirectory place;
  asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
  LocalSocket socket;
  asio::steady_timer timer, idle;
  std::uint16_t port = 0;
  RelayOutcome outcome;
};

base::Result<void> Relay::Impl::listen() {
  boost::system::error_code error;
  asio::generic::stream_protocol::endpoint where;
  if (options.listen == RelayOptions::Listen::kUnix) {
    if (auto made = place.create(options.file_name); !made) return made;
    if (place.path().size() >= sizeof(sockaddr_un::sun_path))
      return base::fail("the directory for temporary files, " + place.directory() +
                        ", has too long a name for a Unix socket; set TMPDIR to a shorter one");
    where = asio::local::stream_protocol::endpoint(place.path());
  } else {
    where = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0);
  }
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(1, error);
  if (error) return base::fail("no local socket for the client library can be opened: " + error.message());
  if (options.listen == RelayOptions::Listen::kLoopback) {
    const auto bound = acceptor.local_endpoint(error);
    if (error)
      return base::fail("the local socket for the client library has no address: " + error.message());
    sockaddr_in address{};
    std::memcpy(&address, bound.data(), std::min(bound.size(), sizeof address));
    port = ntohs(address.sin_port);
  }
  return {};
}

net::Awaitable<bool> Relay::Impl::accept() {
  for (;;) {
    const auto [error] = co_await acceptor.async_accept(socket, kNoThrow);
    if (error) co_return false;
    if (is_this_process(socket, options.listen)) break;
    close_local();
  }
  boost::system::error_code ignored;
  acceptor.close(ignored);
  place.remove();
  if (options.listen == RelayOptions::Listen::kLoopback)
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return true;
}

void Relay::Impl::close_local() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

/// The end of the stream is no failure of the relay's, and neither is our own interruption of a read.
void Relay::Impl::note(const net::IoError& error) {
  using Kind = net::IoError::Kind;
  if (outcome || error.kind == Kind::kPeerClosed || error.kind == Kind::kCancelled) return;
  outcome = probe::failure_from(error, probe::Stage::kSession, "the server");
}

void Relay::Impl::end_with(probe::Failure why) {
  if (!outcome) outcome = std::move(why);
  close_local();
}

bool Relay::Impl::within_bounds(std::size_t& total, std::size_t size) {
  total += size;
  if (total <= options.max_bytes) return true;
  end_with(session_failure(probe::Cause::kMessageTooLarge,
                           "The login was given up: more was exchanged than a login needs."));
  return false;
}

net::Awaitable<void> Relay::Impl::expire(base::Deadline deadline) {
  timer.expires_after(std::chrono::duration_cast<base::MonoTime::duration>(deadline.left(clock.monotonic())));
  const auto [interrupted] = co_await timer.async_wait(kNoThrow);
  if (interrupted) co_return;
  end_with(session_failure(probe::Cause::kTimedOut, "The login did not finish in time."));
}

net::Awaitable<bool> Relay::Impl::give_library(base::ByteView bytes) {
  const auto [error, written] =
      co_await asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()), kNoThrow);
  co_return !error;
}

net::Awaitable<void> Relay::Impl::carry_to_server(net::ByteStream& upstream, RelayFilter& filter,
                                                  base::Deadline deadline) {
  Piece piece;
  std::size_t total = 0;
  bool server_listens = true;
  for (;;) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(piece.bytes), kNoThrow);
    if (error) co_return;
    if (!within_bounds(total, size)) co_return;
    auto filtered = filter.to_server(base::ByteView(piece.bytes.data(), size));
    if (!filtered) {
      end_with(std::move(filtered.error()));
      co_return;
    }
    const WipedBytes out(std::move(*filtered));
    if (!server_listens || out.bytes.empty()) continue;
    // A server that no longer listens may still have said why: the library gets to read that.
    const auto written = co_await upstream.write_all(out.bytes, deadline);
    server_listens = written.has_value();
  }
}

net::Awaitable<void> Relay::Impl::carry_to_library(net::ByteStream& upstream, RelayFilter& filter,
                                                   base::Deadline deadline) {
  Piece piece;
  std::size_t total = 0;
  for (;;) {
    const auto size = co_await upstream.read_some(piece.bytes, deadline);
    if (!size) {
      note(size.error());
      break;
    }
    if (!within_bounds(total, *size)) co_return;
    auto filtered = filter.to_library(base::ByteView(piece.bytes.data(), *size));
    if (!filtered) {
      end_with(std::move(filtered.error()));
      co_return;
    }
    if (!filtered->empty() && !co_await give_library(*filtered)) break;
  }
  boost::system::error_code ignored;
  socket.shutdown(LocalSocket::shutdown_send, ignored);
  // The library still has to read, and to close; the other direction notices that.
  idle.expires_at(base::MonoTime::max());
  co_await idle.async_wait(kNoThrow);
}

net::Awaitable<void> Relay::Impl::exchange(net::ByteStream& upstream, RelayFilter& filter,
                                           base::Deadline deadline) {
  if (!co_await accept()) co_return;
  auto opening = filter.opening();
  if (!opening) {
    end_with(std::move(opening.error()));
    co_return;
  }
  if (!opening->empty() && !co_await give_library(*opening)) co_return;
  co_await (carry_to_server(upstream, filter, deadline) || carry_to_library(upstream, filter, deadline));
}

base::Result<std::unique_ptr<Relay>> Relay::open(const net::Executor& executor, const base::Clock& clock,
                                                 RelayOptions options) {
  auto impl = std::make_unique<Impl>(executor, clock, std::move(options));
  if (auto listening = impl->listen(); !listening) return tl::unexpected(std::move(listening.error()));
  return std::unique_ptr<Relay>(new Relay(std::move(impl)));
}

Relay::Relay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Relay::~Relay() = default;
const std::string& Relay::directory() const {
  return impl_->place.directory();
}
const std::string& Relay::path() const {
  return impl_->place.path();
}
std::uint16_t Relay::port() const {
  return impl_->port;
}

net::Awaitable<RelayOutcome> Relay::run(net::ByteStream& upstream, RelayFilter& filter,
                                        base::Deadline deadline) {
  co_await (impl_->exchange(upstream, filter, deadline) || impl_->expire(deadline));
  impl_->close_local();
  // A library that has connected but was never accepted would wait for ever.
  stop();
  co_return impl_->outcome;
}

void Relay::stop() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
}

}  // namespace tlswarden::drivers::common
