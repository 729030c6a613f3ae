#include "kube/server_address.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServerAddressTest, scheme_host_port_and_prefix_are_told_apart) {
  struct Case {
    const char *url, *host, *authority, *prefix;
    bool secure;
    int port;
  };
  const Case cases[] = {
      {"https://10.96.0.1:443", "10.96.0.1", "10.96.0.1", "", true, 443},
      {"https://k8s.example.com", "k8s.example.com", "k8s.example.com", "", true, 443},
      {"https://k8s.example.com:6443/", "k8s.example.com", "k8s.example.com:6443", "", true, 6443},
      {"http://127.0.0.1:8001", "127.0.0.1", "127.0.0.1:8001", "", false, 8001},
      {"http://localhost:443", "localhost", "localhost:443", "", false, 443},
      {"https://[::1]:6443", "::1", "[::1]:6443", "", true, 6443},
      {"https://rancher/k8s/clusters/c-1//", "rancher", "rancher", "/k8s/clusters/c-1", true, 443},
  };
  for (const Case& expected : cases) {
    const auto address = parse_server_address(expected.url);
    ASSERT_TRUE(address) << expected.url << ": " << address.error().message;
    EXPECT_EQ(address->host, expected.host) << expected.url;
    EXPECT_EQ(address->port, expected.port) << expected.url;
    EXPECT_EQ(address->secure, expected.secure) << expected.url;
    EXPECT_EQ(address->prefix, expected.prefix) << expected.url;
    EXPECT_EQ(authority(*address), expected.authority) << expected.url;
  }
  EXPECT_EQ(to_string(*parse_server_address("https://[::1]:6443/p")), "https://[::1]:6443/p");
}

TEST(ServerAddressTest, what_is_no_address_is_refused_and_a_password_is_not_repeated) {
  for (const char* url :
       {"", "10.96.0.1:443", "ftp://x", "https://", "https://:443", "https://x:0", "https://x:65536",
        "https://x:4 3", "https://[::1", "https://[::1]x", "https://[example.com]:1", "https://x:1:2",
        "https://x?y", "https://x#y", "https://x\r\nHost: y"}) {
    EXPECT_FALSE(parse_server_address(url)) << url;
  }
  const auto with_password = parse_server_address("https://admin:hunter2@host");
  ASSERT_FALSE(with_password);
  EXPECT_THAT(with_password.error().message, HasSubstr("https://HOST:PORT"));
  EXPECT_THAT(with_password.error().message, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace tlswarden::kube
