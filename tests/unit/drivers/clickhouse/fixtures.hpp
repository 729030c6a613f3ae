#pragma once

#include <string>

#include "base/bytes.hpp"
#include "drivers/clickhouse/http_answer.hpp"
#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::clickhouse::fixtures {

inline probe::Target target(std::uint16_t port, bool with_login = false) {
  probe::Target made;
  made.host = "ch.internal";
  made.port = port;
  if (with_login) made.credentials = test_support::credentials("app", "s3cret");
  return made;
}

inline const std::string kQuery =
    "GET /?query=SELECT%20version() HTTP/1.1\r\nHost: ch.internal:8443\r\nConnection: close\r\n"
    "X-ClickHouse-User: tlswarden-probe\r\n\r\n";
inline const std::string kPing = "GET /ping HTTP/1.1\r\nHost: ch.internal:8443\r\nConnection: close\r\n\r\n";

// Captured from 18.16.1.
inline const std::string kPong =
    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 15:53:29 GMT\r\nConnection: Close\r\nContent-Length: 4\r\n\r\n"
    "Ok.\n";
inline const std::string kUnknownUser =
    "HTTP/1.1 401 Unauthorized\r\nDate: Sun, 22 Nov 2026 15:53:29 GMT\r\nConnection: Close\r\n"
    "Content-Type: text/plain; charset=UTF-8\r\nX-ClickHouse-Server-Display-Name: vm\r\n"
    "Transfer-Encoding: chunked\r\nWWW-Authenticate: Basic realm=\"ClickHouse server HTTP API\"\r\n\r\n"
    "5D\r\nCode: 192, e.displayText() = DB::Exception: Unknown user tlswarden, e.what() = DB::Exception\n\r\n"
    "0\r\n\r\n";
inline const std::string kNativePort =
    "HTTP/1.0 400 Bad Request\r\n\r\nPort 9440 is for clickhouse-client program.\r\n"
    "You must use port 8443 for HTTP.\r\n";

// The body that later releases give, 24.1 here.
inline const std::string kRefusal24 =
    "Code: 516. DB::Exception: tlswarden-probe: Authentication failed: password is incorrect, or there is no "
    "user with such name. (AUTHENTICATION_FAILED) (version 24.1.3.31 (official build))\n";
inline const std::string kRefused24 =
    test_support::http_answer("403 Forbidden", kRefusal24, "X-ClickHouse-Exception-Code: 516\r\n");

/// A string of the native protocol; up to 127 bytes.
inline std::string text(const std::string& value) {
  return std::string(1, static_cast<char>(value.size())) + value;
}

/// An exception of the native protocol without a stack trace.
inline std::string exception(unsigned code, const std::string& message) {
  std::string number;
  for (unsigned shift = 0; shift < 32; shift += 8)
    number += static_cast<char>(code >> shift & 0xffU);
  return "\x02" + number + text("DB::Exception") + text(message) + text("0. main") + std::string(1, '\0');
}

/// The hello of 24.1.3: revision 54467, of which the client's decides what comes.
inline const std::string kServerHello = std::string(1, '\0') + text("ClickHouse") + "\x18\x01" +
                                        "\xc3\xa9\x03" + text("Etc/UTC") + text("vm") + "\x03";

}  // namespace tlswarden::drivers::clickhouse::fixtures
