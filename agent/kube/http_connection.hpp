#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "kube/cancellation.hpp"
#include "kube/server_address.hpp"
#include "kube/tls_contexts.hpp"
#include "kube/transport_error.hpp"

namespace tlswarden::kube {

/// One HTTP request as it goes on the wire.
struct HttpRequest {
  std::string method, target;  ///< target: path and query, encoded
  std::vector<std::pair<std::string, std::string>> headers;
  const base::Secret* bearer = nullptr;  ///< null or empty: no Authorization
  std::string body, content_type;        ///< no body when content_type is empty
};

/// What an answer begins with.
struct HttpHead {
  int status = 0;
  std::string retry_after;                 ///< the header as the peer sent it; empty: absent
  std::vector<std::string> warnings = {};  ///< the values of the Warning headers, likewise; at most a handful
};

/// Takes an answer: its head once, then its body piece by piece. Returning false ends the exchange.
struct HttpReceiver {
  std::function<bool(const HttpHead&)> head;
  std::function<bool(std::string_view)> body;
};

/// One connection to the API server, kept open between requests. Used by one thread at a time; blocking, with
/// the guarantees of SocketLink. The head of an answer and each line in it are bounded; its body is not.
class HttpConnection {
 public:
  /// Connects at the first request. `clock` must outlive this object.
  HttpConnection(ServerAddress address, TlsSettingPtr tls, const base::Clock& clock);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  struct Outcome {
    bool stopped = false;   ///< the receiver had enough; the connection is closed
    bool reused = false;    ///< no new connection was made for this request
    bool answered = false;  ///< the head came
    std::optional<TransportError> error;
  };
  Outcome exchange(const HttpRequest& request, const HttpReceiver& receiver, base::Deadline deadline,
                   const Cancellation& cancellation);

  const TlsSettingPtr& tls() const { return tls_; }
  /// When the last exchange ended.
  base::MonoTime idle_since() const { return idle_since_; }

 private:
  class Client;
  const base::Clock& clock_;
  TlsSettingPtr tls_;
  std::unique_ptr<Client> client_;
  base::MonoTime idle_since_;
};

}  // namespace tlswarden::kube
