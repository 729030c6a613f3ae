#include "kube/http_connection.hpp"

#include <exception>
#include <utility>

#include "kube/http_library.hpp"
#include "kube/http_stream.hpp"
#include "kube/socket_link.hpp"

namespace tlswarden::kube {
namespace {

using Kind = TransportError::Kind;

/// A token has no such characters; a file that has them would write headers of its own.
bool fits_a_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

/// The library's client with our connection under it. Everything overridden is called by the library on the
/// thread of the request.
class HttpConnection::Client final : public httplib::ClientImpl {
 public:
  Client(ServerAddress address, TlsSettingPtr tls, const base::Clock& clock)
      : ClientImpl(address.host, address.port),
        address_(std::move(address)),
        tls_(std::move(tls)),
        link_(clock) {
    set_keep_alive(true);
    set_follow_location(false);
    set_url_encode(false);
  }
  ~Client() override { link_.end_tls(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Outcome run(const HttpRequest& request, const HttpReceiver& receiver, base::Deadline deadline,
              const Cancellation& cancellation);

 private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    outcome_.reused = false;
    auto connected = link_.connect(address_, tls_);
    if (!connected) {
      outcome_.error = std::move(connected.error());
      error = httplib::Error::Connection;
      return false;
    }
    socket.sock = *connected;
    return true;
  }
  void shutdown_ssl(Socket& socket, bool gracefully) override {
    static_cast<void>(socket);
    static_cast<void>(gracefully);
    link_.end_tls();
  }
  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override {
    const auto stream = std::make_unique<HttpStream>(link_, socket.sock);
    stream_ = stream.get();
    const bool done = callback(*stream);
    if (stream->exceeded()) {
      outcome_.error =
          TransportError{Kind::kBroken, "the API server's answer begins with longer lines than HTTP has"};
    }
    heard_ = stream->heard();
    warnings_ = stream->warnings();
    stream_ = nullptr;
    return done;
  }
  /// TLS is below the library here.
  bool is_ssl() const override { return false; }

  httplib::Request prepare(const HttpRequest& request, const HttpReceiver& receiver);

  const ServerAddress address_;
  const TlsSettingPtr tls_;
  SocketLink link_;
  HttpStream* stream_ = nullptr;
  bool heard_ = false;                 ///< at least one byte came back
  std::vector<std::string> warnings_;  ///< of the last answer's head
  Outcome outcome_;
};

httplib::Request HttpConnection::Client::prepare(const HttpRequest& request, const HttpReceiver& receiver) {
  httplib::Request prepared;
  prepared.method = request.method;
  prepared.path = request.target;
  prepared.headers.emplace("Host", authority(address_));
  for (const auto& [name, value] : request.headers)
    prepared.headers.emplace(name, value);
  if (request.bearer != nullptr && !request.bearer->empty()) {
    prepared.headers.emplace("Authorization", "Bearer " + std::string(request.bearer->reveal()));
  }
  if (!request.content_type.empty()) {
    prepared.headers.emplace("Content-Type", request.content_type);
    prepared.body = request.body;
  }
  prepared.response_handler = [this, &receiver](const httplib::Response& response) {
    stream_->head_is_over();
    outcome_.answered = true;
    const HttpHead head{response.status, response.get_header_value("Retry-After"), stream_->warnings()};
    outcome_.stopped = !receiver.head(head);
    return !outcome_.stopped;
  };
  prepared.content_receiver = [this, &receiver](const char* data, size_t size, uint64_t, uint64_t) {
    outcome_.stopped = !receiver.body(std::string_view(data, size));
    return !outcome_.stopped;
  };
  return prepared;
}

HttpConnection::Outcome HttpConnection::Client::run(const HttpRequest& request, const HttpReceiver& receiver,
                                                    base::Deadline deadline,
                                                    const Cancellation& cancellation) {
  outcome_ = Outcome{};
  outcome_.reused = true;
  heard_ = false;
  warnings_.clear();
  link_.begin(deadline, cancellation);
  if (request.bearer != nullptr && !fits_a_header(request.bearer->reveal())) {
    outcome_.error = TransportError{Kind::kUntrusted, "the token for the API server is more than one line"};
    return outcome_;
  }
  // The library looks at the socket alone, where TLS's good-bye looks like data.
  if (link_.stale()) stop();
  httplib::Request prepared = prepare(request, receiver);
  httplib::Response response;
  auto error = httplib::Error::Success;
  bool done = false;
  try {
    done = send(prepared, response, error);
  } catch (const std::exception& thrown) {
    // The library's matcher and its containers throw; the connection is in no known state then.
    outcome_.error = TransportError{Kind::kBroken, "the API server's answer makes no sense"};
  }
  for (auto& header : prepared.headers)
    if (header.first == "Authorization") base::wipe_memory(header.second.data(), header.second.size());
  if (done && !outcome_.answered) {
    // The library asks nobody about an answer without a body.
    outcome_.answered = true;
    receiver.head(HttpHead{response.status, response.get_header_value("Retry-After"), warnings_});
  }
  if (done || outcome_.stopped || outcome_.error) return outcome_;
  const char* broken = outcome_.answered ? "the API server's answer broke off"
                       : heard_          ? "what answered speaks no HTTP; check the API server's URL"
                                         : "the API server closed the connection without an answer";
  outcome_.error = link_.problem().value_or(TransportError{Kind::kBroken, broken});
  return outcome_;
}

HttpConnection::HttpConnection(ServerAddress address, TlsSettingPtr tls, const base::Clock& clock)
    : clock_(clock),
      tls_(tls),
      client_(std::make_unique<Client>(std::move(address), std::move(tls), clock)),
      idle_since_(clock.monotonic()) {}

HttpConnection::~HttpConnection() = default;

HttpConnection::Outcome HttpConnection::exchange(const HttpRequest& request, const HttpReceiver& receiver,
                                                 base::Deadline deadline, const Cancellation& cancellation) {
  Outcome outcome = client_->run(request, receiver, deadline, cancellation);
  idle_since_ = clock_.monotonic();
  return outcome;
}

}  // namespace tlswarden::kube
