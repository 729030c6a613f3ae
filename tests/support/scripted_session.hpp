#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/driver.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::test_support {

/// A server for a login, written down in the test: what it answers to each write of the client's, told by how
/// the write begins. Where nothing fits, and after `hangs_up_after` answers, the stream ends.
struct SessionServer {
  std::vector<std::pair<std::string, std::string>> answers;
  std::size_t hangs_up_after = std::size_t{0} - 1;
  bool reset = false;  ///< instead of an orderly end

  std::vector<std::string> received;  ///< one entry for each write
  std::size_t channels = 0, closed = 0;

  void answer(std::string_view beginning, std::string text) {
    for (auto& [key, value] : answers) {
      if (key == beginning) {
        value = std::move(text);
        return;
      }
    }
    answers.emplace_back(beginning, std::move(text));
  }
  std::string all_received() const {
    std::string all;
    for (const auto& one : received)
      all += one;
    return all;
  }
};

/// One connection to a SessionServer. Answers arrive in small pieces.
class SessionServerStream final : public net::ByteStream {
 public:
  explicit SessionServerStream(SessionServer& server) : server_(server) {}

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline) override {
    using Kind = net::IoError::Kind;
    if (pending_.empty()) {
      co_return tl::unexpected(
          net::IoError{server_.reset ? Kind::kConnectionReset : Kind::kPeerClosed, "end"});
    }
    const auto count = std::min<std::size_t>({buffer.size(), pending_.size(), 7});
    std::copy_n(pending_.begin(), count, buffer.begin());
    pending_.erase(0, count);
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline) override {
    server_.received.emplace_back(base::as_text(bytes));
    const auto& request = server_.received.back();
    const auto found = std::find_if(server_.answers.begin(), server_.answers.end(),
                                    [&](const auto& entry) { return request.starts_with(entry.first); });
    if (found != server_.answers.end() && server_.received.size() <= server_.hangs_up_after)
      pending_ += found->second;
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline) override {
    ++server_.closed;
    co_return;
  }

 private:
  SessionServer& server_;
  std::string pending_;
};

/// The prober's part in a login.
class ScriptedSessionContext final : public probe::SessionContext {
 public:
  using Open = std::function<net::ByteStreamPtr()>;

  /// `open` makes the channel's stream, each time that one is asked for.
  ScriptedSessionContext(boost::asio::io_context& loop, Open open, const probe::Target& target)
      : loop_(loop), open_(std::move(open)), target_(target) {}

  const probe::Target& target() const override { return target_; }
  base::Deadline deadline() const override { return base::Deadline(base::MonoTime::max()); }
  net::OffloadPool& offload() override { return pool_; }
  const base::Clock& clock() const override { return clock_; }
  net::Executor executor() override { return loop_.get_executor(); }
  const net::Address& address() const override { return address_; }
  net::Awaitable<base::Result<probe::SessionChannel, probe::Failure>> open_channel(
      bool allow_plaintext) override {
    allowed_plaintext = allow_plaintext;
    if (too_weak) {
      co_return tl::unexpected(
          probe::Failure{probe::Stage::kSession, probe::Cause::kChannelTooWeak, "withheld", {}, {}});
    }
    co_return probe::SessionChannel{
        .stream = open_(), .address = address_, .encrypted = !allow_plaintext, .findings = {}};
  }

  bool too_weak = false;
  std::optional<bool> allowed_plaintext;

 private:
  boost::asio::io_context& loop_;
  Open open_;
  const probe::Target& target_;
  net::OffloadPool pool_{1};
  FakeClock clock_{base::WallTime{}};
  net::Address address_{.ip = "127.0.0.1", .port = 8443};
};

using Login = std::function<net::Awaitable<probe::SessionObservation>(probe::SessionContext&)>;

/// Logs in once and tells what was seen; `prepare` may change the context before.
inline probe::SessionObservation log_in(
    const ScriptedSessionContext::Open& open, const probe::Target& target, const Login& login,
    const std::function<void(ScriptedSessionContext&)>& prepare = {},
    const std::function<void(const ScriptedSessionContext&)>& afterwards = {}) {
  boost::asio::io_context loop;
  ScriptedSessionContext context(loop, open, target);
  if (prepare) prepare(context);
  std::optional<probe::SessionObservation> seen;
  boost::asio::co_spawn(
      loop, [&]() -> net::Awaitable<void> { seen = co_await login(context); }, boost::asio::detached);
  loop.run();
  if (afterwards) afterwards(context);
  return seen.value();
}

inline probe::SessionObservation log_in(
    SessionServer& server, const probe::Target& target, const Login& login,
    const std::function<void(ScriptedSessionContext&)>& prepare = {},
    const std::function<void(const ScriptedSessionContext&)>& afterwards = {}) {
  const auto open = [&server]() -> net::ByteStreamPtr {
    ++server.channels;
    return std::make_unique<SessionServerStream>(server);
  };
  return log_in(open, target, login, prepare, afterwards);
}

inline probe::CredentialsPtr credentials(std::string_view username, std::string_view password) {
  auto made = std::make_shared<probe::Credentials>();
  made->username = base::Secret(username);
  made->password = base::Secret(password);
  return made;
}

/// An HTTP/1.1 answer with a length.
inline std::string http_answer(const std::string& status, const std::string& body,
                               const std::string& fields = {}) {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace tlswarden::test_support
