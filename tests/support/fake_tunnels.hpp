#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/tunnels.hpp"

namespace tlswarden::test_support {

/// A bastion whose network is this machine's loopback: whatever name is asked for is 127.0.0.1 there.
class FakeTunnels final : public net::Tunnels {
 public:
  explicit FakeTunnels(const base::Clock& clock) : connector_(net::make_tcp_connector(clock)) {}

  void fail_to_reach(net::TunnelError error) { reach_error_ = std::move(error); }
  /// Every connection after the first `good` ones.
  void fail_to_connect(net::TunnelError error, std::size_t good = 0) {
    connect_error_ = std::move(error);
    good_ = good;
  }
  /// "name:port" of each connection that was asked for.
  const std::vector<std::string>& asked() const { return asked_; }

  net::Awaitable<net::TunnelResult<void>> reach(net::SshSettingsPtr, base::Deadline) override {
    if (reach_error_) co_return tl::unexpected(*reach_error_);
    co_return net::TunnelResult<void>{};
  }
  net::Awaitable<net::TunnelResult<net::ByteStreamPtr>> connect(net::SshSettingsPtr, std::string host,
                                                                std::uint16_t port,
                                                                base::Deadline deadline) override {
    asked_.push_back(host + ":" + std::to_string(port));
    if (connect_error_ && asked_.size() > good_) co_return tl::unexpected(*connect_error_);
    const net::Address address{"127.0.0.1", port};
    auto stream = co_await connector_->connect(address, deadline);
    if (!stream) co_return tl::unexpected(net::TunnelError{net::TunnelError::Kind::kTargetUnreachable, ""});
    co_return std::move(*stream);
  }

 private:
  std::unique_ptr<net::Connector> connector_;
  std::optional<net::TunnelError> reach_error_, connect_error_;
  std::size_t good_ = 0;
  std::vector<std::string> asked_;
};

}  // namespace tlswarden::test_support
