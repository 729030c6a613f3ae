#include "drivers/common/relay.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/local_stream.hpp"

namespace tlswarden::drivers::common {
namespace {

using namespace std::chrono_literals;
using test_support::BlockingPeer;

BlockingPeer connect_to(const std::string& path) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return BlockingPeer(descriptor);
  ::close(descriptor);
  return BlockingPeer(-1);
}

BlockingPeer connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return BlockingPeer(descriptor);
  ::close(descriptor);
  return BlockingPeer(-1);
}

class RelayTest : public ::testing::Test {
 protected:
  /// What a library did on the pool and how the relay ended.
  struct Ran {
    RelayOutcome outcome;
    std::string said;
  };
  using Library = std::function<std::string(const Relay&)>;
  using Server = std::function<void(BlockingPeer&)>;

  Ran run(RelayFilter& filter, Server server, Library library, std::chrono::milliseconds allowed = 20s) {
    auto opened = Relay::open(loop_.get_executor(), clock_, options_);
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      return {};
    }
    Relay& relay = **opened;
    directory_ = relay.directory();
    auto pair = test_support::local_pair(loop_.get_executor());
    std::thread peer([&] {
      server(pair.theirs);
      pair.theirs.close();
    });
    net::OffloadPool pool(1);
    Ran ran;
    boost::asio::co_spawn(
        loop_,
        [&]() -> net::Awaitable<void> {
          auto call = [&relay, library] { return library(relay); };
          auto [outcome, said] = co_await serve(
              relay, *pair.ours, filter, base::Deadline::after(clock_, allowed), pool, std::move(call));
          ran.outcome = std::move(outcome);
          ran.said = std::move(said);
          co_await pair.ours->close(base::Deadline::after(clock_, 1s));
        },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    loop_.run();
    peer.join();
    return ran;
  }

  static void echo_upper(BlockingPeer& peer) {
    for (auto bytes = peer.read(); !bytes.empty(); bytes = peer.read()) {
      for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(std::toupper(byte));
      peer.write(bytes);
    }
  }

  base::SystemClock clock_;
  boost::asio::io_context loop_;
  RelayOptions options_;
  std::string directory_;
  RelayFilter untouched_;
};

TEST_F(RelayTest, CarriesBytesBothWaysAndLeavesNothingBehind) {
  const auto ran = run(untouched_, echo_upper, [](const Relay& relay) {
    auto socket = connect_to(relay.path());
    socket.write(base::as_bytes("hello"));
    return std::string(base::as_text(socket.read_exactly(5)));
  });
  EXPECT_EQ(ran.said, "HELLO");
  EXPECT_FALSE(ran.outcome);
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

TEST_F(RelayTest, ServesALibraryThatNeedsTcp) {
  options_.listen = RelayOptions::Listen::kLoopback;
  const auto ran = run(untouched_, echo_upper, [](const Relay& relay) {
    auto socket = connect_to(relay.port());
    socket.write(base::as_bytes("hello"));
    return std::string(base::as_text(socket.read_exactly(5)));
  });
  EXPECT_EQ(ran.said, "HELLO");
  EXPECT_FALSE(ran.outcome);
}

TEST_F(RelayTest, ListensWhereOnlyThisUserMayEnter) {
  options_.file_name = ".s.PGSQL.5432";
  const auto relay = Relay::open(loop_.get_executor(), clock_, options_);
  ASSERT_TRUE(relay);
  struct stat facts{};
  ASSERT_EQ(::stat((*relay)->directory().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  EXPECT_TRUE((*relay)->path().ends_with("/.s.PGSQL.5432"));
}

TEST_F(RelayTest, GoesToSharedMemoryWhereTheDirectoryForTemporaryFilesIsReadOnly) {
  const char* before = std::getenv("TMPDIR");
  const std::optional<std::string> kept = before ? std::optional<std::string>(before) : std::nullopt;
  ::setenv("TMPDIR", "/proc", 1);  // not even root may make a directory in it
  const auto relay = Relay::open(loop_.get_executor(), clock_, options_);
  if (kept)
    ::setenv("TMPDIR", kept->c_str(), 1);
  else
    ::unsetenv("TMPDIR");
  ASSERT_TRUE(relay) << relay.error().message;
  EXPECT_TRUE((*relay)->directory().starts_with("/dev/shm/tlswarden-")) << (*relay)->directory();
  EXPECT_TRUE(std::filesystem::is_socket((*relay)->path()));
}

TEST_F(RelayTest, AdmitsOneConnectionOnly) {
  const auto ran = run(untouched_, echo_upper, [](const Relay& relay) {
    const std::string& path = relay.path();
    auto first = connect_to(path);
    first.write(base::as_bytes("a"));
    first.read_exactly(1);
    auto second = connect_to(path);
    return std::string(second.write(base::as_bytes("b")) ? "admitted" : "refused");
  });
  EXPECT_EQ(ran.said, "refused");
}

TEST_F(RelayTest, EndsWhenTheLibraryNeverConnects) {
  const auto ran = run(untouched_, [](BlockingPeer&) {}, [](const Relay&) { return std::string("gave up"); });
  EXPECT_EQ(ran.said, "gave up");
  EXPECT_FALSE(ran.outcome);
}

TEST_F(RelayTest, DeliversTheServersLastWordsBeforeTheEnd) {
  const auto ran = run(
      untouched_, [](BlockingPeer& peer) { peer.write(base::Bytes(200000, 'x')); },
      [](const Relay& relay) {
        auto socket = connect_to(relay.path());
        std::size_t total = 0;
        for (auto bytes = socket.read(); !bytes.empty(); bytes = socket.read()) {
          total += bytes.size();
          socket.write(base::as_bytes("still talking"));
        }
        return std::to_string(total);
      });
  EXPECT_EQ(ran.said, "200000");
}

TEST_F(RelayTest, FreesTheLibraryAtTheDeadline) {
  const auto begun = clock_.monotonic();
  const auto ran = run(
      untouched_, [](BlockingPeer& peer) { peer.read(); },
      [](const Relay& relay) {
        auto socket = connect_to(relay.path());
        return std::to_string(socket.read().size());
      },
      200ms);
  EXPECT_EQ(ran.said, "0");
  ASSERT_TRUE(ran.outcome);
  EXPECT_EQ(ran.outcome->cause, probe::Cause::kTimedOut);
  EXPECT_LT(clock_.monotonic() - begun, 10s);
}

TEST_F(RelayTest, LeavesNoLibraryWaitingToBeAccepted) {
  options_.listen = RelayOptions::Listen::kLoopback;
  auto relay = Relay::open(loop_.get_executor(), clock_, options_);
  ASSERT_TRUE(relay);
  auto pair = test_support::local_pair(loop_.get_executor());
  RelayOutcome outcome;
  boost::asio::co_spawn(
      loop_,
      [&]() -> net::Awaitable<void> {
        outcome = co_await (*relay)->run(*pair.ours, untouched_, base::Deadline::after(clock_, 10ms));
      },
      [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
  loop_.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->cause, probe::Cause::kTimedOut);
  EXPECT_FALSE(connect_to((*relay)->port()).write(base::as_bytes("hello"))) << "somebody seems to listen";
}

TEST_F(RelayTest, StopsAServerThatSendsWithoutEnd) {
  options_.max_bytes = 100000;
  const auto ran = run(
      untouched_,
      [](BlockingPeer& peer) {
        while (peer.write(base::Bytes(4096, 'x'))) {
        }
      },
      [](const Relay& relay) {
        auto socket = connect_to(relay.path());
        std::size_t total = 0;
        for (auto bytes = socket.read(); !bytes.empty(); bytes = socket.read())
          total += bytes.size();
        return std::string(total <= 100000 ? "bounded" : "flooded");
      });
  EXPECT_EQ(ran.said, "bounded");
  ASSERT_TRUE(ran.outcome);
  EXPECT_EQ(ran.outcome->cause, probe::Cause::kMessageTooLarge);
}

TEST_F(RelayTest, GivesTheLibraryTheOpeningFirstAndFiltersBothWays) {
  class Rewriting final : public RelayFilter {
   public:
    base::Result<base::Bytes, probe::Failure> opening() override { return base::to_bytes("welcome "); }
    base::Result<base::Bytes, probe::Failure> to_server(base::ByteView bytes) override {
      return base::to_bytes("<" + std::string(base::as_text(bytes)) + ">");
    }
    base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) override {
      return base::to_bytes("[" + std::string(base::as_text(bytes)) + "]");
    }
  } filter;
  const auto ran = run(
      filter, [](BlockingPeer& peer) { peer.write(peer.read_exactly(5)); },
      [](const Relay& relay) {
        auto socket = connect_to(relay.path());
        std::string said(base::as_text(socket.read_exactly(8)));
        socket.write(base::as_bytes("abc"));
        return said + std::string(base::as_text(socket.read_exactly(7)));
      });
  EXPECT_EQ(ran.said, "welcome [<abc>]");
}

TEST_F(RelayTest, SendsNothingThatTheFilterObjectsTo) {
  class Objecting final : public RelayFilter {
   public:
    base::Result<base::Bytes, probe::Failure> to_server(base::ByteView) override {
      return tl::unexpected(
          probe::Failure{probe::Stage::kSession, probe::Cause::kChannelTooWeak, "no", {}, {}});
    }
  } filter;
  std::size_t received = 0;
  const auto ran = run(
      filter, [&](BlockingPeer& peer) { received = peer.read().size(); },
      [](const Relay& relay) {
        auto socket = connect_to(relay.path());
        socket.write(base::as_bytes("secret"));
        return std::to_string(socket.read().size());
      });
  EXPECT_EQ(received, 0U);
  EXPECT_EQ(ran.said, "0");
  ASSERT_TRUE(ran.outcome);
  EXPECT_EQ(ran.outcome->cause, probe::Cause::kChannelTooWeak);
}

}  // namespace
}  // namespace tlswarden::drivers::common
