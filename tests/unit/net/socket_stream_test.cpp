#include "net/socket_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cerrno>
#include <chrono>
#include <future>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/tls_server.hpp"

namespace tlswarden::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ScriptedServer;
using test_support::ServerConnection;
using Kind = IoError::Kind;

class TcpStream : public testing::Test {
 protected:
  base::Deadline in(std::chrono::nanoseconds span) const { return base::Deadline::after(clock_, span); }
  IoResult<ByteStreamPtr> connect(const std::string& ip, std::uint16_t port) {
    return test_support::run_loop(loop_, connector_->connect(Address{ip, port}, in(seconds(10))));
  }
  ByteStreamPtr connected(const ScriptedServer& server) { return *connect("127.0.0.1", server.port()); }
  /// One read, as text.
  IoResult<std::string> read(ByteStream& stream, base::Deadline deadline) {
    return test_support::run_loop(
        loop_, [](ByteStream& from, base::Deadline by) -> Awaitable<IoResult<std::string>> {
          std::array<std::uint8_t, 256> buffer{};
          const auto count = co_await from.read_some(buffer, by);
          if (!count) co_return tl::unexpected(count.error());
          co_return std::string(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
        }(stream, deadline));
  }
  IoResult<void> write(ByteStream& stream, base::ByteView bytes, base::Deadline deadline) {
    return test_support::run_loop(loop_, stream.write_all(bytes, deadline));
  }

  base::SystemClock clock_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<Connector> connector_ = make_tcp_connector(clock_);
};

TEST_F(TcpStream, CarriesBytesBothWays) {
  ScriptedServer server([](ServerConnection& peer) { peer.send(peer.receive(4) + "!"); });
  const ByteStreamPtr stream = connected(server);
  ASSERT_TRUE(write(*stream, base::as_bytes("ping"), in(seconds(10))));
  EXPECT_EQ(read(*stream, in(seconds(10))), "ping!");
}

TEST_F(TcpStream, TellsARefusedConnection) {
  const test_support::ClosedPort port;
  const auto stream = connect("127.0.0.1", port.port());
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind, Kind::kConnectionRefused);
}

TEST_F(TcpStream, RefusesAnAddressThatIsNone) {
  const auto stream = connect("db.internal", 1);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind, Kind::kOther);
}

TEST_F(TcpStream, DoesNotConnectAfterTheDeadline) {
  ScriptedServer server([](ServerConnection& peer) { peer.drain(); });
  const auto stream = test_support::run_loop(
      loop_, connector_->connect(Address{"127.0.0.1", server.port()}, base::Deadline(clock_.monotonic())));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind, Kind::kTimedOut);
}

TEST_F(TcpStream, TellsAnOrderlyEnd) {
  ScriptedServer server([](ServerConnection& peer) { peer.send("bye"); });
  const ByteStreamPtr stream = connected(server);
  EXPECT_EQ(read(*stream, in(seconds(10))), "bye");
  const auto end = read(*stream, in(seconds(10)));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, Kind::kPeerClosed);
}

TEST_F(TcpStream, TellsAReset) {
  ScriptedServer server([](ServerConnection& peer) {
    peer.receive(1);
    peer.reset();
  });
  const ByteStreamPtr stream = connected(server);
  ASSERT_TRUE(write(*stream, base::as_bytes("x"), in(seconds(10))));
  const auto end = read(*stream, in(seconds(10)));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, Kind::kConnectionReset);
}

TEST_F(TcpStream, StopsReadingAtTheDeadlineAndCanGoOnLater) {
  ScriptedServer server([](ServerConnection& peer) {
    peer.receive(1);
    peer.send("late");
    peer.drain();
  });
  const ByteStreamPtr stream = connected(server);
  for (int i = 0; i < 2; ++i) {
    const auto nothing = read(*stream, in(milliseconds(20)));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, Kind::kTimedOut);
  }
  ASSERT_TRUE(write(*stream, base::as_bytes("x"), in(seconds(10))));
  EXPECT_EQ(read(*stream, in(seconds(10))), "late");
}

TEST_F(TcpStream, MeasuresTheDeadlineByTheClockItWasGiven) {
  test_support::FakeClock still(base::WallTime(base::Seconds(1'700'000'000)));
  ScriptedServer server([](ServerConnection& peer) { peer.drain(); });
  const auto connector = make_tcp_connector(still);
  const base::Deadline deadline = base::Deadline::after(still, milliseconds(20));
  auto stream =
      test_support::run_loop(loop_, connector->connect(Address{"127.0.0.1", server.port()}, deadline));
  ASSERT_TRUE(stream);
  for (int i = 0; i < 2; ++i) {
    const auto nothing = read(**stream, deadline);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, Kind::kTimedOut);
  }
}

TEST_F(TcpStream, WritesMoreThanTheKernelTakesAtOnce) {
  constexpr std::size_t kSize = std::size_t{16} << 20U;
  std::size_t arrived = 0;
  {
    ScriptedServer server([&arrived](ServerConnection& peer) {
      arrived = peer.receive(kSize).size();
      peer.send("k");
    });
    const ByteStreamPtr stream = connected(server);
    const base::Bytes bytes(kSize, 0x5A);
    ASSERT_TRUE(write(*stream, bytes, in(seconds(30))));
    EXPECT_EQ(read(*stream, in(seconds(30))), "k");
  }
  EXPECT_EQ(arrived, kSize);
}

TEST_F(TcpStream, ReadsOnWhenOnlyTheWritersDeadlinePasses) {
  using boost::asio::experimental::awaitable_operators::operator&&;
  std::promise<void> tell;
  auto told = tell.get_future().share();
  ScriptedServer server([told](ServerConnection& peer) {
    told.wait();
    peer.send("still here");
    peer.drain();
  });
  const ByteStreamPtr stream = connected(server);
  const base::Bytes flood(std::size_t{64} << 20U, 0x5A);
  const auto outcome = test_support::run_loop(
      loop_,
      [](ByteStream& both, const base::Bytes& bytes, base::Deadline soon, base::Deadline late,
         std::promise<void>& writer_gave_up) -> Awaitable<std::tuple<IoResult<void>, IoResult<std::size_t>>> {
        auto flooding = [](ByteStream& to, const base::Bytes& all, base::Deadline by,
                           std::promise<void>& over) -> Awaitable<IoResult<void>> {
          auto written = co_await to.write_all(all, by);
          over.set_value();
          co_return written;
        };
        std::array<std::uint8_t, 64> buffer{};
        co_return co_await (flooding(both, bytes, soon, writer_gave_up) && both.read_some(buffer, late));
      }(*stream, flood, in(milliseconds(50)), in(seconds(20)), tell));
  ASSERT_FALSE(std::get<0>(outcome));
  EXPECT_EQ(std::get<0>(outcome).error().kind, Kind::kTimedOut);
  ASSERT_TRUE(std::get<1>(outcome)) << std::get<1>(outcome).error().message;
  EXPECT_EQ(*std::get<1>(outcome), 10U);
}

TEST_F(TcpStream, EndsWithoutAResetEvenOverUnreadBytes) {
  std::promise<bool> orderly;
  auto seen = orderly.get_future();
  ScriptedServer server([&orderly](ServerConnection& peer) {
    peer.send("unread");
    peer.receive(1);
    peer.send("more");
    orderly.set_value(peer.receive_some().empty() && errno != ECONNRESET);
  });
  const ByteStreamPtr stream = connected(server);
  EXPECT_EQ(read(*stream, in(seconds(10))), "unread");
  ASSERT_TRUE(write(*stream, base::as_bytes("x"), in(seconds(10))));
  test_support::run_loop(loop_, [](ByteStream& last, base::Deadline by) -> Awaitable<int> {
    co_await last.close(by);
    co_return 0;
  }(*stream, in(seconds(20))));
  EXPECT_TRUE(seen.get());
}

TEST_F(TcpStream, MayDieWithATimerArmed) {
  ScriptedServer server([](ServerConnection& peer) { peer.drain(); });
  ByteStreamPtr stream = connected(server);
  ASSERT_FALSE(read(*stream, in(milliseconds(10))));
  stream.reset();
  loop_.restart();
  loop_.poll();
}

}  // namespace
}  // namespace tlswarden::net
