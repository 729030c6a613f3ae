#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tls_server.hpp"

/// A Kubernetes API server for tests that says exactly what the test wants said, down to the bytes.
namespace tlswarden::test_support {

/// One request as it arrived.
struct ApiCall {
  std::string method, target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  bool has_client_certificate = false;
  std::string server_name;     ///< SNI
  std::size_t connection = 0;  ///< counted from 1
  std::string header(const std::string& name) const;
  /// Of the query, decoded as far as tests need it; nothing when it is absent.
  std::optional<std::string> parameter(const std::string& name) const;
};

/// Answers one request; returns whether the connection stays open for another.
using ApiReply = std::function<bool(const ApiCall&, ServerConnection&)>;

ApiReply reply(int status, std::string body, std::string extra_headers = "");
/// A Status object: {"reason": …, "code": …}; `details` is JSON.
ApiReply refusal(int code, std::string_view reason, std::string extra_headers = "",
                 std::string_view details = "{}");
/// 200 with one chunk for each piece, sent apart, and an orderly end.
ApiReply chunks(std::vector<std::string> pieces);
/// The head of such an answer, and one piece of it, for tests that do something in between.
void begin_chunks(ServerConnection& connection);
void send_chunk(ServerConnection& connection, std::string_view piece);
void end_chunks(ServerConnection& connection);
/// As chunks(), but then silence, until the client has had enough.
ApiReply chunks_then_silence(std::vector<std::string> pieces);
/// Exactly these bytes, and the end of the connection.
ApiReply raw(std::string bytes);
ApiReply hang_up();
ApiReply silence();
/// Calls `before`, then answers.
ApiReply after(std::function<void()> before, ApiReply then);

/// Answers requests with the replies it was given, in order, whatever the connection; then always in the same
/// way: with silence, unless it was told otherwise.
class ApiServer {
 public:
  explicit ApiServer(std::optional<ServerTls> tls = std::nullopt);

  ApiServer& then(ApiReply reply);
  /// For a server with a state: called by the connections' threads, several at a time.
  ApiServer& otherwise(ApiReply always);
  std::uint16_t port() const { return server_->port(); }
  /// Waits until `count` requests came; fewer when that takes too long.
  std::vector<ApiCall> calls(std::size_t count);
  std::size_t connections() const { return server_->connections(); }

 private:
  void serve(ServerConnection& connection);
  static std::optional<ApiCall> receive(ServerConnection& connection, std::string& buffered);
  ApiReply record(ApiCall call);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<ApiReply> replies_;
  ApiReply always_ = silence();
  std::vector<ApiCall> calls_;
  std::size_t connections_ = 0;
  const bool tls_;
  std::unique_ptr<ScriptedServer> server_;  ///< last: its threads use the others
};

}  // namespace tlswarden::test_support
