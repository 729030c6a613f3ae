#include "drivers/common/http_message.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "drivers/common/beast.hpp"

namespace tlswarden::drivers::common {
namespace {

namespace http = boost::beast::http;
using probe::Cause;

constexpr std::uint32_t kMaxHeader = 16U * 1024U;
constexpr std::uint64_t kMaxBody = std::uint64_t{64} * 1024;
constexpr std::size_t kMaxTotal = std::size_t{256} * 1024;
constexpr std::string_view kBeginning = "HTTP/1.";
constexpr std::string_view kEnd = "\r\n";

/// Every part of a request in its order, so that its size is known before a copy of a secret is made.
std::vector<std::string_view> parts_of(const HttpRequest& request, std::string_view length) {
  std::vector<std::string_view> parts{request.method, " ",          request.target, " HTTP/1.1",   kEnd,
                                      "Host: ",       request.host, kEnd,           "Connection: "};
  parts.insert(parts.end(), {request.last ? "close" : "keep-alive", kEnd});
  for (const auto& [name, value] : request.fields)
    parts.insert(parts.end(), {name, ": ", value, kEnd});
  if (request.method == "POST") parts.insert(parts.end(), {"Content-Length: ", length, kEnd});
  parts.insert(parts.end(), {kEnd, request.body});
  return parts;
}

Cause cause_of(const boost::beast::error_code& error, bool header_done) {
  if (error == http::error::header_limit || error == http::error::body_limit ||
      error == http::error::buffer_overflow) {
    return Cause::kMessageTooLarge;
  }
  if (error == http::error::partial_message || error == http::error::end_of_stream) return Cause::kPeerClosed;
  return header_done ? Cause::kMalformedMessage : Cause::kNotThisProtocol;
}

}  // namespace

base::Secret format_request(const HttpRequest& request) {
  const std::string length = std::to_string(request.body.size());
  const auto parts = parts_of(request, length);
  std::size_t size = 0;
  for (const auto part : parts)
    size += part.size();
  base::Bytes bytes;
  bytes.reserve(size);
  for (const auto part : parts)
    bytes.insert(bytes.end(), part.begin(), part.end());
  return base::Secret(std::move(bytes));
}

bool fits_field(std::string_view value) {
  constexpr unsigned char kSpace = 0x20;
  constexpr unsigned char kDelete = 0x7f;
  if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) return false;
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= kSpace && byte != kDelete;
  });
}

std::string http_host(std::string_view host, std::uint16_t port) {
  const bool bare_ipv6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  std::string text(host);
  if (bare_ipv6) text = "[" + text + "]";
  return text + ":" + std::to_string(port);
}

std::string_view HttpResponse::field(std::string_view name) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? std::string_view() : found->second;
}

struct HttpReader::Impl {
  using Parser = http::response_parser<http::string_body>;

  Impl() { renew(); }

  void renew() {
    parser.emplace();
    parser->header_limit(kMaxHeader);
    parser->body_limit(kMaxBody);
    parser->eager(true);
    begun = false;
    state = State::kReading;
  }

  State fail(Cause cause) {
    broken = cause;
    return state = State::kBroken;
  }

  State finish() {
    auto message = parser->release();
    response = {};
    response.status = message.result_int();
    response.keeps_open = message.keep_alive() && !message.need_eof();
    for (const auto& field : message) {
      const auto name = field.name_string();
      const auto value = field.value();
      response.fields.emplace_back(base::lower_ascii({name.data(), name.size()}),
                                   std::string(value.data(), value.size()));
    }
    response.body = std::move(message.body());
    return state = State::kWhole;
  }

  /// The parser looks at the first line only when the whole header has arrived, so what cannot be HTTP at all
  /// is told here.
  bool may_be_http() const {
    const auto length = std::min(pending.size(), kBeginning.size());
    return std::string_view(pending).substr(0, length) == kBeginning.substr(0, length);
  }

  State parse() {
    if (!begun && !may_be_http()) return fail(Cause::kNotThisProtocol);
    while (!parser->is_done() && !pending.empty()) {
      boost::beast::error_code error;
      const std::size_t used = parser->put(boost::asio::buffer(pending), error);
      begun = begun || used > 0;
      base::wipe_memory(pending.data(), used);
      pending.erase(0, used);
      if (error && error != http::error::need_more) return fail(cause_of(error, parser->is_header_done()));
      if (error || used == 0) break;
    }
    return parser->is_done() ? finish() : state;
  }

  std::optional<Parser> parser;
  std::string pending;  ///< arrived and not parsed yet
  std::size_t total = 0;
  bool begun = false;  ///< the parser has taken something of this answer
  State state = State::kReading;
  Cause broken{};
  HttpResponse response;
};

HttpReader::HttpReader() : impl_(std::make_unique<Impl>()) {}
HttpReader::~HttpReader() = default;

HttpReader::State HttpReader::feed(base::ByteView bytes) {
  if (impl_->state == State::kBroken) return impl_->state;
  impl_->total += bytes.size();
  if (impl_->total > kMaxTotal) return impl_->fail(Cause::kMessageTooLarge);
  impl_->pending += base::as_text(bytes);
  return impl_->state == State::kReading ? impl_->parse() : impl_->state;
}

HttpReader::State HttpReader::end() {
  if (impl_->state != State::kReading) return impl_->state;
  if (!impl_->begun) return impl_->fail(Cause::kPeerClosed);
  boost::beast::error_code error;
  impl_->parser->put_eof(error);
  return error ? impl_->fail(cause_of(error, true)) : impl_->finish();
}

HttpReader::State HttpReader::next() {
  impl_->renew();
  return impl_->pending.empty() ? impl_->state : impl_->parse();
}

const HttpResponse& HttpReader::response() const {
  return impl_->response;
}

HttpResponse HttpReader::take_response() {
  return std::move(impl_->response);
}

Cause HttpReader::broken() const {
  return impl_->broken;
}

probe::Failure broken_http(Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case Cause::kPeerClosed:
      message = "The server closed the connection instead of answering; its log says why.";
      break;
    case Cause::kMessageTooLarge:
      message = "The server's answer is longer than any that was asked for.";
      break;
    default:
      message = "The answer is not HTTP; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

}  // namespace tlswarden::drivers::common
