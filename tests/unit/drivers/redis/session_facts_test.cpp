#include "drivers/redis/session_facts.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::redis {
namespace {

using probe::Tristate;

const std::string kRedis8 =
    "# Server\r\nredis_version:8.0.2\r\ntcp_port:6379\r\n"
    "listener0:name=tcp,bind=127.0.0.1,bind=::1,port=6379\r\nlistener1:name=tls,bind=127.0.0.1,port=6380\r\n";

TEST(RedisSessionFacts, ReadsTheVersion) {
  EXPECT_EQ(version_of(kRedis8), "8.0.2");
  EXPECT_EQ(version_of("# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n"),
            "8.1.1");
  EXPECT_EQ(version_of("# Server\r\n"), "");
  EXPECT_EQ(version_of("redis_version:7\x01\r\n"), "7\\x01");
  EXPECT_LE(version_of("redis_version:" + std::string(5000, '7')).size(), 200U);
}

TEST(RedisSessionFacts, ReadsTheServersOwnPort) {
  EXPECT_EQ(local_port_of("id=5 addr=127.0.0.1:54321 laddr=127.0.0.1:6380 fd=8\n"), 6380);
  EXPECT_EQ(local_port_of("id=5 addr=[::1]:54321 laddr=[::1]:6380 fd=8\n"), 6380);
  EXPECT_EQ(local_port_of("id=5 addr=127.0.0.1:54321 fd=8\n"), std::nullopt);
  EXPECT_EQ(local_port_of("laddr=127.0.0.1:66000"), std::nullopt);
  EXPECT_EQ(local_port_of("laddr=/var/run/redis.sock"), std::nullopt);
  EXPECT_EQ(local_port_of("laddr="), std::nullopt);
  EXPECT_EQ(local_port_of(""), std::nullopt);
}

TEST(RedisSessionFacts, KnowsTheListenerOfThePort) {
  EXPECT_EQ(encrypted_by_listeners(kRedis8, 6380), Tristate::kYes);
  EXPECT_EQ(encrypted_by_listeners(kRedis8, 6379), Tristate::kNo);
  EXPECT_EQ(encrypted_by_listeners(kRedis8, 6381), Tristate::kUnknown);
  EXPECT_EQ(encrypted_by_listeners("redis_version:7.0.15\r\n", 6380), Tristate::kUnknown);
  EXPECT_EQ(encrypted_by_listeners("listener", 6380), Tristate::kUnknown);
}

TEST(RedisSessionFacts, ComparesWithTheTlsPort) {
  const auto config = [](const std::string& value) {
    Reply reply;
    reply.type = Reply::Type::kArray;
    for (const auto& text : {std::string("tls-port"), value}) {
      reply.elements.emplace_back();
      reply.elements.back().type = Reply::Type::kString;
      reply.elements.back().text = text;
    }
    return reply;
  };
  EXPECT_EQ(encrypted_by_tls_port(config("6380"), 6380), Tristate::kYes);
  EXPECT_EQ(encrypted_by_tls_port(config("6380"), 6379), Tristate::kNo);
  EXPECT_EQ(encrypted_by_tls_port(config("0"), 6379), Tristate::kNo);
  EXPECT_EQ(encrypted_by_tls_port(Reply{}, 6379), Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::redis
