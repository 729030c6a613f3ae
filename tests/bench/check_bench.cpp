// What a check costs: CPU time of the checking thread over many checks of one local TLS endpoint, beside a
// bare OpenSSL client that connects, handshakes with chain verification and closes. Both are measured in the
// same run, in turns. usage: bench_check [CHECKS]

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "drivers/registry.hpp"
#include "net/byte_stream.hpp"
#include "net/offload_pool.hpp"
#include "net/resolver.hpp"
#include "pki/openssl.hpp"
#include "pki/verification.hpp"
#include "probe/prober.hpp"
#include "resource/endpoint.hpp"
#include "tests/support/mint.hpp"
#include "verdict/judge.hpp"

namespace {

using namespace tlswarden;

constexpr int kRounds = 5;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

double thread_cpu_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// Answers Redis's HELLO over TLS, one connection after another, in a process of its own so that its work is
/// not counted.
class ServerProcess {
 public:
  explicit ServerProcess(const test_support::DemoPki& pki) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      give_up("listen");
    }
    port_ = ntohs(address.sin_port);
    child_ = fork();
    if (child_ < 0) give_up("fork");
    if (child_ == 0) serve(pki);
    close(listener_);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  std::uint16_t port() const { return port_; }

 private:
  [[noreturn]] void serve(const test_support::DemoPki& pki) const {
    std::signal(SIGPIPE, SIG_IGN);
    const pki::SslContextPtr context(SSL_CTX_new(TLS_server_method()));
    for (const test_support::Minted* minted : {&pki.leaf, &pki.intermediate}) {
      const base::Bytes& der = minted->certificate->der;
      const unsigned char* data = der.data();
      const pki::X509Ptr certificate(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
      if (minted == &pki.leaf) {
        SSL_CTX_use_certificate(context.get(), certificate.get());
      } else {
        SSL_CTX_add1_chain_cert(context.get(), certificate.get());
      }
    }
    SSL_CTX_use_PrivateKey(context.get(), pki.leaf.key.get());
    for (;;) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) continue;
      const int on = 1;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      const pki::SslPtr ssl(SSL_new(context.get()));
      SSL_set_fd(ssl.get(), connection);
      char buffer[4096];
      int got = SSL_accept(ssl.get()) == 1 ? 1 : 0;
      while (got > 0 && (got = SSL_read(ssl.get(), buffer, sizeof(buffer))) > 0) {
        const std::string_view asked(buffer, static_cast<std::size_t>(got));
        const bool goodbye = asked.find("QUIT") != std::string_view::npos;
        std::string answer =
            asked.find("HELLO") != std::string_view::npos ? "-NOAUTH Authentication required.\r\n" : "";
        if (goodbye) answer += "+OK\r\n";
        SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
        if (goodbye) break;
      }
      SSL_shutdown(ssl.get());
      close(connection);
    }
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  pid_t child_ = -1;
};

/// The peer: what any client pays that connects, verifies the chain and asks one thing.
double bare_client(const test_support::DemoPki& pki, std::uint16_t port, int checks) {
  const pki::SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  const base::Bytes& der = pki.root.certificate->der;
  const unsigned char* data = der.data();
  const pki::X509Ptr root(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const double start = thread_cpu_microseconds();
  for (int i = 0; i < checks; ++i) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) give_up("connect");
    const pki::SslPtr ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), connection);
    SSL_set1_host(ssl.get(), "localhost");
    char buffer[256];
    if (SSL_connect(ssl.get()) != 1 || SSL_write(ssl.get(), "HELLO\r\n", 7) != 7 ||
        SSL_read(ssl.get(), buffer, sizeof(buffer)) <= 0) {
      give_up("handshake");
    }
    SSL_shutdown(ssl.get());
    close(connection);
  }
  return (thread_cpu_microseconds() - start) / checks;
}

/// The whole of a check but for reading the manifest and printing: probe and judgement.
class Checker {
 public:
  Checker(const test_support::DemoPki& pki, std::uint16_t port)
      : resolver_(net::make_system_resolver(offload_, clock_)),
        dns_(net::make_system_dns_client(offload_, clock_)),
        connector_(net::make_tcp_connector(clock_)),
        tunnels_(net::make_ssh_tunnels(clock_)),
        drivers_(drivers::make_registry()),
        prober_({clock_, *resolver_, *dns_, *connector_, *tunnels_, offload_, *drivers_}) {
    endpoint_.metadata.name = "bench";
    endpoint_.spec.engine = resource::Engine::kRedis;
    endpoint_.spec.host = "127.0.0.1";
    endpoint_.spec.port = port;
    endpoint_.spec.tls.mode = resource::TlsMode::kVerifyFull;
    target_.key = endpoint_.key();
    target_.engine = endpoint_.spec.engine;
    target_.host = endpoint_.spec.host;
    target_.port = port;
    target_.verified_name = endpoint_.spec.host;
    target_.mode = endpoint_.spec.tls.mode;
    target_.min_version = endpoint_.spec.tls.min_version;
    target_.material.ca_declared = true;
    target_.material.trust = test_support::store_of({&pki.root});
  }

  double run(int checks) {
    double spent = 0;
    loop_.restart();
    boost::asio::co_spawn(loop_, round(checks, spent), boost::asio::detached);
    loop_.run();
    return spent / checks;
  }

  const pki::VerificationCache& cache() const { return cache_; }

 private:
  net::Awaitable<void> round(int checks, double& spent) {
    const double start = thread_cpu_microseconds();
    for (int i = 0; i < checks; ++i) {
      const probe::Observation seen = co_await prober_.observe(target_);
      const resource::EndpointStatus status =
          verdict::judge({endpoint_, target_.material, seen, history_, clock_.now()}, cache_);
      if (status.strongest_mode != resource::TlsMode::kVerifyFull) {
        std::fprintf(stderr, "not healthy: %s\n", verdict::headline(status).c_str());
        std::exit(1);
      }
    }
    spent = thread_cpu_microseconds() - start;
  }

  base::SystemClock clock_;
  net::OffloadPool offload_{1};
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::DnsClient> dns_;
  std::unique_ptr<net::Connector> connector_;
  std::unique_ptr<net::Tunnels> tunnels_;
  std::unique_ptr<probe::DriverRegistry> drivers_;
  boost::asio::io_context loop_{1};
  probe::Prober prober_;
  resource::DatabaseEndpoint endpoint_;
  probe::Target target_;
  verdict::History history_;
  pki::VerificationCache cache_;
};

}  // namespace

int main(int argc, char** argv) {
  const int checks = argc > 1 ? std::atoi(argv[1]) : 5000;
  if (checks < kRounds) {
    std::fprintf(stderr, "usage: %s [CHECKS]\n", argv[0]);
    return 2;
  }
  const base::SystemClock clock;
  const test_support::DemoPki pki = test_support::demo_pki(clock.now());
  const ServerProcess server(pki);
  Checker checker(pki, server.port());
  const int share = checks / kRounds;
  checker.run(1);
  bare_client(pki, server.port(), 1);
  double bare = 0;
  double full = 0;
  for (int round = 0; round < kRounds; ++round) {
    bare += bare_client(pki, server.port(), share) / kRounds;
    full += checker.run(share) / kRounds;
  }
  std::printf("%s, %d checks in %d rounds\n", OpenSSL_version(OPENSSL_VERSION), share * kRounds, kRounds);
  std::printf("bare OpenSSL client, verifying  %7.1f us CPU per connection\n", bare);
  std::printf("tlswarden check, judged         %7.1f us CPU per check\n", full);
  std::printf("ratio                           %7.2f\n", full / bare);
  std::printf("verifications: %zu done, %zu remembered\n", checker.cache().misses(), checker.cache().hits());
  return 0;
}
