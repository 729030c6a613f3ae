#include "probe/tls_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>

#include "base/text.hpp"
#include "pki/material.hpp"
#include "tests/support/mint.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/unit/probe/memory_stream.hpp"

namespace tlswarden::probe {
namespace {

using resource::TlsVersion;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::ScriptedServer;
using test_support::ServerConnection;
using test_support::ServerTls;
using testing::HasSubstr;

const base::WallTime kNow{base::Seconds(1'750'000'000)};

void serve(ServerConnection& peer) {
  if (peer.start_tls()) peer.drain();
}

class Tls : public testing::Test {
 protected:
  ServerTls server_tls(int min_version = 0, int max_version = 0) const {
    ServerTls tls;
    tls.chain = {pki_.leaf, pki_.intermediate};
    tls.min_version = min_version;
    tls.max_version = max_version;
    tls.now = kNow;
    return tls;
  }
  base::Deadline in(std::chrono::nanoseconds span) const { return base::Deadline::after(clock_, span); }

  std::unique_ptr<TlsStream> stream_to(std::uint16_t port, const TlsSetting& setting = {},
                                       const std::string& name = "localhost",
                                       const pki::ClientIdentity* identity = nullptr) {
    auto transport =
        test_support::run_loop(loop_, connector_->connect(net::Address{"127.0.0.1", port}, in(seconds(10))));
    if (!transport) throw std::runtime_error(transport.error().message);
    const auto context = contexts_.get(setting, identity);
    if (!context) throw std::runtime_error(context.error().message);
    return std::make_unique<TlsStream>(*std::move(transport), *context, name, "server");
  }
  HandshakeResult shake(TlsStream& stream, std::chrono::nanoseconds patience = seconds(20)) {
    return test_support::run_loop(loop_, stream.handshake(in(patience), certificates_));
  }
  std::optional<Failure> refusal(TlsStream& stream, std::chrono::nanoseconds patience = seconds(20)) {
    return test_support::run_loop(loop_, stream.await_refusal(in(patience)));
  }
  net::IoResult<std::string> read(TlsStream& stream, std::chrono::nanoseconds patience = seconds(20)) {
    return test_support::run_loop(
        loop_, [](TlsStream& from, base::Deadline by) -> net::Awaitable<net::IoResult<std::string>> {
          std::array<std::uint8_t, 512> buffer{};
          const auto count = co_await from.read_some(buffer, by);
          if (!count) co_return tl::unexpected(count.error());
          co_return std::string(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
        }(stream, in(patience)));
  }
  net::IoResult<void> write(TlsStream& stream, base::ByteView bytes) {
    return test_support::run_loop(loop_, stream.write_all(bytes, in(seconds(20))));
  }
  void close(TlsStream& stream) {
    test_support::run_loop(loop_, [](TlsStream& last, base::Deadline by) -> net::Awaitable<int> {
      co_await last.close(by);
      co_return 0;
    }(stream, in(seconds(1))));
  }
  pki::ClientIdentity identity_from(const test_support::Minted& issuer) const {
    const test_support::Minted client = test_support::mint(
        {.common_name = "client", .not_before = kNow, .not_after = kNow + base::Seconds(86400)}, &issuer);
    return pki::ClientIdentity{test_support::chain_of({&client}), client.private_key()};
  }

  base::SystemClock clock_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<net::Connector> connector_ = net::make_tcp_connector(clock_);
  test_support::DemoPki pki_ = test_support::demo_pki(kNow);
  TlsContexts contexts_;
  pki::CertificateInterner certificates_;
};

TEST_F(Tls, SeesTheChainVersionCipherAndGroup) {
  ScriptedServer server(serve, server_tls());
  const auto stream = stream_to(server.port());
  const HandshakeResult result = shake(*stream);
  ASSERT_FALSE(result.failure) << result.failure->message;
  EXPECT_TRUE(result.tls.finished);
  EXPECT_EQ(result.tls.version, TlsVersion::kTls13);
  EXPECT_THAT(result.tls.cipher, HasSubstr("TLS_"));
  // From OpenSSL 3.5 on a server prefers the hybrid group.
  EXPECT_THAT(base::lower_ascii(result.tls.group), testing::StartsWith("x25519"));
  ASSERT_EQ(result.tls.chain.size(), 2U);
  EXPECT_EQ(result.tls.chain[0]->der, pki_.leaf.certificate->der);
  EXPECT_EQ(result.tls.chain[1]->der, pki_.intermediate.certificate->der);
  EXPECT_FALSE(result.tls.client_certificate_requested);
  EXPECT_FALSE(result.tls.client_certificate_presented);
}

class ServerLimitedTo : public Tls, public testing::WithParamInterface<std::pair<int, TlsVersion>> {};

TEST_P(ServerLimitedTo, OneVersionIsSeenAtThatVersion) {
  const auto [number, version] = GetParam();
  ScriptedServer server(serve, server_tls(number, number));
  const auto stream = stream_to(server.port());
  const HandshakeResult result = shake(*stream);
  ASSERT_FALSE(result.failure) << result.failure->message;
  EXPECT_EQ(result.tls.version, version);
  EXPECT_EQ(result.tls.chain.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(All, ServerLimitedTo,
                         testing::Values(std::pair{TLS1_VERSION, TlsVersion::kTls10},
                                         std::pair{TLS1_1_VERSION, TlsVersion::kTls11},
                                         std::pair{TLS1_2_VERSION, TlsVersion::kTls12},
                                         std::pair{TLS1_3_VERSION, TlsVersion::kTls13}));

TEST_F(Tls, KeepsBelowTheCeilingItWasGiven) {
  const TlsSetting setting{TlsVersion::kTls10, {}, TlsVersion::kTls12};
  ScriptedServer any(serve, server_tls());
  EXPECT_EQ(shake(*stream_to(any.port(), setting)).tls.version, TlsVersion::kTls12);
  EXPECT_EQ(shake(*stream_to(any.port())).tls.version, TlsVersion::kTls13) << "another context";
  ScriptedServer newer(serve, server_tls(TLS1_3_VERSION));
  const HandshakeResult result = shake(*stream_to(newer.port(), setting));
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, Cause::kProtocolVersion);
}

/// Garbles what it frames, and says when it is gone.
class Masked final : public HandshakeFraming {
 public:
  explicit Masked(bool& over) : over_(over) {}
  ~Masked() override { over_ = true; }
  base::Bytes wrap(base::ByteView records) override { return mask(records); }
  base::Bytes unwrap(base::ByteView bytes) override { return mask(bytes); }
  static base::Bytes mask(base::ByteView bytes) {
    base::Bytes out(bytes.begin(), bytes.end());
    for (auto& byte : out)
      byte ^= 0x5aU;
    return out;
  }

 private:
  bool& over_;
};

/// A server's side of the same, for as long as it lasts.
class MaskedTransport final : public net::ByteStream {
 public:
  MaskedTransport(net::ByteStreamPtr below, const bool& over) : below_(std::move(below)), over_(over) {}
  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline deadline) override {
    // One byte at a time, so that the framing ends where the handshake does.
    const auto count = co_await below_->read_some(buffer.first(1), deadline);
    if (count && !over_) buffer[0] ^= 0x5aU;
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline deadline) override {
    const base::Bytes out = over_ ? base::Bytes(bytes.begin(), bytes.end()) : Masked::mask(bytes);
    co_return co_await below_->write_all(out, deadline);
  }
  net::Awaitable<void> close(base::Deadline deadline) override { co_await below_->close(deadline); }

 private:
  net::ByteStreamPtr below_;
  const bool& over_;
};

TEST_F(Tls, FramesTheHandshakeAndNothingElse) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ScriptedServer server(
        [](ServerConnection& peer) {
          if (!peer.start_tls()) return;
          if (peer.receive(4) == "ping") peer.send("pong");
          peer.drain();
        },
        server_tls(version, version));
    bool over = false;
    auto transport = test_support::run_loop(
        loop_, connector_->connect(net::Address{"127.0.0.1", server.port()}, in(seconds(10))));
    ASSERT_TRUE(transport);
    TlsStream stream(std::make_unique<MaskedTransport>(*std::move(transport), over),
                     *contexts_.get({}, nullptr), "localhost", "server", std::make_unique<Masked>(over));
    const HandshakeResult result = shake(stream);
    ASSERT_FALSE(result.failure) << result.failure->message;
    EXPECT_TRUE(over);
    ASSERT_TRUE(write(stream, base::to_bytes("ping")));
    EXPECT_EQ(read(stream).value_or(""), "pong");
  }
}

TEST_F(Tls, InsistsOnTheFloorItWasGiven) {
  ScriptedServer server(serve, server_tls(TLS1_1_VERSION, TLS1_2_VERSION));
  const auto stream = stream_to(server.port(), TlsSetting{TlsVersion::kTls13, {}});
  const HandshakeResult result = shake(*stream);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, Cause::kProtocolVersion);
  EXPECT_EQ(result.failure->code, "70");
  EXPECT_FALSE(result.tls.finished);
  EXPECT_TRUE(result.tls.chain.empty());
  EXPECT_FALSE(result.tls.version);
}

TEST_F(Tls, TellsThatThereIsNoCommonCipherGroup) {
  ServerTls tls = server_tls();
  tls.groups = "brainpoolP256r1";
  tls.max_version = TLS1_3_VERSION;
  tls.min_version = TLS1_3_VERSION;
  ScriptedServer server(serve, tls);
  const auto stream = stream_to(server.port());
  const HandshakeResult result = shake(*stream);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, Cause::kHandshakeRefused);
  EXPECT_EQ(result.failure->code, "40");
}

TEST_F(Tls, AcceptsOtherClassicalGroups) {
  for (const char* group : {"P-256", "P-384", "P-521"}) {
    ServerTls tls = server_tls(TLS1_3_VERSION);
    tls.groups = group;
    ScriptedServer server(serve, tls);
    const auto stream = stream_to(server.port());
    const HandshakeResult result = shake(*stream);
    EXPECT_FALSE(result.failure) << group;
    EXPECT_FALSE(result.tls.group.empty());
  }
}

TEST_F(Tls, AsksForTheStapleAndKeepsWhatComes) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    // What a TLS 1.3 extension can carry; before, OpenSSL allows a message of 16 KiB.
    const std::size_t most = version == TLS1_3_VERSION ? 65000 : 16000;
    for (const base::Bytes& staple : {base::Bytes{}, base::Bytes{1, 2, 3}, base::Bytes(most, 7)}) {
      ServerTls tls = server_tls(version, version);
      tls.staple = staple;
      ScriptedServer server(serve, tls);
      const auto stream = stream_to(server.port());
      const HandshakeResult result = shake(*stream);
      ASSERT_FALSE(result.failure) << result.failure->message;
      EXPECT_EQ(result.tls.staple, staple);
      EXPECT_EQ(result.tls.chain.size(), 2U);
    }
  }
}

TEST_F(Tls, SeesWeakServers) {
  const test_support::Minted weak = test_support::mint({.common_name = "weak",
                                                        .not_before = kNow,
                                                        .not_after = kNow + base::Seconds(86400),
                                                        .key = "RSA-1024",
                                                        .digest = "SHA1"});
  ServerTls tls = server_tls();
  tls.chain = {weak};
  ScriptedServer server(serve, tls);
  const auto stream = stream_to(server.port());
  const HandshakeResult result = shake(*stream);
  ASSERT_FALSE(result.failure) << result.failure->message;
  EXPECT_EQ(result.tls.chain.front()->facts.key, "RSA-1024");
}

struct Naming {
  const char* verified_name;
  const char* sni;
};

class ServerName : public Tls, public testing::WithParamInterface<Naming> {};

TEST_P(ServerName, IsSentOnlyWhenItIsADnsName) {
  std::promise<std::string> told;
  ScriptedServer server(
      [&told](ServerConnection& peer) {
        peer.start_tls();
        told.set_value(peer.server_name());
      },
      server_tls());
  const auto stream = stream_to(server.port(), {}, GetParam().verified_name);
  EXPECT_FALSE(shake(*stream).failure);
  EXPECT_EQ(told.get_future().get(), GetParam().sni);
}

INSTANTIATE_TEST_SUITE_P(All, ServerName,
                         testing::Values(Naming{"db.internal", "db.internal"},
                                         Naming{"db.internal.", "db.internal"},
                                         Naming{"bücher.example", "xn--bcher-kva.example"},
                                         Naming{"10.0.0.7", ""}, Naming{"::1", ""}, Naming{"", ""}));

TEST_F(Tls, OffersAlpnAndTellsWhatWasChosen) {
  ServerTls tls = server_tls();
  tls.alpn = {"postgresql"};
  ScriptedServer server(serve, tls);
  const auto chosen = stream_to(server.port(), TlsSetting{TlsVersion::kTls10, {"other", "postgresql"}});
  EXPECT_EQ(shake(*chosen).tls.alpn, "postgresql");
  const auto refused = stream_to(server.port(), TlsSetting{TlsVersion::kTls10, {"other"}});
  const HandshakeResult result = shake(*refused);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, Cause::kAlpnRefused);
  EXPECT_EQ(result.failure->code, "120");
  EXPECT_TRUE(result.tls.chain.empty());
  const auto none = stream_to(server.port());
  EXPECT_EQ(shake(*none).tls.alpn, "");
}

TEST_F(Tls, CarriesDataBothWaysAndMoreThanOneRecord) {
  const std::string long_text(300'000, 'x');
  ScriptedServer server(
      [&](ServerConnection& peer) {
        peer.start_tls();
        peer.send(std::to_string(peer.receive(long_text.size()).size()));
        peer.drain();
      },
      server_tls());
  const auto stream = stream_to(server.port());
  ASSERT_FALSE(shake(*stream).failure);
  ASSERT_TRUE(write(*stream, base::as_bytes(long_text)));
  EXPECT_EQ(read(*stream), "300000");
}

TEST_F(Tls, EndsWithCloseNotifyAndUnderstandsOne) {
  std::promise<bool> told;
  ScriptedServer server(
      [&told](ServerConnection& peer) {
        peer.start_tls();
        told.set_value(peer.receive_some().empty());
      },
      server_tls());
  const auto stream = stream_to(server.port());
  ASSERT_FALSE(shake(*stream).failure);
  close(*stream);
  EXPECT_TRUE(told.get_future().get());

  ScriptedServer closing(
      [](ServerConnection& peer) {
        peer.start_tls();
        peer.close_notify();
      },
      server_tls());
  const auto closed = stream_to(closing.port());
  ASSERT_FALSE(shake(*closed).failure);
  const auto end = read(*closed);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, net::IoError::Kind::kPeerClosed);
  EXPECT_FALSE(closed->failure(Stage::kProtocolStep));
}

struct ClientAuthCase {
  int version;
  bool presented;
  bool trusted;
  std::optional<Cause> cause;
  const char* code;
};

class ClientCertificate : public Tls, public testing::WithParamInterface<ClientAuthCase> {};

TEST_P(ClientCertificate, IsJudgedByAServerThatRequiresOne) {
  const ClientAuthCase& expected = GetParam();
  ServerTls tls = server_tls(expected.version, expected.version);
  tls.client_auth = ServerTls::ClientAuth::kRequire;
  tls.client_authorities = {pki_.root};
  ScriptedServer server(serve, tls);
  const test_support::DemoPki stranger = test_support::demo_pki(kNow);
  const test_support::Minted client = test_support::mint(
      {.common_name = "client", .not_before = kNow, .not_after = kNow + base::Seconds(86400)},
      expected.trusted ? &pki_.root : &stranger.root);
  const pki::ClientIdentity identity{test_support::chain_of({&client}), client.private_key()};

  const auto stream = stream_to(server.port(), {}, "localhost", expected.presented ? &identity : nullptr);
  const HandshakeResult result = shake(*stream);
  EXPECT_TRUE(result.tls.client_certificate_requested);
  EXPECT_EQ(result.tls.client_certificate_presented, expected.presented);
  EXPECT_EQ(result.tls.chain.size(), 2U) << "the chain is there even where the handshake fails";
  EXPECT_TRUE(result.tls.version);

  std::optional<Failure> failure = result.failure;
  if (expected.version == TLS1_3_VERSION) {
    EXPECT_FALSE(failure) << "TLS 1.3 refuses only after the handshake";
    failure = refusal(*stream);
  }
  ASSERT_EQ(failure.has_value(), expected.cause.has_value()) << (failure ? failure->message : "accepted");
  if (!failure) return;
  EXPECT_EQ(failure->cause, *expected.cause) << to_string(failure->cause);
  EXPECT_EQ(failure->code, expected.code);
  EXPECT_EQ(failure->stage, expected.version == TLS1_3_VERSION ? Stage::kProtocolStep : Stage::kHandshake);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClientCertificate,
    testing::Values(ClientAuthCase{TLS1_2_VERSION, false, false, Cause::kClientCertificateRequired, "40"},
                    ClientAuthCase{TLS1_3_VERSION, false, false, Cause::kClientCertificateRequired, "116"},
                    ClientAuthCase{TLS1_2_VERSION, true, false, Cause::kClientCertificateRejected, "48"},
                    ClientAuthCase{TLS1_3_VERSION, true, false, Cause::kClientCertificateRejected, "48"},
                    ClientAuthCase{TLS1_2_VERSION, true, true, std::nullopt, ""},
                    ClientAuthCase{TLS1_3_VERSION, true, true, std::nullopt, ""}));

TEST_F(Tls, NeedNotWaitForARefusalOnceTheServerHandsOutATicket) {
  ServerTls tls = server_tls(TLS1_3_VERSION);
  tls.client_auth = ServerTls::ClientAuth::kRequest;
  ScriptedServer server(serve, tls);
  const auto stream = stream_to(server.port());
  ASSERT_FALSE(shake(*stream).failure);
  const base::MonoTime begin = clock_.monotonic();
  EXPECT_FALSE(refusal(*stream, seconds(20)));
  EXPECT_LT(clock_.monotonic() - begin, seconds(10));
}

TEST_F(Tls, KeepsWhatTheServerSaidWhileItsRefusalWasAwaited) {
  ServerTls tls = server_tls(TLS1_3_VERSION);
  tls.client_auth = ServerTls::ClientAuth::kRequest;
  ScriptedServer server(
      [](ServerConnection& peer) {
        peer.start_tls();
        peer.send("SETTINGS");
        peer.drain();
      },
      tls);
  const auto stream = stream_to(server.port());
  ASSERT_FALSE(shake(*stream).failure);
  EXPECT_FALSE(refusal(*stream));
  EXPECT_EQ(read(*stream), "SETTINGS");
}

TEST_F(Tls, TimesOutAndGoesOnWhereItStood) {
  std::promise<void> gate;
  auto open = gate.get_future().share();
  ScriptedServer server(
      [open](ServerConnection& peer) {
        open.wait();
        serve(peer);
      },
      server_tls());
  const auto stream = stream_to(server.port());
  const HandshakeResult early = shake(*stream, milliseconds(30));
  ASSERT_TRUE(early.failure);
  EXPECT_EQ(early.failure->cause, Cause::kTimedOut);
  EXPECT_EQ(early.failure->stage, Stage::kHandshake);
  EXPECT_FALSE(stream->answered());
  gate.set_value();
  const HandshakeResult late = shake(*stream);
  ASSERT_FALSE(late.failure) << late.failure->message;
  EXPECT_TRUE(late.tls.finished);
}

struct Answer {
  const char* name;
  std::string bytes;
  Cause cause;
};

class AnswerInsteadOfTls : public Tls, public testing::WithParamInterface<Answer> {};

TEST_P(AnswerInsteadOfTls, IsToldForWhatItIs) {
  ScriptedServer server([](ServerConnection& peer) {
    peer.receive(5);
    peer.send(GetParam().bytes);
    peer.finish();
  });
  const auto stream = stream_to(server.port());
  const HandshakeResult result = shake(*stream);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, GetParam().cause)
      << to_string(result.failure->cause) << result.failure->message;
  EXPECT_FALSE(result.tls.finished);
  EXPECT_LE(result.failure->peer_text.size(), 2048U);
}

INSTANTIATE_TEST_SUITE_P(
    All, AnswerInsteadOfTls,
    testing::Values(Answer{"http", "HTTP/1.1 400 Bad Request\r\n\r\n", Cause::kNotTls},
                    Answer{"redis", "-ERR unknown command\r\n", Cause::kNotTls},
                    Answer{"mysql",
                           std::string("\x4a\0\0\0\x0a"
                                       "8.0.36",
                                       11),
                           Cause::kNotTls},
                    Answer{"two bytes", "no", Cause::kNotTls},
                    Answer{"flood of rubbish", std::string(1 << 20, '\x80'), Cause::kNotTls},
                    Answer{"alert protocol_version", std::string("\x15\x03\x01\0\x02\x02\x46", 7),
                           Cause::kProtocolVersion},
                    Answer{"alert unrecognized_name", std::string("\x15\x03\x03\0\x02\x02\x70", 7),
                           Cause::kNameUnrecognised},
                    Answer{"truncated record", std::string("\x16\x03\x03\x40", 4), Cause::kPeerClosed},
                    Answer{"oversized record", std::string("\x16\x03\x03\xff\xff", 5),
                           Cause::kMessageTooLarge},
                    Answer{"not a ServerHello", std::string("\x16\x03\x03\0\x04\x0b\0\0\0", 9),
                           Cause::kMalformedMessage}),
    [](const auto& test) {
      std::string name = test.param.name;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST_F(Tls, TellsAServerThatHangsUp) {
  ScriptedServer closing([](ServerConnection& peer) { peer.finish(); });
  const auto closed = stream_to(closing.port());
  EXPECT_EQ(shake(*closed).failure->cause, Cause::kPeerClosed);
  ScriptedServer resetting([](ServerConnection& peer) {
    peer.receive(1);
    peer.reset();
  });
  const auto reset = stream_to(resetting.port());
  EXPECT_EQ(shake(*reset).failure->cause, Cause::kConnectionReset);
}

TEST_F(Tls, BoundsAHandshakeThatNeverEnds) {
  // Warning alerts of "no renegotiation" are ignored one by one; a peer could send them for ever.
  const std::string ignored("\x15\x03\x03\0\x02\x01\x64", 7);
  std::string flood;
  for (int i = 0; i < 200'000; ++i)
    flood += ignored;
  auto transport = std::make_unique<MemoryStream>(std::deque<std::string>{flood});
  TlsStream stream(std::move(transport), *contexts_.get({}, nullptr), "localhost", "server");
  const HandshakeResult result = shake(stream);
  ASSERT_TRUE(result.failure);
  EXPECT_TRUE(result.failure->cause == Cause::kMalformedMessage ||
              result.failure->cause == Cause::kMessageTooLarge)
      << to_string(result.failure->cause);
}

TEST_F(Tls, TellsRubbishInTheMiddleOfTheSession) {
  ScriptedServer server(
      [](ServerConnection& peer) {
        peer.start_tls();
        peer.receive(1);
      },
      server_tls());
  const auto stream = stream_to(server.port());
  ASSERT_FALSE(shake(*stream).failure);
  ASSERT_TRUE(write(*stream, base::as_bytes("x")));
  const auto end = read(*stream);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, net::IoError::Kind::kPeerClosed);
}

TEST_F(Tls, SharesOneContextPerSetting) {
  const auto plain = contexts_.get({}, nullptr);
  EXPECT_EQ(plain->get(), contexts_.get({}, nullptr)->get());
  EXPECT_NE(plain->get(), contexts_.get(TlsSetting{TlsVersion::kTls12, {}}, nullptr)->get());
  EXPECT_NE(plain->get(), contexts_.get(TlsSetting{TlsVersion::kTls10, {"tds/8.0"}}, nullptr)->get());
  const pki::ClientIdentity one = identity_from(pki_.root), other = identity_from(pki_.root);
  EXPECT_EQ(contexts_.get({}, &one)->get(), contexts_.get({}, &one)->get());
  EXPECT_NE(contexts_.get({}, &one)->get(), contexts_.get({}, &other)->get());
  EXPECT_NE(contexts_.get({}, &one)->get(), plain->get());
}

TEST_F(Tls, SurvivesTheContextsThatMadeIt) {
  ScriptedServer server(serve, server_tls());
  std::unique_ptr<TlsStream> stream;
  {
    TlsContexts contexts;
    auto transport = test_support::run_loop(
        loop_, connector_->connect(net::Address{"127.0.0.1", server.port()}, in(seconds(10))));
    stream =
        std::make_unique<TlsStream>(*std::move(transport), *contexts.get({}, nullptr), "localhost", "server");
  }
  EXPECT_FALSE(shake(*stream).failure);
}

}  // namespace
}  // namespace tlswarden::probe
