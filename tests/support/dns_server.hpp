#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "net/address.hpp"
#include "tests/support/dns_message.hpp"

namespace tlswarden::test_support {

/// A DNS server on loopback, by UDP and by TCP. `answer` is called on the server's thread with the question
/// and whether it came by TCP; an empty answer is none.
class DnsServer {
 public:
  using Answer = std::function<base::Bytes(base::ByteView query, bool by_tcp)>;

  explicit DnsServer(Answer answer) : answer_(std::move(answer)) {
    // A port that is free for UDP may be taken for TCP.
    for (int attempt = 0; attempt < 20 && !open(); ++attempt)
      close();
    if (tcp_ < 0) throw std::runtime_error("no port for a DNS server");
    thread_ = std::thread([this] { run(); });
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer() {
    stopping_ = true;
    ::shutdown(udp_, SHUT_RDWR);
    ::shutdown(tcp_, SHUT_RDWR);
    thread_.join();
    close();
  }

  net::Address address() const { return {.ip = "127.0.0.1", .port = port_}; }

 private:
  bool open() {
    udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(udp_, plain, size) != 0 || ::getsockname(udp_, plain, &size) != 0) return false;
    port_ = ntohs(address.sin_port);
    return ::bind(tcp_, plain, size) == 0 && ::listen(tcp_, 8) == 0;
  }
  void close() {
    for (int* descriptor : {&udp_, &tcp_}) {
      if (*descriptor >= 0) ::close(*descriptor);
      *descriptor = -1;
    }
  }

  void run() {
    while (!stopping_) {
      std::array<pollfd, 2> waiting{pollfd{udp_, POLLIN, 0}, pollfd{tcp_, POLLIN, 0}};
      ::poll(waiting.data(), waiting.size(), 50);
      if (stopping_) return;
      if ((waiting[0].revents & POLLIN) != 0) serve_udp();
      if ((waiting[1].revents & POLLIN) != 0) serve_tcp();
    }
  }
  void serve_udp() {
    base::Bytes query(4096);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* plain = reinterpret_cast<sockaddr*>(&from);
    const auto got = ::recvfrom(udp_, query.data(), query.size(), MSG_DONTWAIT, plain, &size);
    if (got <= 12) return;
    const auto reply = answer_(base::ByteView(query).first(static_cast<std::size_t>(got)), false);
    if (!reply.empty()) ::sendto(udp_, reply.data(), reply.size(), 0, plain, size);
  }
  void serve_tcp() {
    const int client = ::accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    std::array<std::uint8_t, 2> length{};
    base::Bytes query;
    if (::recv(client, length.data(), 2, MSG_WAITALL) == 2) {
      query.resize(std::size_t{length[0]} * 256 + length[1]);
      if (::recv(client, query.data(), query.size(), MSG_WAITALL) != static_cast<ssize_t>(query.size()))
        query.clear();
    }
    if (query.size() > 12) {
      base::Bytes framed;
      const auto reply = answer_(query, true);
      dns::put16(framed, reply.size());
      framed.insert(framed.end(), reply.begin(), reply.end());
      ::send(client, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
    ::close(client);
  }

  Answer answer_;
  int udp_ = -1, tcp_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace tlswarden::test_support
