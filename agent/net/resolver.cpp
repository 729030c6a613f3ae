#include "net/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "net/offload_pool.hpp"
#include "net/system_error.hpp"
#include "net/wakeup.hpp"

namespace tlswarden::net {
namespace {

using Ips = std::vector<std::string>;

/// One look-up under way, shared by the pool thread that does it and all who wait for it.
struct Lookup {
  std::mutex mutex;
  std::optional<IoResult<Ips>> answer;
  std::vector<std::shared_ptr<Wakeup>> waiters;

  void finish(IoResult<Ips> result) {
    const std::lock_guard lock(mutex);
    answer = std::move(result);
    for (const auto& waiter : waiters)
      waiter->notify();
    waiters.clear();
  }
  /// The answer, or nothing after having queued `waiter` for it.
  std::optional<IoResult<Ips>> answer_or_queue(const std::shared_ptr<Wakeup>& waiter) {
    const std::lock_guard lock(mutex);
    if (!answer) waiters.push_back(waiter);
    return answer;
  }
  std::optional<IoResult<Ips>> answer_or_leave(const std::shared_ptr<Wakeup>& waiter) {
    const std::lock_guard lock(mutex);
    if (!answer) std::erase(waiters, waiter);
    return answer;
  }
  bool finished() {
    const std::lock_guard lock(mutex);
    return answer.has_value();
  }
};

class SystemResolver final : public Resolver {
 public:
  SystemResolver(OffloadPool& pool, const base::Clock& clock) : pool_(pool), clock_(clock) {}

  Awaitable<IoResult<std::vector<Address>>> resolve(std::string host, std::uint16_t port,
                                                    base::Deadline deadline) override {
    boost::system::error_code not_literal;
    boost::asio::ip::make_address(host, not_literal);
    if (!not_literal) co_return std::vector<Address>{Address{std::move(host), port}};
    // getaddrinfo would read the name only up to the NUL.
    if (host.empty() || host.find('\0') != std::string::npos) {
      co_return tl::unexpected(IoError{IoError::Kind::kNameNotFound, "not a name"});
    }

    const IoResult<Ips> ips = co_await wait_for(host, deadline);
    if (!ips) co_return tl::unexpected(ips.error());
    std::vector<Address> addresses;
    addresses.reserve(ips->size());
    for (const std::string& ip : *ips)
      addresses.push_back(Address{ip, port});
    co_return addresses;
  }

 private:
  Awaitable<IoResult<Ips>> wait_for(const std::string& host, base::Deadline deadline) {
    const auto wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    const std::shared_ptr<Lookup> lookup = join_or_start(host);
    auto answer = lookup->answer_or_queue(wakeup);
    auto woken = Wakeup::Woken::kNotified;
    if (!answer) {
      woken = co_await wakeup->wait(deadline.left(clock_.monotonic()));
      answer = lookup->answer_or_leave(wakeup);
    }
    if (answer) {
      forget(host, lookup);
      co_return *answer;
    }
    if (woken == Wakeup::Woken::kCancelled)
      co_return tl::unexpected(IoError{IoError::Kind::kCancelled, "cancelled"});
    co_return tl::unexpected(IoError{IoError::Kind::kTimedOut, "no answer from the resolver in time"});
  }

  /// A look-up that hangs is joined rather than repeated, so one dead name holds one thread, however often it
  /// is asked.
  std::shared_ptr<Lookup> join_or_start(const std::string& host) {
    std::shared_ptr<Lookup>& entry = under_way_[host];
    if (entry && !entry->finished()) return entry;
    entry = std::make_shared<Lookup>();
    pool_.post([lookup = entry, host] { lookup->finish(look_up_host(host)); });
    return entry;
  }

  void forget(const std::string& host, const std::shared_ptr<Lookup>& lookup) {
    const auto found = under_way_.find(host);
    if (found != under_way_.end() && found->second == lookup) under_way_.erase(found);
  }

  OffloadPool& pool_;
  const base::Clock& clock_;
  std::unordered_map<std::string, std::shared_ptr<Lookup>> under_way_;
};

}  // namespace

IoResult<std::vector<std::string>> look_up_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  errno = 0;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) return tl::unexpected(resolver_error_from(code, errno));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);

  std::vector<std::string> ips;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) != 0) {
      continue;
    }
    if (std::find(ips.begin(), ips.end(), text.data()) == ips.end()) ips.emplace_back(text.data());
  }
  if (ips.empty()) return tl::unexpected(IoError{IoError::Kind::kNameNotFound, "the name has no addresses"});
  return ips;
}

std::unique_ptr<Resolver> make_system_resolver(OffloadPool& pool, const base::Clock& clock) {
  return std::make_unique<SystemResolver>(pool, clock);
}

}  // namespace tlswarden::net
