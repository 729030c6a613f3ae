#include "net/tunnels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/ssh_server.hpp"
#include "tests/support/tls_server.hpp"

namespace tlswarden::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ScriptedServer;
using test_support::ServerConnection;
using test_support::SshServer;
using testing::HasSubstr;
using Kind = TunnelError::Kind;
using Way = TunnelResult<ByteStreamPtr>;

Awaitable<IoResult<std::string>> read_all(ByteStream& stream, std::size_t size, base::Deadline deadline) {
  std::string text;
  std::array<std::uint8_t, 8192> buffer{};
  while (text.size() < size) {
    const auto count = co_await stream.read_some(buffer, deadline);
    if (!count) co_return tl::unexpected(count.error());
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  co_return text;
}

class TunnelsTest : public testing::Test {
 protected:
  SshSettingsPtr settings(std::uint16_t port, std::string_view known_hosts = "right") const {
    auto made = std::make_shared<SshSettings>();
    made->host = "127.0.0.1";
    made->port = port;
    made->user = "me";
    made->key = base::Secret(client_.file);
    made->known_hosts = known_hosts == "right" ? "[127.0.0.1]:" + std::to_string(port) + " " + host_.line
                                               : std::string(known_hosts);
    return made;
  }
  base::Deadline in(std::chrono::nanoseconds span) const { return base::Deadline::after(clock_, span); }
  TunnelResult<void> reach(const SshSettingsPtr& bastion, std::chrono::nanoseconds span = seconds(20)) {
    return test_support::run_loop(loop_, tunnels_->reach(bastion, in(span)));
  }
  Way connect(const SshSettingsPtr& bastion, std::chrono::nanoseconds span = seconds(20)) {
    return test_support::run_loop(loop_, tunnels_->connect(bastion, "db.test", 5432, in(span)));
  }
  IoResult<std::string> read(ByteStream& stream, std::size_t size) {
    return test_support::run_loop(loop_, read_all(stream, size, in(seconds(20))));
  }
  IoResult<void> write(ByteStream& stream, std::string_view text) {
    return test_support::run_loop(loop_, stream.write_all(base::as_bytes(text), in(seconds(20))));
  }

  const test_support::SshIdentity host_ = test_support::make_ssh_identity();
  const test_support::SshIdentity client_ = test_support::make_ssh_identity();
  base::SystemClock clock_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<Tunnels> tunnels_ = make_ssh_tunnels(clock_);
};

TEST_F(TunnelsTest, CarriesBytesBothWays) {
  SshServer server(host_);
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  ASSERT_TRUE(write(**way, "ping"));
  EXPECT_EQ(read(**way, 4), "ping");
}

TEST_F(TunnelsTest, CarriesMoreThanEveryWindowHolds) {
  SshServer server(host_);
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  const std::string much(std::size_t{6} << 20U, 'x');
  auto both = [](ByteStream& stream, const std::string& text, base::Deadline by) -> Awaitable<bool> {
    using boost::asio::experimental::awaitable_operators::operator&&;
    auto writing = stream.write_all(base::as_bytes(text), by);
    auto reading = read_all(stream, text.size(), by);
    auto [written, got] = co_await (std::move(writing) && std::move(reading));
    co_return written&& got && *got == text;
  };
  EXPECT_TRUE(test_support::run_loop(loop_, both(**way, much, in(seconds(50)))));
}

TEST_F(TunnelsTest, TellsAnOrderlyEnd) {
  SshServer server(
      host_, {.script = [](ssh_session, ssh_channel channel) { ssh_channel_write(channel, "bye", 3); }});
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  EXPECT_EQ(read(**way, 3), "bye");
  const auto end = read(**way, 1);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, IoError::Kind::kPeerClosed);
}

TEST_F(TunnelsTest, TellsThatTheTunnelBrokeAndMakesItAnew) {
  SshServer server(host_);
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  server.cut();
  const auto end = read(**way, 1);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, IoError::Kind::kTunnelLost);
  EXPECT_THAT(end.error().message, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
  ASSERT_TRUE(connect(settings(server.port())));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(TunnelsTest, SharesOneConnectionAmongThreads) {
  SshServer server(host_);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      boost::asio::io_context loop(1);
      for (int round = 0; round < 5; ++round) {
        if (test_support::run_loop(loop, tunnels_->reach(settings(server.port()), in(seconds(20))))) ++good;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(good, 40);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(TunnelsTest, DoesNotShareAcrossDifferentSettings) {
  SshServer server(host_);
  ASSERT_TRUE(reach(settings(server.port())));
  auto other = std::make_shared<SshSettings>();
  other->host = "127.0.0.1";
  other->port = server.port();
  other->user = "you";
  other->key = base::Secret(client_.file);
  other->known_hosts = settings(server.port())->known_hosts;
  ASSERT_TRUE(reach(other));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(TunnelsTest, TellsEachOfManyItsOwnRefusal) {
  SshServer server(host_, {.refuse_channels = 1'000'000});
  const SshSettingsPtr bastion = settings(server.port());
  int told = 0;
  for (int i = 0; i < 30; ++i) {
    boost::asio::co_spawn(loop_, tunnels_->connect(bastion, "db.test", 5432, in(seconds(20))),
                          [&](const std::exception_ptr&, Way way) {
                            if (!way && way.error().kind == Kind::kForwardingRefused) ++told;
                          });
  }
  loop_.run();
  EXPECT_EQ(told, 30);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(TunnelsTest, ShowsNoKeyToAHostThatIsNotPinned) {
  SshServer server(host_);
  const auto unknown = reach(settings(server.port(), ""));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, Kind::kHostKeyUnknown);
  const auto wrong = reach(settings(server.port(), "* " + client_.line));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, Kind::kHostKeyMismatch);
  EXPECT_EQ(server.keys_shown(), 0U);
}

TEST_F(TunnelsTest, TellsThatTheKeyIsRefusedAndDoesNotAskAgainAtOnce) {
  SshServer server(host_, {.admit = false});
  for (int i = 0; i < 3; ++i) {
    const auto refused = reach(settings(server.port()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::kKeyRefused);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(TunnelsTest, KeepsTheDeadlineBeforeABastionThatSaysNothing) {
  ScriptedServer server([](ServerConnection& peer) { peer.drain(); });
  const auto began = clock_.monotonic();
  const auto late = reach(settings(server.port()), milliseconds(200));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Kind::kBastionUnreachable);
  EXPECT_EQ(late.error().network, IoError::Kind::kTimedOut);
  EXPECT_LT(clock_.monotonic() - began, seconds(30));
}

TEST_F(TunnelsTest, KeepsTheDeadlineWhenTheBastionStallsOverAChannel) {
  std::promise<void> over;
  const auto ended = over.get_future().share();
  // While the first channel's script waits, the server answers nothing else.
  SshServer server(host_, {.script = [ended](ssh_session, ssh_channel) { ended.wait(); }});
  const Way first = connect(settings(server.port()));
  ASSERT_TRUE(first) << first.error().message;
  const Way late = connect(settings(server.port()), milliseconds(200));
  over.set_value();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Kind::kBastionUnreachable) << late.error().message;
  EXPECT_THAT(late.error().message, HasSubstr("does not answer any more"));
}

TEST_F(TunnelsTest, MayBeCancelled) {
  ScriptedServer server([](ServerConnection& peer) { peer.drain(); });
  boost::asio::cancellation_signal stop;
  std::optional<TunnelResult<void>> outcome;
  auto wait = [](Tunnels& tunnels, SshSettingsPtr bastion, base::Deadline by,
                 std::optional<TunnelResult<void>>& into) -> Awaitable<void> {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    into = co_await tunnels.reach(bastion, by);
  };
  boost::asio::co_spawn(loop_, wait(*tunnels_, settings(server.port()), in(seconds(50)), outcome),
                        boost::asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
  boost::asio::post(loop_, [&] { stop.emit(boost::asio::cancellation_type::terminal); });
  loop_.run();
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().kind, Kind::kCancelled);
}

TEST_F(TunnelsTest, LeavesABastionThatSendsWhatAForwardingDoesNotHave) {
  SshServer server(host_, {.script = [](ssh_session, ssh_channel channel) {
                     ssh_channel_write_stderr(channel, "x", 1);
                     std::array<char, 16> buffer{};
                     ssh_channel_read(channel, buffer.data(), buffer.size(), 0);
                   }});
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  const auto end = read(**way, 1);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, IoError::Kind::kTunnelLost);
}

TEST_F(TunnelsTest, TellsABastionThatDropsEveryoneAfterTheLogin) {
  SshServer server(host_, {.drop_after_login = true});
  const Way way = connect(settings(server.port()));
  ASSERT_FALSE(way);
  EXPECT_TRUE(way.error().kind == Kind::kLost || way.error().kind == Kind::kBastionUnreachable)
      << way.error().message;
}

TEST_F(TunnelsTest, EndsAConnectionThatNobodyUsesAndMakesAnotherAtNeed) {
  SshServer server(host_);
  test_support::FakeClock clock(base::WallTime(base::Seconds(1'700'000'000)));
  const auto tunnels = make_ssh_tunnels(clock);
  const auto want = [&] {
    return test_support::run_loop(
        loop_, tunnels->reach(settings(server.port()), base::Deadline::after(clock, seconds(20))));
  };
  ASSERT_TRUE(want());
  clock.advance(seconds(30));
  ASSERT_TRUE(want());
  EXPECT_EQ(server.connections(), 1U);
  clock.advance(seconds(61));
  while (server.ended() == 0)
    std::this_thread::sleep_for(milliseconds(5));
  ASSERT_TRUE(want());
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(TunnelsTest, GivesABastionUpThatNoLongerAnswers) {
  std::promise<void> over;
  const auto ended = over.get_future().share();
  SshServer server(host_, {.script = [ended](ssh_session, ssh_channel) { ended.wait(); }});
  test_support::FakeClock clock(base::WallTime(base::Seconds(1'700'000'000)));
  const auto tunnels = make_ssh_tunnels(clock);
  Way way = test_support::run_loop(loop_, tunnels->connect(settings(server.port()), "db.test", 5432,
                                                           base::Deadline::after(clock, seconds(20))));
  ASSERT_TRUE(way) << way.error().message;
  std::atomic<bool> given_up = false;
  std::thread time([&] {
    // A question after ten seconds, the end after another fifteen; the thread looks once a second.
    while (!given_up) {
      clock.advance(seconds(4));
      std::this_thread::sleep_for(milliseconds(300));
    }
  });
  const auto end =
      test_support::run_loop(loop_, read_all(**way, 1, base::Deadline::after(clock, std::chrono::hours(1))));
  given_up = true;
  time.join();
  over.set_value();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, IoError::Kind::kTunnelLost);
}

TEST_F(TunnelsTest, LeavesNoDescriptorOpen) {
  const auto do_everything = [this] {
    SshServer server(host_), strict(host_, {.admit = false});
    ScriptedServer silent([](ServerConnection& peer) { peer.drain(); });
    ScriptedServer rude([](ServerConnection&) {});
    tunnels_ = make_ssh_tunnels(clock_);
    {
      Way way = connect(settings(server.port()));
      EXPECT_TRUE(way);
      server.cut();
      EXPECT_FALSE(read(**way, 1));
    }
    EXPECT_TRUE(reach(settings(server.port())));
    EXPECT_FALSE(reach(settings(server.port(), "")));
    EXPECT_FALSE(reach(settings(strict.port())));
    EXPECT_FALSE(reach(settings(rude.port())));
    EXPECT_FALSE(reach(settings(silent.port()), milliseconds(50)));
    tunnels_.reset();
  };
  const auto open_now = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  // The first time, the event loop opens what it keeps.
  do_everything();
  const auto before = open_now();
  do_everything();
  EXPECT_EQ(open_now(), before);
}

TEST_F(TunnelsTest, EndsWithWaitersAndStreamsInHand) {
  SshServer server(host_);
  ScriptedServer silent([](ServerConnection& peer) { peer.drain(); });
  Way way = connect(settings(server.port()));
  ASSERT_TRUE(way) << way.error().message;
  std::optional<TunnelResult<void>> waiting;
  boost::asio::co_spawn(loop_, tunnels_->reach(settings(silent.port()), in(seconds(50))),
                        [&](const std::exception_ptr&, TunnelResult<void> result) { waiting = result; });
  loop_.restart();
  loop_.run_for(milliseconds(50));
  tunnels_.reset();
  const auto end = read(**way, 1);
  EXPECT_FALSE(end);
  loop_.restart();
  while (!waiting && loop_.run_one_for(seconds(20)) != 0) {
  }
  ASSERT_TRUE(waiting);
  ASSERT_FALSE(*waiting);
  EXPECT_EQ(waiting->error().kind, Kind::kCancelled);
}

}  // namespace
}  // namespace tlswarden::net
