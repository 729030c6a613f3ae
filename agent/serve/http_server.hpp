#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "serve/listen_address.hpp"
#include "serve/metric_text.hpp"

namespace tlswarden::serve {

/// What the server answers with. Called from its threads, several at a time; must outlive the server.
struct Pages {
  std::function<bool()> alive;                   ///< whether the work goes on, whatever the endpoints say
  std::function<bool()> ready;                   ///< whether the first sync is over and the end has not begun
  std::function<void(const TextSink&)> metrics;  ///< Prometheus text format, in pieces
  std::function<std::string()> status;           ///< HTML
};

/// Serves /healthz, /livez, /readyz, /metrics and / over plain HTTP, on a handful of threads and with short
/// timeouts; any other path is a 404 that names these. Compresses with gzip for who takes it. Meant for
/// loopback or a trusted network: it has no notion of users.
class HttpServer {
 public:
  /// Listens on `address` and serves from threads of its own until destroyed. Error: the address cannot be
  /// had.
  static base::Result<std::unique_ptr<HttpServer>> start(const ListenAddress& address, Pages pages);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Where it listens, with the port that was taken.
  const ListenAddress& address() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::serve
