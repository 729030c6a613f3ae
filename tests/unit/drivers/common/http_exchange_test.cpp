#include "drivers/common/http_exchange.hpp"

#include <gtest/gtest.h>

#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::common {
namespace {

using probe::Cause;
using test_support::http_answer;
using test_support::SessionServer;

/// The bodies, or the causes, of the answers to these requests in turn.
std::vector<std::string> ask(SessionServer& server, std::vector<std::string> requests) {
  std::vector<std::string> told;
  const probe::Target target;
  test_support::log_in(
      server, target, [&](probe::SessionContext& context) -> net::Awaitable<probe::SessionObservation> {
        auto channel = co_await context.open_channel(false);
        HttpExchange exchange(*channel->stream, context);
        for (const auto& request : requests) {
          base::Secret secret(request);
          const auto answer = co_await exchange.ask(std::move(secret));
          told.push_back(answer ? answer->body : std::string(to_string(answer.error().cause)));
          if (!answer) {
            EXPECT_EQ(answer.error().stage, probe::Stage::kSession);
          }
        }
        co_return probe::SessionObservation{};
      });
  return told;
}

TEST(HttpExchange, AsksOneAfterTheOtherOnOneConnection) {
  SessionServer server;
  server.answer("one", http_answer("200 OK", "first"));
  server.answer("two", "HTTP/1.1 200 OK\r\n\r\nto the end");
  EXPECT_EQ(ask(server, {"one", "two"}), (std::vector<std::string>{"first", "to the end"}));
  EXPECT_EQ(server.received, (std::vector<std::string>{"one", "two"}));
}

TEST(HttpExchange, SaysWhyThereIsNoAnswer) {
  SessionServer server;
  server.answer("cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  server.answer("other", "+PONG\r\n");
  EXPECT_EQ(ask(server, {"silent"}), std::vector<std::string>{std::string(to_string(Cause::kPeerClosed))});
  EXPECT_EQ(ask(server, {"cut"}), std::vector<std::string>{std::string(to_string(Cause::kPeerClosed))});
  EXPECT_EQ(ask(server, {"other"}),
            std::vector<std::string>{std::string(to_string(Cause::kNotThisProtocol))});
  server.reset = true;
  EXPECT_EQ(ask(server, {"silent"}),
            std::vector<std::string>{std::string(to_string(Cause::kConnectionReset))});
}

}  // namespace
}  // namespace tlswarden::drivers::common
