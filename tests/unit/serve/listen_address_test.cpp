#include "serve/listen_address.hpp"

#include <gmock/gmock.h>

namespace tlswarden::serve {
namespace {

struct Accepted {
  std::string text, host;
  std::uint16_t port;
  std::string shown;
};
class AcceptedAddressTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedAddressTest, is_read_and_written_back) {
  const auto address = parse_listen_address(GetParam().text);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, GetParam().host);
  EXPECT_EQ(address->port, GetParam().port);
  EXPECT_EQ(to_string(*address), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(Addresses, AcceptedAddressTest,
                         ::testing::Values(Accepted{"127.0.0.1:9464", "127.0.0.1", 9464, "127.0.0.1:9464"},
                                           Accepted{"[::1]:0", "::1", 0, "[::1]:0"},
                                           Accepted{":9464", "0.0.0.0", 9464, "0.0.0.0:9464"},
                                           Accepted{"localhost:65535", "localhost", 65535,
                                                    "localhost:65535"}));

TEST(ListenAddressTest, what_is_no_address_is_refused_with_examples) {
  for (const char* text : {"", "9464", "localhost", "localhost:", "localhost:x", "localhost:65536",
                           "localhost:-1", "::1:9464", "[::1]", "[localhost]:1", "a b:1", "localhost:80 "}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().message, ::testing::HasSubstr("127.0.0.1:9464"));
  }
}

}  // namespace
}  // namespace tlswarden::serve
