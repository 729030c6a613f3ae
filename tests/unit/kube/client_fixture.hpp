#pragma once

#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/api_client.hpp"
#include "tests/support/api_server.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_pause.hpp"

namespace tlswarden::kube {

/// A client of an ApiServer, with time in the test's hand. The server's name is 127.0.0.1.
class ClientFixture : public ::testing::Test {
 protected:
  static constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};

  ClientFixture() { std::signal(SIGPIPE, SIG_IGN); }

  /// Access to `server` over http, as nobody.
  static ClusterAccess access_to(const test_support::ApiServer& server, bool secure = false) {
    ClusterAccess access;
    access.server = {.secure = secure, .host = "127.0.0.1", .port = server.port(), .prefix = {}};
    return access;
  }
  std::unique_ptr<ApiClient> client_of(const ClusterAccess& access) {
    return std::make_unique<ApiClient>(
        access,
        ApiClientOptions{.user_agent = user_agent("1.2.3"),
                         .writes = writes_,
                         .observer = {},
                         .warned = [this](const std::string& text) { warnings_.push_back(text); }},
        clock_, pause_, cancellation_);
  }

  test_support::FakeClock clock_{kNow};
  test_support::FakePause pause_{clock_};
  Cancellation cancellation_;
  WriteBudget* writes_ = nullptr;
  std::vector<std::string> warnings_;
};

}  // namespace tlswarden::kube
