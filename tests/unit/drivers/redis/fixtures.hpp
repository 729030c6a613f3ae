#pragma once

#include <string>

namespace tlswarden::drivers::redis::fixtures {

inline const std::string kHelloAndQuit = "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n*1\r\n$4\r\nQUIT\r\n";
inline const std::string kOk = "+OK\r\n";
inline const std::string kNoAuth =
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> "
    "<pass> option "
    "can be used to authenticate the client and select the RESP protocol version at the same time\r\n";
inline const std::string kDenied =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for "
    "the default "
    "user.\r\n";

/// What HELLO 2 answers.
inline std::string hello(const std::string& server, const std::string& version) {
  const auto bulk = [](const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  };
  return "*14\r\n" + bulk("server") + bulk(server) + bulk("version") + bulk(version) + bulk("proto") +
         ":2\r\n" + bulk("id") + ":5\r\n" + bulk("mode") + bulk("standalone") + bulk("role") +
         bulk("master") + bulk("modules") + "*0\r\n";
}

}  // namespace tlswarden::drivers::redis::fixtures
