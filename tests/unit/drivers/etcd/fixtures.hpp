#pragma once

#include <string>

#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::etcd::fixtures {

inline probe::Target target() {
  probe::Target made;
  made.host = "etcd-0";
  made.port = 2379;
  made.credentials = test_support::credentials("app", "s3\"cret");
  return made;
}

inline const std::string kAskVersion =
    "GET /version HTTP/1.1\r\nHost: etcd-0:2379\r\nConnection: keep-alive\r\n\r\n";
inline const std::string kAskVersionOnly =
    "GET /version HTTP/1.1\r\nHost: etcd-0:2379\r\nConnection: close\r\n\r\n";
inline const std::string kAskHealth =
    "GET /health HTTP/1.1\r\nHost: etcd-0:2379\r\nConnection: close\r\n\r\n";

// Captured from 3.4.23.
inline const std::string kVersion =
    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: application/json\r\n"
    "Date: Sun, 22 Nov 2026 15:54:19 GMT\r\nContent-Length: 45\r\n\r\n"
    "{\"etcdserver\":\"3.4.23\",\"etcdcluster\":\"3.4.0\"}";
inline const std::string kHealthy = test_support::http_answer("200 OK", R"({"health":"true"})");
inline const std::string kUnwell =
    test_support::http_answer("503 Service Unavailable", R"({"health":"false","reason":"RAFT NO LEADER"})");
inline const std::string kNotFound = test_support::http_answer("404 Not Found", "404 page not found\n");
inline const std::string kToken =
    test_support::http_answer("200 OK", R"({"header":{"member_id":"98"},"token":"IUdYbRLYmUdrvBPE.11"})");
inline const std::string kWrongPassword =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nTrailer: Grpc-Trailer-Content-Type\r\n"
    "Transfer-Encoding: chunked\r\n\r\n9e\r\n"
    "{\"error\":\"etcdserver: authentication failed, invalid user ID or password\",\"message\":\"etcdserver: "
    "authentication failed, invalid user ID or password\",\"code\":3}\r\n0\r\n"
    "Grpc-Trailer-Content-Type: application/grpc\r\n\r\n";
inline const std::string kStatus = test_support::http_answer(
    "200 OK", R"({"header":{"cluster_id":"18","member_id":"98","revision":"1"},"version":"3.4.23"})");
inline std::string members(const std::string& urls) {
  return test_support::http_answer(
      "200 OK", R"({"members":[{"ID":"97","clientURLs":["http://other:2379"]},{"ID":"98","clientURLs":[)" +
                    urls + "]}]}");
}
// What the gateway says to a client certificate with a common name, authentication being on.
inline const std::string kCommonName = test_support::http_answer(
    "400 Bad Request",
    "CommonName of client sending a request against gateway will be ignored and not used as expected\n");

}  // namespace tlswarden::drivers::etcd::fixtures
