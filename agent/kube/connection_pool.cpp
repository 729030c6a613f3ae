#include "kube/connection_pool.hpp"

#include <algorithm>
#include <utility>

namespace tlswarden::kube {
namespace {

constexpr std::size_t kMostIdle = 4;
/// Well below the idle timeouts of API servers and load balancers: a write that meets a closing connection
/// cannot be repeated.
constexpr base::Seconds kLongestIdle{30};

}  // namespace

std::unique_ptr<HttpConnection> ConnectionPool::take(const TlsSettingPtr& tls) {
  // Closing is done outside of the lock: it may send.
  std::vector<std::unique_ptr<HttpConnection>> useless;
  const std::scoped_lock lock(mutex_);
  const base::MonoTime now = clock_.monotonic();
  const auto useful = [&](const auto& connection) {
    return connection->tls() == tls && now - connection->idle_since() < kLongestIdle;
  };
  const auto first_useless = std::stable_partition(idle_.begin(), idle_.end(), useful);
  std::move(first_useless, idle_.end(), std::back_inserter(useless));
  idle_.erase(first_useless, idle_.end());
  if (idle_.empty()) return std::make_unique<HttpConnection>(server_, tls, clock_);
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void ConnectionPool::give_back(std::unique_ptr<HttpConnection> connection) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
}

void ConnectionPool::clear() {
  std::vector<std::unique_ptr<HttpConnection>> gone;
  const std::scoped_lock lock(mutex_);
  gone.swap(idle_);
}

}  // namespace tlswarden::kube
