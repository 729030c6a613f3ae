#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "kube/http_connection.hpp"

namespace tlswarden::kube {

/// Open connections that nobody uses at the moment. Safe from any thread.
class ConnectionPool {
 public:
  /// Both must outlive this object.
  ConnectionPool(const ServerAddress& server, const base::Clock& clock) : server_(server), clock_(clock) {}

  /// One with this setting that was used lately, or a new one. Those with another setting are closed: the
  /// CA or the client certificate has changed since.
  std::unique_ptr<HttpConnection> take(const TlsSettingPtr& tls);
  /// Keeps a connection whose last exchange went well.
  void give_back(std::unique_ptr<HttpConnection> connection);
  /// Closes them all: one turned out to be dead, and the others have been idle for as long.
  void clear();

 private:
  const ServerAddress& server_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

}  // namespace tlswarden::kube
