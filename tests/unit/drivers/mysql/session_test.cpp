#include "drivers/mysql/session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <list>
#include <thread>

#include "drivers/mysql/handshake.hpp"
#include "mysql_wire.hpp"
#include "tests/support/local_stream.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using namespace std::chrono_literals;
using probe::Cause;
using probe::Tristate;
using resource::TlsMode;

constexpr std::string_view kPassword = "correct horse";

/// A MySQL server for one connection, on a thread of the test. Remembers all that it was sent.
class FakeServer {
 public:
  explicit FakeServer(test_support::BlockingPeer peer) : peer_(std::move(peer)) {}

  void send(const base::Bytes& bytes) { peer_.write(bytes); }
  void hang_up() { peer_.close(); }

  /// The next packet; with an empty payload and sequence 255 at the end of the stream.
  Packet read() {
    const auto header = peer_.read_exactly(kHeaderSize);
    received_.insert(received_.end(), header.begin(), header.end());
    if (header.size() < kHeaderSize) return {.sequence = 255, .payload = {}};
    auto payload = peer_.read_exactly(header[0] | std::size_t{header[1]} << 8U);
    received_.insert(received_.end(), payload.begin(), payload.end());
    return {.sequence = header[3], .payload = std::move(payload)};
  }

  /// One text result: a row of cells for each row.
  void send_rows(const std::vector<std::vector<std::string>>& rows, std::size_t columns) {
    std::uint8_t sequence = 1;
    send(encode_packet(sequence++, base::Bytes{static_cast<std::uint8_t>(columns)}));
    for (std::size_t i = 0; i < columns; ++i)
      send(encode_packet(sequence++, column()));
    send(encode_packet(sequence++, base::Bytes{0xfe, 0, 0, 2, 0}));
    for (const auto& row : rows) {
      base::Bytes payload;
      for (const auto& cell : row) {
        payload.push_back(static_cast<std::uint8_t>(cell.size()));
        payload.insert(payload.end(), cell.begin(), cell.end());
      }
      send(encode_packet(sequence++, payload));
    }
    send(encode_packet(sequence, base::Bytes{0xfe, 0, 0, 2, 0}));
  }

  using Answers = std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>>;
  /// Answers queries that contain the given words until the client quits; the rest is a syntax error.
  void serve(const Answers& answers) {
    for (;;) {
      const auto packet = read();
      if (packet.payload.empty() || packet.payload[0] == 1) return;
      const std::string sql(base::as_text(base::ByteView(packet.payload).subspan(1)));
      if (packet.payload[0] == 2) {
        send(sql == "orders" ? wire::ok(1) : wire::error(1, 1049, "Unknown database"));
        continue;
      }
      bool answered = false;
      for (const auto& [words, rows] : answers) {
        if (answered || sql.find(words) == std::string::npos) continue;
        send_rows(rows, rows.empty() ? 2 : rows[0].size());
        answered = true;
      }
      if (!answered) send(wire::error(1, 1064, "You have an error in your SQL syntax"));
    }
  }
  void serve_mariadb(const std::string& cipher) {
    serve({{"VERSION()", {{"10.11.19-MariaDB"}}},
           {"SESSION STATUS", {{"Ssl_cipher", cipher}, {"Ssl_version", cipher.empty() ? "" : "TLSv1.3"}}},
           {"require_secure_transport", {{"require_secure_transport", "OFF"}}},
           {"SHOW CREATE USER", {{"CREATE USER `u`@`%` REQUIRE SSL"}}}});
  }

  bool saw(std::string_view text) const {
    return base::as_text(received_).find(text) != std::string_view::npos;
  }

 private:
  static base::Bytes column() {
    base::Bytes out;
    for (const std::string_view text : {"def", "", "", "", "c", ""}) {
      out.push_back(static_cast<std::uint8_t>(text.size()));
      out.insert(out.end(), text.begin(), text.end());
    }
    out.push_back(12);
    put_u16(out, 45);
    put_u32(out, 1024);
    out.push_back(0xfd);
    out.resize(out.size() + 5);
    return out;
  }

  test_support::BlockingPeer peer_;
  base::Bytes received_;
};

using Script = std::function<void(FakeServer&)>;

/// What the prober would give: one channel after the other, each with a scripted server behind it.
class FakeContext final : public probe::SessionContext {
 public:
  FakeContext(boost::asio::io_context& loop, probe::Target target)
      : loop_(loop), target_(std::move(target)) {}
  ~FakeContext() override {
    for (auto& thread : threads_)
      thread.join();
  }

  /// `greeted`: the negotiation has read the greeting, as it has wherever TLS was considered.
  void add_channel(bool encrypted, const wire::GreetingSpec& spec, bool greeted, Script script) {
    channels_.push_back([=, this] {
      auto pair = test_support::local_pair(loop_.get_executor());
      probe::SessionChannel channel;
      channel.stream = std::move(pair.ours);
      channel.encrypted = encrypted;
      channel.findings.tls_offer =
          (spec.capabilities & kClientSsl) != 0 ? probe::Offer::kOffered : probe::Offer::kNotOffered;
      if (greeted) channel.findings.greeting = wire::greeting(spec);
      servers_.push_back(std::make_unique<FakeServer>(std::move(pair.theirs)));
      FakeServer* server = servers_.back().get();
      threads_.emplace_back([=] {
        if (!greeted) server->send(wire::greeting(spec));
        script(*server);
        server->hang_up();
      });
      return channel;
    });
  }

  const probe::Target& target() const override { return target_; }
  base::Deadline deadline() const override { return deadline_; }
  net::OffloadPool& offload() override { return pool_; }
  const base::Clock& clock() const override { return clock_; }
  net::Executor executor() override { return loop_.get_executor(); }
  const net::Address& address() const override { return address_; }
  net::Awaitable<base::Result<probe::SessionChannel, probe::Failure>> open_channel(
      bool allow_plaintext) override {
    asked.push_back(allow_plaintext);
    if (channels_.empty())
      co_return tl::unexpected(
          probe::Failure{probe::Stage::kSession, Cause::kChannelTooWeak, "withheld", {}, {}});
    auto make = std::move(channels_.front());
    channels_.pop_front();
    co_return make();
  }

  void allow(std::chrono::milliseconds span) { deadline_ = base::Deadline::after(clock_, span); }
  bool any_saw(std::string_view text) {
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
    threads_.clear();
    for (const auto& server : servers_)
      if (server->saw(text)) return true;
    return false;
  }

  std::vector<bool> asked;

 private:
  boost::asio::io_context& loop_;
  probe::Target target_;
  base::SystemClock clock_;
  base::Deadline deadline_ = base::Deadline::after(clock_, 20s);
  net::Address address_{"127.0.0.1", 3306};
  net::OffloadPool pool_{1};
  std::deque<std::function<probe::SessionChannel()>> channels_;
  std::list<std::unique_ptr<FakeServer>> servers_;
  std::vector<std::thread> threads_;
};

probe::Target target(TlsMode mode, std::string database = {}) {
  probe::Target one;
  one.engine = resource::Engine::kMysql;
  one.mode = mode;
  one.credentials = std::make_shared<const probe::Credentials>(
      probe::Credentials{base::Secret("checker"), base::Secret(kPassword)});
  one.database = std::move(database);
  return one;
}

const wire::GreetingSpec kMysql8;
const wire::GreetingSpec kMysql57{.version = "5.7.44", .plugin = "mysql_native_password"};
const wire::GreetingSpec kMariadb{.version = "5.5.5-10.11.19-MariaDB",
                                  .capabilities = wire::kMariadbCapabilities,
                                  .plugin = "mysql_native_password"};
const wire::GreetingSpec kNoTls{.version = "5.7.44",
                                .capabilities = wire::kMysqlCapabilities & ~wire::kSsl,
                                .plugin = "mysql_native_password"};

class MysqlSession : public ::testing::Test {
 protected:
  probe::SessionObservation run(FakeContext& context) {
    probe::SessionObservation seen;
    boost::asio::co_spawn(
        loop_, [&]() -> net::Awaitable<void> { seen = co_await log_in(context); },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    loop_.run();
    if (seen.failure) {
      EXPECT_EQ(seen.failure->message.find(kPassword), std::string::npos);
      EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
    }
    return seen;
  }
  boost::asio::io_context loop_;
};

TEST_F(MysqlSession, LogsInOverTlsAndReadsTheServersOwnWord) {
  FakeContext context(loop_, target(TlsMode::kVerifyFull, "orders"));
  Packet login;
  context.add_channel(true, kMariadb, true, [&](FakeServer& server) {
    login = server.read();
    server.send(wire::ok(3));
    server.serve_mariadb("TLS_AES_256_GCM_SHA384");
  });
  const auto seen = run(context);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_EQ(seen.server_version, "10.11.19-MariaDB");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(seen.protocol, "TLSv1.3");
  EXPECT_EQ(seen.cipher, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kNo) << "the account says REQUIRE SSL";
  EXPECT_EQ(context.asked, std::vector<bool>{false});

  EXPECT_EQ(login.sequence, 2) << "behind SSLRequest";
  EXPECT_EQ(base::to_hex(base::ByteView(login.payload).first(4)), "018a0800") << "what SSLRequest said";
  EXPECT_EQ(base::to_hex(base::ByteView(login.payload).subspan(28, 4)), "00000000");
  EXPECT_TRUE(context.any_saw("checker"));
  EXPECT_FALSE(context.any_saw(kPassword)) << "this plugin needs only a hash";
}

TEST_F(MysqlSession, SendsThePasswordOverTlsWhereCachingSha2AsksForIt) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  Packet password;
  context.add_channel(true, kMysql8, true, [&](FakeServer& server) {
    server.read();
    server.send(encode_packet(3, base::Bytes{1, 4}));
    password = server.read();
    server.send(wire::ok(5));
    server.serve_mariadb("TLS_AES_256_GCM_SHA384");
  });
  EXPECT_TRUE(run(context).logged_in);
  EXPECT_TRUE(context.any_saw(kPassword));
  EXPECT_EQ(password.sequence, 4);
  EXPECT_EQ(base::as_text(password.payload), std::string(kPassword) + '\0');
}

TEST_F(MysqlSession, AnswersOlderPluginsOverTls) {
  for (const std::string plugin : {"sha256_password", "mysql_clear_password"}) {
    SCOPED_TRACE(plugin);
    loop_.restart();
    FakeContext context(loop_, target(TlsMode::kRequire));
    Packet password;
    context.add_channel(true, {.version = "8.0.40", .plugin = plugin}, true, [&](FakeServer& server) {
      server.read();
      server.send(wire::auth_switch(3, plugin));
      password = server.read();
      server.send(wire::ok(5));
      server.serve_mariadb("TLS_AES_256_GCM_SHA384");
    });
    EXPECT_TRUE(run(context).logged_in);
    context.any_saw({});
    EXPECT_EQ(password.sequence, 4);
    EXPECT_EQ(base::as_text(password.payload), std::string(kPassword) + '\0');
  }
}

TEST_F(MysqlSession, AnswersPamsPasswordPromptWithoutATerminal) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  Packet password;
  context.add_channel(true, kMariadb, true, [&](FakeServer& server) {
    server.read();
    server.send(wire::auth_switch(3, "dialog", "\x04Password: "));
    password = server.read();
    server.send(wire::ok(5));
    server.serve_mariadb("TLS_AES_256_GCM_SHA384");
  });
  EXPECT_TRUE(run(context).logged_in);
  context.any_saw({});
  EXPECT_EQ(base::as_text(password.payload), std::string(kPassword) + '\0');
}

TEST_F(MysqlSession, NeverLetsThePasswordOntoAnUnencryptedWire) {
  const std::pair<const char*, base::Bytes> requests[] = {
      {"caching_sha2_password's full authentication", encode_packet(2, base::Bytes{1, 4})},
      {"mysql_clear_password", wire::auth_switch(2, "mysql_clear_password")},
      {"dialog", wire::auth_switch(2, "dialog", "\x04Password: ")},
      {"sha256_password", wire::auth_switch(2, "sha256_password")},
  };
  for (const auto& [name, request] : requests) {
    for (const bool greeted : {true, false}) {
      SCOPED_TRACE(name);
      loop_.restart();
      FakeContext context(loop_, target(TlsMode::kDisable));
      context.add_channel(false, kMysql8, greeted, [&](FakeServer& server) {
        server.read();
        server.send(request);
        server.read();
        server.send(wire::error(4, 1045, "Access denied"));
      });
      const auto seen = run(context);
      EXPECT_FALSE(seen.logged_in);
      EXPECT_TRUE(seen.failure);
      EXPECT_FALSE(context.any_saw(kPassword));
    }
  }
}

TEST_F(MysqlSession, SaysWhyItWithheldThePassword) {
  FakeContext context(loop_, target(TlsMode::kDisable));
  context.add_channel(false, kMysql57, false, [&](FakeServer& server) {
    server.read();
    server.send(wire::auth_switch(2, "mysql_clear_password"));
    server.read();
  });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_NE(seen.failure->message.find("tls.mode require"), std::string::npos);
}

TEST_F(MysqlSession, LogsInWithoutTlsWhereTheModeSaysSo) {
  for (const bool greeted : {true, false}) {
    loop_.restart();
    FakeContext context(loop_, target(TlsMode::kDisable));
    Packet login;
    context.add_channel(false, kMysql57, greeted, [&](FakeServer& server) {
      login = server.read();
      server.send(wire::ok(2));
      server.serve_mariadb("");
    });
    const auto seen = run(context);
    EXPECT_TRUE(seen.logged_in);
    EXPECT_EQ(seen.encrypted, Tristate::kNo);
    EXPECT_EQ(seen.plaintext_allowed, Tristate::kYes) << "it just happened";
    EXPECT_EQ(context.asked, std::vector<bool>{true});
    context.any_saw({});
    EXPECT_EQ(login.sequence, 1);
    EXPECT_EQ(base::to_hex(base::ByteView(login.payload).first(4)), "01820800");
  }
}

TEST_F(MysqlSession, RecognisesAnAccountThatDemandsTlsByASecondLogin) {
  FakeContext context(loop_, target(TlsMode::kDisable));
  context.add_channel(false, kMariadb, false, [&](FakeServer& server) {
    server.read();
    server.send(wire::error(2, 1045, "Access denied for user 'checker'"));
  });
  context.add_channel(true, kMariadb, true, [&](FakeServer& server) {
    server.read();
    server.send(wire::ok(3));
    server.serve_mariadb("TLS_AES_256_GCM_SHA384");
  });
  const auto seen = run(context);
  EXPECT_FALSE(seen.logged_in) << "the declared mode is disable";
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
  EXPECT_EQ(seen.failure->code, "1045");
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kNo);
  EXPECT_EQ(seen.server_version, "10.11.19-MariaDB");
  EXPECT_EQ(context.asked, (std::vector<bool>{true, false}));
}

TEST_F(MysqlSession, TakesASecondLoginThatGetsInForProofWhateverTheDatabaseIs) {
  FakeContext context(loop_, target(TlsMode::kDisable, "absent"));
  for (const bool encrypted : {false, true})
    context.add_channel(encrypted, kMariadb, encrypted, [=](FakeServer& server) {
      server.read();
      server.send(encrypted ? wire::ok(3) : wire::error(2, 1045, "Access denied for user 'checker'"));
      if (encrypted) server.serve_mariadb("TLS_AES_256_GCM_SHA384");
    });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
}

TEST_F(MysqlSession, HidesAPasswordThatTheServerRepeats) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  context.add_channel(true, kMysql57, true, [](FakeServer& server) {
    server.read();
    server.send(wire::error(3, 1045, "you said " + std::string(kPassword)));
  });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text.find(kPassword), std::string::npos);
}

TEST_F(MysqlSession, CallsAPasswordWrongThatIsRefusedBothWays) {
  FakeContext context(loop_, target(TlsMode::kPrefer));
  for (const bool encrypted : {false, true})
    context.add_channel(encrypted, kMariadb, encrypted, [=](FakeServer& server) {
      server.read();
      server.send(wire::error(encrypted ? 3 : 2, 1045, "Access denied for user 'checker'"));
    });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kUnknown);
}

TEST_F(MysqlSession, DoesNotTryASecondLoginWhereTheServerHasNoTls) {
  FakeContext context(loop_, target(TlsMode::kPrefer));
  context.add_channel(false, kNoTls, true, [](FakeServer& server) {
    server.read();
    server.send(wire::error(2, 1045, "Access denied for user 'checker'"));
  });
  EXPECT_EQ(run(context).failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(context.asked.size(), 1U);
}

TEST_F(MysqlSession, TellsErrorsApart) {
  struct Case {
    std::uint16_t code;
    Cause cause;
    std::string_view words;
  };
  const Case cases[] = {{1045, Cause::kAuthenticationFailed, "REQUIRE X509"},
                        {3159, Cause::kTlsRequired, "require_secure_transport"},
                        {1040, Cause::kServerBusy, "max_connections"},
                        {1862, Cause::kAccessRefused, "expired"},
                        {4151, Cause::kAccessRefused, "locked"},
                        {1251, Cause::kUnsupported, "plugin"},
                        {1999, Cause::kServerError, "1999"}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.code);
    loop_.restart();
    FakeContext context(loop_, target(TlsMode::kRequire));
    context.add_channel(true, kMysql57, true, [&](FakeServer& server) {
      server.read();
      server.send(wire::error(3, one.code, "the server's words"));
    });
    const auto seen = run(context);
    EXPECT_FALSE(seen.logged_in);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, one.cause);
    EXPECT_EQ(seen.failure->code, std::to_string(one.code));
    EXPECT_EQ(seen.failure->peer_text, "the server's words");
    EXPECT_NE(seen.failure->message.find(one.words), std::string::npos) << seen.failure->message;
  }
}

TEST_F(MysqlSession, NamesALoginMethodItCannotServe) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  context.add_channel(true, kMariadb, true, [](FakeServer& server) {
    server.read();
    server.send(wire::auth_switch(3, "auth_gssapi_client"));
    server.read();
  });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kUnsupported) << seen.failure->message;
  EXPECT_NE(seen.failure->message.find("auth_gssapi_client"), std::string::npos);
}

TEST_F(MysqlSession, ReportsTheMissingDatabaseButKeepsWhatItLearned) {
  FakeContext context(loop_, target(TlsMode::kRequire, "absent"));
  context.add_channel(true, kMysql57, true, [](FakeServer& server) {
    server.read();
    server.send(wire::ok(3));
    server.serve_mariadb("TLS_AES_256_GCM_SHA384");
  });
  const auto seen = run(context);
  EXPECT_FALSE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kDatabaseNotFound);
}

TEST_F(MysqlSession, SurvivesAServerThatAnswersNoQuestion) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  context.add_channel(true, kMysql57, true, [](FakeServer& server) {
    server.read();
    server.send(wire::ok(3));
    server.serve({});
  });
  const auto seen = run(context);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "5.7.44") << "the greeting's";
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kUnknown);
}

TEST_F(MysqlSession, GivesNoLocalFileAway) {
  const auto path = ::testing::TempDir() + "tlswarden-secret-file";
  std::ofstream(path) << "contents of a local file";
  FakeContext context(loop_, target(TlsMode::kRequire));
  context.add_channel(true, kMysql57, true, [&](FakeServer& server) {
    server.read();
    server.send(wire::ok(3));
    server.read();
    server.send(encode_packet(1, base::to_bytes("\xfb" + path)));
    while (!server.read().payload.empty()) {
    }
  });
  run(context);
  EXPECT_FALSE(context.any_saw("contents of a local file"));
  std::filesystem::remove(path);
}

TEST_F(MysqlSession, EndsAtTheDeadlineWhenTheServerFallsSilent) {
  FakeContext context(loop_, target(TlsMode::kRequire));
  context.allow(300ms);
  context.add_channel(true, kMysql57, true, [](FakeServer& server) {
    server.read();
    server.read();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(MysqlSession, FailsCleanlyHoweverTheServerBreaksOff) {
  const base::Bytes answers[] = {{},
                                 {0x07, 0x00},
                                 base::Bytes(4096, 0xff),
                                 base::to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                 encode_packet(3, base::Bytes{0xfe}),
                                 encode_packet(3, base::Bytes{0xff}),
                                 encode_packet(3, {}),
                                 wire::auth_switch(3, std::string(5000, 'p'))};
  for (const auto& answer : answers) {
    SCOPED_TRACE(base::to_hex(answer).substr(0, 40));
    loop_.restart();
    FakeContext context(loop_, target(TlsMode::kRequire));
    context.add_channel(true, kMysql57, true, [&](FakeServer& server) {
      server.read();
      server.send(answer);
    });
    const auto seen = run(context);
    EXPECT_FALSE(seen.logged_in);
    EXPECT_TRUE(seen.failure);
    EXPECT_FALSE(context.any_saw(kPassword));
  }
}

TEST_F(MysqlSession, SendsNothingWhereNoChannelIsGoodEnough) {
  FakeContext context(loop_, target(TlsMode::kVerifyFull));
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(context.asked, std::vector<bool>{false});
}

}  // namespace
}  // namespace tlswarden::drivers::mysql
