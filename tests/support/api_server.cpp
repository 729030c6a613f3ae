#include "tests/support/api_server.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <utility>

namespace tlswarden::test_support {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

std::string ApiCall::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::optional<std::string> ApiCall::parameter(const std::string& name) const {
  const std::string query = "&" + target.substr(std::min(target.find('?') + 1, target.size()));
  const std::size_t at = query.find("&" + name + "=");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + name.size() + 2;
  return query.substr(begin, query.find('&', begin) - begin);
}

ApiReply reply(int status, std::string body, std::string extra_headers) {
  return [status, body = std::move(body), extra_headers = std::move(extra_headers)](
             const ApiCall&, ServerConnection& connection) {
    connection.send("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Type: application/json\r\n" +
                    extra_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  };
}

ApiReply refusal(int code, std::string_view reason, std::string extra_headers, std::string_view details) {
  const std::string body =
      R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"the server's words","reason":")" +
      std::string(reason) + R"(","details":)" + std::string(details) + R"(,"code":)" + std::to_string(code) +
      "}";
  return reply(code, body, std::move(extra_headers));
}

void begin_chunks(ServerConnection& connection) {
  connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void send_chunk(ServerConnection& connection, std::string_view piece) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  connection.send(size + std::string(piece) + "\r\n");
}

void end_chunks(ServerConnection& connection) {
  connection.send("0\r\n\r\n");
}

ApiReply chunks(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces)](const ApiCall&, ServerConnection& connection) {
    begin_chunks(connection);
    for (const std::string& piece : pieces)
      send_chunk(connection, piece);
    end_chunks(connection);
    return true;
  };
}

ApiReply chunks_then_silence(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces)](const ApiCall&, ServerConnection& connection) {
    begin_chunks(connection);
    for (const std::string& piece : pieces)
      send_chunk(connection, piece);
    connection.drain();
    return false;
  };
}

ApiReply raw(std::string bytes) {
  return [bytes = std::move(bytes)](const ApiCall&, ServerConnection& connection) {
    connection.send(bytes);
    connection.finish();
    return false;
  };
}

ApiReply hang_up() {
  return raw("");
}

ApiReply silence() {
  return [](const ApiCall&, ServerConnection& connection) {
    connection.drain();
    return false;
  };
}

ApiReply after(std::function<void()> before, ApiReply then) {
  return [before = std::move(before), then = std::move(then)](const ApiCall& call,
                                                              ServerConnection& connection) {
    before();
    return then(call, connection);
  };
}

ApiServer::ApiServer(std::optional<ServerTls> tls)
    : tls_(tls.has_value()),
      server_(std::make_unique<ScriptedServer>([this](ServerConnection& connection) { serve(connection); },
                                               std::move(tls))) {}

ApiServer& ApiServer::then(ApiReply reply) {
  const std::scoped_lock lock(mutex_);
  replies_.push_back(std::move(reply));
  return *this;
}

ApiServer& ApiServer::otherwise(ApiReply always) {
  const std::scoped_lock lock(mutex_);
  always_ = std::move(always);
  return *this;
}

std::vector<ApiCall> ApiServer::calls(std::size_t count) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, std::chrono::seconds(60), [&] { return calls_.size() >= count; });
  return calls_;
}

std::optional<ApiCall> ApiServer::receive(ServerConnection& connection, std::string& buffered) {
  const auto fill_until = [&](auto complete) {
    while (!complete()) {
      const std::string more = connection.receive_some();
      if (more.empty()) return false;
      buffered += more;
    }
    return true;
  };
  std::size_t end = 0;
  if (!fill_until([&] { return (end = buffered.find("\r\n\r\n")) != std::string::npos; }))
    return std::nullopt;
  ApiCall call;
  const std::string head = buffered.substr(0, end + 2);
  call.method = head.substr(0, head.find(' '));
  const std::size_t target = call.method.size() + 1;
  call.target = head.substr(target, head.find(' ', target) - target);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t line_end = head.find("\r\n", at);
    const std::string line = head.substr(at, line_end - at);
    const std::size_t colon = line.find(": ");
    call.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = line_end + 2;
  }
  const std::string length = call.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  if (!fill_until([&] { return buffered.size() >= end + 4 + size; })) return std::nullopt;
  call.body = buffered.substr(end + 4, size);
  buffered.erase(0, end + 4 + size);
  return call;
}

ApiReply ApiServer::record(ApiCall call) {
  const std::scoped_lock lock(mutex_);
  calls_.push_back(std::move(call));
  arrived_.notify_all();
  if (replies_.empty()) return always_;
  ApiReply next = std::move(replies_.front());
  replies_.pop_front();
  return next;
}

void ApiServer::serve(ServerConnection& connection) {
  std::size_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = ++connections_;
  }
  if (tls_ && !connection.start_tls()) return connection.drain();
  std::string buffered;
  while (auto call = receive(connection, buffered)) {
    call->connection = number;
    if (tls_) {
      call->has_client_certificate = connection.has_client_certificate();
      call->server_name = connection.server_name();
    }
    const ApiCall kept = *call;
    if (!record(std::move(*call))(kept, connection)) return;
  }
}

}  // namespace tlswarden::test_support
