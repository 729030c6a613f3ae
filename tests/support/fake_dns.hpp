#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/dns_client.hpp"

namespace tlswarden::test_support {

/// Gives the same answer to every question, at once, and remembers what was asked: "SRV a.example".
class FakeDns : public net::DnsClient {
 public:
  net::Awaitable<net::IoResult<std::vector<net::SrvRecord>>> srv(std::string name, base::Deadline) override {
    asked.push_back("SRV " + name);
    co_return srv_answer;
  }
  net::Awaitable<net::IoResult<std::vector<std::string>>> txt(std::string name, base::Deadline) override {
    asked.push_back("TXT " + name);
    co_return txt_answer;
  }

  net::IoResult<std::vector<net::SrvRecord>> srv_answer;
  net::IoResult<std::vector<std::string>> txt_answer;
  std::vector<std::string> asked;
};

}  // namespace tlswarden::test_support
