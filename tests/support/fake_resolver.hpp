#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/resolver.hpp"

namespace tlswarden::test_support {

/// Answers from a table at once; a name that is not in it does not exist.
class FakeResolver final : public net::Resolver {
 public:
  FakeResolver() = default;
  explicit FakeResolver(std::map<std::string, std::vector<std::string>> table) : table_(std::move(table)) {}

  void fail_with(net::IoError error) { error_ = std::move(error); }
  const std::vector<std::string>& asked() const { return asked_; }

  net::Awaitable<net::IoResult<std::vector<net::Address>>> resolve(std::string host, std::uint16_t port,
                                                                   base::Deadline /*deadline*/) override {
    asked_.push_back(host);
    if (error_) co_return tl::unexpected(*error_);
    const auto found = table_.find(host);
    if (found == table_.end()) {
      co_return tl::unexpected(net::IoError{net::IoError::Kind::kNameNotFound, "Name or service not known"});
    }
    std::vector<net::Address> addresses;
    for (const std::string& ip : found->second)
      addresses.push_back(net::Address{ip, port});
    co_return addresses;
  }

 private:
  std::map<std::string, std::vector<std::string>> table_;
  std::optional<net::IoError> error_;
  std::vector<std::string> asked_;
};

}  // namespace tlswarden::test_support
