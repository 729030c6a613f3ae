#include "serve/http_server.hpp"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "serve/gzip.hpp"

namespace tlswarden::serve {
namespace {

constexpr int kThreads = 8;
constexpr int kTimeoutSeconds = 5;
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kHint =
    "Not here. There are / (the endpoints), /metrics, /healthz, /livez and /readyz.\n";

void configure(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library's own choice includes SO_REUSEPORT, with which two agents would share a port without
  // noticing.
  server.set_socket_options([](auto socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_keep_alive_timeout(kTimeoutSeconds);
  server.set_payload_max_length(0);
  server.set_tcp_nodelay(true);
  server.set_default_headers({{"Cache-Control", "no-store"},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"}});
}

/// A page that may be large: where a client takes it compressed, it is never whole in memory. Compressed
/// here: the library would choose brotli where a client takes it, and work on a large page for minutes.
void answer(const httplib::Request& request, httplib::Response& response,
            const std::function<void(const TextSink&)>& write, const char* type) {
  std::string page;
  std::optional<std::string> packed;
  if (accepts_gzip(request.get_header_value("Accept-Encoding"))) {
    GzipWriter writer;
    write([&](std::string_view piece) { writer.add(piece); });
    packed = writer.finish();
  }
  if (packed) {
    response.set_header("Content-Encoding", "gzip");
  } else {
    write([&](std::string_view piece) { page.append(piece); });
  }
  const auto body = std::make_shared<const std::string>(packed ? std::move(*packed) : std::move(page));
  // What is of known length and comes in pieces the library leaves as it is.
  response.set_content_provider(body->size(), type,
                                [body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                                  return sink.write(body->data() + offset, length);
                                });
}

void route(httplib::Server& server, const Pages& pages) {
  using httplib::Request;
  using httplib::Response;
  server.Get("/healthz", [](const Request&, Response& response) { response.set_content("ok\n", kText); });
  server.Get("/livez", [&pages](const Request&, Response& response) {
    const bool alive = pages.alive();
    response.status = alive ? 200 : 503;
    response.set_content(alive ? "ok\n" : "a worker hangs; restart the agent\n", kText);
  });
  server.Get("/readyz", [&pages](const Request&, Response& response) {
    const bool ready = pages.ready();
    response.status = ready ? 200 : 503;
    response.set_content(
        ready ? "ok\n" : "not ready: the endpoints are still being read, or the agent is ending\n", kText);
  });
  server.Get("/metrics", [&pages](const Request& request, Response& response) {
    answer(request, response, pages.metrics, "text/plain; version=0.0.4; charset=utf-8");
  });
  server.Get("/", [&pages](const Request& request, Response& response) {
    const auto status = [&](const TextSink& sink) { sink(pages.status()); };
    answer(request, response, status, "text/html; charset=utf-8");
  });
  // Without it the library tells the client what was thrown.
  server.set_exception_handler(
      [](const Request&, Response& response, const std::exception_ptr&) { response.status = 500; });
  server.set_error_handler([](const Request&, Response& response) {
    if (response.status == 404) response.set_content(kHint, kText);
  });
}

std::string refusal(const ListenAddress& address, int error) {
  const std::string where = "--listen " + to_string(address);
  if (error == EADDRINUSE) {
    return where +
           ": the port is in use by another process; stop that one, choose another port, or 0 for a free one";
  }
  const std::string why =
      error == 0 ? "it is no address of this machine" : std::generic_category().message(error);
  return where + ": cannot listen there (" + why +
         "); name an address of this machine and a port that is permitted";
}

}  // namespace

struct HttpServer::Impl {
  explicit Impl(Pages what) : pages(std::move(what)) {}
  const Pages pages;
  ListenAddress address;
  httplib::Server server;
  std::atomic<bool> over{false};
  std::thread thread;
};

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(const ListenAddress& address, Pages pages) {
  auto impl = std::make_unique<Impl>(std::move(pages));
  configure(impl->server);
  route(impl->server, impl->pages);
  impl->address = address;
  errno = 0;
  bool bound = false;
  if (address.port == 0) {
    const int port = impl->server.bind_to_any_port(address.host);
    bound = port > 0;
    if (bound) impl->address.port = static_cast<std::uint16_t>(port);
  } else {
    bound = impl->server.bind_to_port(address.host, address.port);
  }
  if (!bound) return base::fail(refusal(address, errno));
  impl->thread = std::thread([server = &impl->server] { server->listen_after_bind(); });
  // stop() before the loop runs would be lost; the socket listens already, so this is a matter of moments.
  while (!impl->server.is_running())
    std::this_thread::yield();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  impl_->server.stop();
  impl_->thread.join();
}

const ListenAddress& HttpServer::address() const {
  return impl_->address;
}

}  // namespace tlswarden::serve
