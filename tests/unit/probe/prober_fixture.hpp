#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "probe/prober.hpp"
#include "tests/support/fake_dns.hpp"
#include "tests/support/fake_resolver.hpp"
#include "tests/support/mint.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/unit/probe/fake_driver.hpp"

namespace tlswarden::probe {

inline const base::WallTime kTestNow{base::Seconds(1'750'000'000)};

/// Says one fixed date; durations are real.
class DatedClock final : public base::Clock {
 public:
  base::WallTime now() const override { return kTestNow; }
  base::MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
};

/// A prober with a made-up engine, before servers played by scripts.
class ProberTest : public testing::Test {
 protected:
  using Peer = test_support::ServerConnection;

  test_support::ServerTls server_tls(int version = 0) const {
    test_support::ServerTls tls;
    tls.chain = {pki_.leaf, pki_.intermediate};
    tls.min_version = tls.max_version = version;
    tls.now = kTestNow;
    return tls;
  }
  Target target(std::uint16_t port, resource::TlsMode mode = resource::TlsMode::kVerifyFull) const {
    Target target;
    target.key = "default/db";
    target.engine = resource::Engine::kPostgresql;
    target.host = "db.test";
    target.port = port;
    target.verified_name = "localhost";
    target.mode = mode;
    target.min_version = resource::TlsVersion::kTls12;
    target.material.trust = test_support::store_of({&pki_.root});
    target.timeout = base::Seconds(20);
    return target;
  }
  static CredentialsPtr credentials() {
    auto both = std::make_shared<Credentials>();
    both->username = base::Secret("app");
    both->password = base::Secret("hunter2");
    return both;
  }
  void make_prober(net::Resolver& resolver, net::Connector& connector, const Driver* driver) {
    registry_ = std::make_unique<FakeRegistry>(driver);
    prober_ = std::make_unique<Prober>(ProberServices{clock_, resolver, dns_, connector, offload_, *registry_});
  }
  void make_prober() { make_prober(resolver_, *connector_, &driver_); }
  Observation observe(const Target& target) {
    if (!prober_) make_prober();
    return test_support::run_loop(
        loop_, prober_->observe(target, [this](Stage stage) { progress_.push_back(stage); }));
  }

  /// The scripts of a well-behaved server of the made-up protocol.
  static void answer_tls(Peer& peer) {
    peer.receive(4);
    peer.send("S");
    if (!peer.start_tls()) return;
    if (peer.receive(4) == "PING") peer.send("PONG");
    peer.drain();
  }
  static void answer_plaintext(Peer& peer) {
    peer.receive(6);
    peer.send("OK");
    peer.drain();
  }

  DatedClock clock_;
  boost::asio::io_context loop_{1};
  net::OffloadPool offload_{1};
  test_support::FakeDns dns_;
  test_support::FakeResolver resolver_{{{"db.test", {"127.0.0.1"}}}};
  std::unique_ptr<net::Connector> connector_ = net::make_tcp_connector(clock_);
  test_support::DemoPki pki_ = test_support::demo_pki(kTestNow);
  FakeLogin login_;
  FakeDriver driver_{login_};
  std::unique_ptr<FakeRegistry> registry_;
  std::unique_ptr<Prober> prober_;
  std::vector<Stage> progress_;
};

}  // namespace tlswarden::probe
