#include "serve/http_server.hpp"

#include <gmock/gmock.h>
#include <httplib.h>

#include <atomic>
#include <stdexcept>

namespace tlswarden::serve {
namespace {

using ::testing::HasSubstr;

class HttpServerTest : public ::testing::Test {
 protected:
  std::unique_ptr<HttpServer> start(const std::string& listen = "127.0.0.1:0") {
    auto server = HttpServer::start(*parse_listen_address(listen), pages());
    EXPECT_TRUE(server) << (server ? "" : server.error().message);
    return server ? std::move(*server) : nullptr;
  }
  Pages pages() {
    return {.alive = [this] { return alive_.load(); },
            .ready = [this] { return ready_.load(); },
            .metrics = [](const TextSink& sink) { sink("tlswarden_up 1\n"); },
            .status = []() -> std::string { throw std::runtime_error("a very telling detail"); }};
  }
  static httplib::Result get(const HttpServer& server, const std::string& path) {
    httplib::Client client(server.address().host, server.address().port);
    return client.Get(path);
  }

  std::atomic<bool> alive_{true};
  std::atomic<bool> ready_{false};
};

TEST_F(HttpServerTest, a_free_port_is_taken_for_port_zero_and_told) {
  const auto server = start();
  EXPECT_NE(server->address().port, 0);
  EXPECT_EQ(get(*server, "/healthz")->status, 200);
}

TEST_F(HttpServerTest, readiness_follows_the_first_sync) {
  const auto server = start();
  EXPECT_EQ(get(*server, "/readyz")->status, 503);
  ready_ = true;
  EXPECT_EQ(get(*server, "/readyz")->status, 200);
}

TEST_F(HttpServerTest, liveness_follows_the_workers_and_not_the_first_sync) {
  const auto server = start();
  EXPECT_EQ(get(*server, "/livez")->status, 200);
  alive_ = false;
  EXPECT_EQ(get(*server, "/livez")->status, 503);
  EXPECT_EQ(get(*server, "/healthz")->status, 200);
}

TEST_F(HttpServerTest, metrics_have_the_type_that_prometheus_expects) {
  const auto server = start();
  const auto response = get(*server, "/metrics");
  EXPECT_EQ(response->body, "tlswarden_up 1\n");
  EXPECT_THAT(response->get_header_value("Content-Type"), HasSubstr("version=0.0.4"));
}

TEST_F(HttpServerTest, pages_are_compressed_with_gzip_and_nothing_else_for_who_takes_it) {
  const auto server = start();
  httplib::Client client(server->address().host, server->address().port);
  const auto encoding = [&](const char* accepted) {
    const auto response = client.Get("/metrics", httplib::Headers{{"Accept-Encoding", accepted}});
    EXPECT_EQ(response->body, "tlswarden_up 1\n") << accepted;  // the client unpacks it
    return response->get_header_value("Content-Encoding");
  };
  EXPECT_EQ(encoding("gzip"), "gzip");
  EXPECT_EQ(encoding("br, gzip;q=0.5"), "gzip");
  EXPECT_EQ(encoding("br"), "");
  EXPECT_EQ(encoding("gzip;q=0"), "");
}

TEST_F(HttpServerTest, an_unknown_path_is_a_404_that_names_the_known_ones) {
  const auto server = start();
  for (const char* path : {"/metricz", "/metrics/x", "/../etc/passwd", "//"}) {
    const auto response = get(*server, path);
    EXPECT_EQ(response->status, 404) << path;
    EXPECT_THAT(response->body, HasSubstr("/metrics, /healthz, /livez and /readyz"));
  }
}

TEST_F(HttpServerTest, a_page_that_fails_is_a_500_without_details) {
  const auto server = start();
  const auto response = get(*server, "/");
  EXPECT_EQ(response->status, 500);
  EXPECT_THAT(response->body, ::testing::Not(HasSubstr("telling")));
  for (const auto& [name, value] : response->headers)
    EXPECT_THAT(value, ::testing::Not(HasSubstr("telling")));
}

TEST_F(HttpServerTest, a_port_in_use_is_a_clear_error) {
  const auto server = start();
  const auto second = HttpServer::start(server->address(), pages());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(to_string(server->address()) + ": the port is in use"));
}

TEST_F(HttpServerTest, an_address_of_another_machine_is_a_clear_error) {
  const auto server = HttpServer::start({"192.0.2.1", 0}, pages());
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("cannot listen there"));
}

TEST_F(HttpServerTest, many_clients_at_once_are_all_answered) {
  const auto server = start();
  std::vector<std::thread> clients;
  std::atomic<int> answered{0};
  for (int i = 0; i < 24; ++i) {
    clients.emplace_back([&] {
      const auto response = get(*server, "/metrics");
      if (response && response->status == 200) ++answered;
    });
  }
  for (std::thread& client : clients)
    client.join();
  EXPECT_EQ(answered, 24);
}

}  // namespace
}  // namespace tlswarden::serve
