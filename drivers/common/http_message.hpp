#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "probe/failure.hpp"

/// HTTP/1.1 (RFC 9112) without I/O: a request as bytes, and an answer out of bytes. The parsing is
/// Boost.Beast's.
namespace tlswarden::drivers::common {

/// One request. The views must stay valid until it is formatted.
struct HttpRequest {
  std::string_view method = "GET";
  std::string_view target = "/";  ///< path and query, encoded as they go on the wire
  std::string_view host;          ///< of the Host field; see http_host()
  std::vector<std::pair<std::string_view, std::string_view>> fields{};
  std::string_view body{};  ///< sent with its length where the method is POST
  bool last = true;         ///< whether the server shall close the connection afterwards
};

/// The request as it goes on the wire. May hold a password, hence a Secret. Precondition: every value of a
/// field fits_field().
base::Secret format_request(const HttpRequest& request);

/// Whether a field can carry `value` unchanged: no control characters, which would end it, and no white space
/// at its ends, which the reader takes away (RFC 9110, section 5.5).
bool fits_field(std::string_view value);

/// The Host field for `host`, a DNS name or an address: "db:8443", "[::1]:8443".
std::string http_host(std::string_view host, std::uint16_t port);

/// One answer. Raw text of the peer, bounded by the reader.
struct HttpResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case
  std::string body;
  bool keeps_open = false;  ///< another request may follow on this connection

  /// The first field of that (lower-case) name; empty where there is none.
  std::string_view field(std::string_view name) const;
};

/// Cuts the stream of the server into answers. Hostile input: more than 16 KiB of header, 64 KiB of body or
/// 256 KiB in all, or anything that is not HTTP/1, ends it.
class HttpReader {
 public:
  enum class State {
    kReading,
    kWhole,   ///< response() is there
    kBroken,  ///< broken() says how
  };

  HttpReader();
  ~HttpReader();
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  State feed(base::ByteView bytes);
  /// The peer ended the stream, with which a body without a length ends too. Never kReading.
  State end();
  /// Begins the next answer with what has arrived behind the one before. Precondition: kWhole.
  State next();

  const HttpResponse& response() const;
  HttpResponse take_response();
  probe::Cause broken() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The failure for an answer that is not HTTP, that is too long or that never came (kPeerClosed).
probe::Failure broken_http(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::common
