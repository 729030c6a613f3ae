#include "drivers/etcd/request.hpp"

#include "drivers/common/http_message.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using common::HttpRequest;

base::Bytes get(const probe::Target& target, std::string_view path, bool last) {
  const auto host = common::http_host(target.host, target.port);
  HttpRequest request;
  request.target = path;
  request.host = host;
  request.last = last;
  const auto formatted = common::format_request(request);
  return {formatted.bytes().begin(), formatted.bytes().end()};
}

void append(base::Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

/// A JSON string (RFC 8259, section 7). Written here because a library would leave copies of the password.
void append_quoted(base::Bytes& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned char kSpace = 0x20;
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < kSpace) {
      append(out, "\\u00");
      out.push_back(static_cast<std::uint8_t>(kDigits[byte >> 4U]));
      out.push_back(static_cast<std::uint8_t>(kDigits[byte & 0xfU]));
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(byte);
  }
  out.push_back('"');
}

}  // namespace

base::Bytes version_request(const probe::Target& target, bool last) {
  return get(target, "/version", last);
}

base::Bytes health_request(const probe::Target& target) {
  return get(target, "/health", true);
}

base::Secret gateway_request(const probe::Target& target, std::string_view path, std::string_view token,
                             const base::Secret& body) {
  const auto host = common::http_host(target.host, target.port);
  HttpRequest request;
  request.method = "POST";
  request.target = path;
  request.host = host;
  request.last = false;
  request.fields.emplace_back("Content-Type", "application/json");
  if (!token.empty()) request.fields.emplace_back("Authorization", token);
  request.body = body.reveal();
  return common::format_request(request);
}

base::Secret authenticate_body(const probe::Credentials& credentials) {
  constexpr std::size_t kMostOfOneByte = 6;
  constexpr std::size_t kFrame = 64;
  const auto name = credentials.username.reveal();
  const auto password = credentials.password.reveal();
  base::Bytes out;
  // Enough for all of it, so that no copy of the password is left behind by growing.
  out.reserve(kFrame + kMostOfOneByte * (name.size() + password.size()));
  append(out, R"({"name":)");
  append_quoted(out, name);
  append(out, R"(,"password":)");
  append_quoted(out, password);
  append(out, "}");
  return base::Secret(std::move(out));
}

}  // namespace tlswarden::drivers::etcd
