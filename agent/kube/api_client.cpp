#include "kube/api_client.hpp"

#include <optional>
#include <utility>

#include "base/deadline.hpp"
#include "kube/connection_pool.hpp"
#include "kube/credentials.hpp"
#include "kube/json_text.hpp"
#include "kube/tls_contexts.hpp"

namespace tlswarden::kube {
namespace {

constexpr int kMostAttempts = 11;
constexpr std::chrono::seconds kPauseAfterBreak{1};
constexpr std::size_t kLargestStatus = std::size_t{256} << 10U;

/// One attempt's result, beside its error.
struct Attempt {
  std::optional<ApiError> error;
  bool stopped = false;
  bool delivered = false;  ///< the caller has seen a piece of the body
  bool reused = false;     ///< on a connection that had been idle
  base::Secret token;      ///< what it was made with
};

/// How long to wait before asking again; nothing when that must not be.
std::optional<std::chrono::nanoseconds> wait_before_retry(const ApiRequest& request, const Attempt& attempt) {
  const ApiError& error = *attempt.error;
  if (attempt.delivered) return std::nullopt;
  if (error.kind == ApiError::Kind::kStatus && (error.code == 429 || error.code >= 500))
    return error.retry_after;
  if (error.kind == ApiError::Kind::kBroken && request.verb == Verb::kGet) {
    // An idle connection that the server closed says nothing about the server.
    return attempt.reused ? std::chrono::seconds(0) : kPauseAfterBreak;
  }
  return std::nullopt;
}

}  // namespace

struct ApiClient::Impl {
  Impl(const ClusterAccess& access, ApiClientOptions given, const base::Clock& the_clock, Pause& the_pause,
       const Cancellation& the_cancellation)
      : options(std::move(given)),
        server(access.server),
        clock(the_clock),
        pause(the_pause),
        cancellation(the_cancellation),
        credentials(access, the_clock),
        contexts(access, the_clock),
        pool(server, the_clock, the_cancellation) {}

  Attempt attempt(const ApiRequest& request, const Sink& sink, base::Deadline deadline);
  std::optional<ApiError> connect_for(std::unique_ptr<HttpConnection>& connection, Grant& grant);
  bool credentials_changed(const Attempt& attempt, base::MonoTime began);
  base::Result<StreamEnd, ApiError> run(const ApiRequest& request, const Sink& sink);

  const ApiClientOptions options;
  const ServerAddress server;
  const base::Clock& clock;
  Pause& pause;
  const Cancellation& cancellation;
  Credentials credentials;
  TlsContexts contexts;
  ConnectionPool pool;
};

std::optional<ApiError> ApiClient::Impl::connect_for(std::unique_ptr<HttpConnection>& connection,
                                                     Grant& grant) {
  if (cancellation.cancelled()) {
    return ApiError{.kind = ApiError::Kind::kCancelled, .message = "the request was cancelled"};
  }
  auto granted = credentials.current(cancellation);
  if (!granted) {
    return ApiError{.kind = ApiError::Kind::kCredentials, .message = granted.error().message};
  }
  grant = std::move(*granted);
  TlsSettingPtr tls;
  if (server.secure) {
    auto setting = contexts.current(grant.identity);
    if (!setting) return ApiError{.kind = ApiError::Kind::kUntrusted, .message = setting.error().message};
    tls = *setting;
  }
  connection = pool.take(tls);
  return std::nullopt;
}

Attempt ApiClient::Impl::attempt(const ApiRequest& request, const Sink& sink, base::Deadline deadline) {
  Attempt attempt;
  Grant grant;
  std::unique_ptr<HttpConnection> connection;
  attempt.error = connect_for(connection, grant);
  if (attempt.error) return attempt;

  HttpRequest http{
      .method = to_string(request.verb),
      .target = server.prefix + target_of(request),
      .headers = {{"Accept", kJson}, {"Accept-Encoding", "gzip"}, {"User-Agent", options.user_agent}},
      .bearer = &grant.token,
      .body = request.body,
      .content_type = request.content_type};
  HttpHead head;
  std::string refusal;
  HttpReceiver receiver;
  receiver.head = [&](const HttpHead& received) {
    head = received;
    return head.status / 100 != 2 || sink({});
  };
  receiver.body = [&](std::string_view piece) {
    if (head.status / 100 == 2) {
      attempt.delivered = true;
      return sink(piece);
    }
    refusal.append(piece.substr(0, kLargestStatus - refusal.size()));
    return refusal.size() < kLargestStatus;
  };
  const auto outcome = connection->exchange(http, receiver, deadline);
  if (options.observer) options.observer(request.verb, outcome.answered ? head.status : 0);
  attempt.reused = outcome.reused;
  attempt.token = std::move(grant.token);
  const bool success = outcome.answered && head.status / 100 == 2;
  if (outcome.error && (success || !outcome.answered)) {
    attempt.error = transport_error(*outcome.error);
    if (outcome.reused) pool.clear();
  } else if (!success) {
    attempt.error = status_error(head.status, refusal, head.retry_after,
                                 std::string(to_string(request.verb)) + " " + request.path);
  }
  attempt.stopped = success && outcome.stopped;
  if (!outcome.error && !outcome.stopped) pool.give_back(std::move(connection));
  return attempt;
}

bool ApiClient::Impl::credentials_changed(const Attempt& attempt, base::MonoTime began) {
  credentials.rejected(began);
  const auto fresh = credentials.current(cancellation);
  return fresh && fresh->token.reveal() != attempt.token.reveal();
}

base::Result<ApiClient::StreamEnd, ApiError> ApiClient::Impl::run(const ApiRequest& request,
                                                                  const Sink& sink) {
  const base::Deadline deadline = base::Deadline::after(clock, request.timeout);
  const ApiError cancelled{.kind = ApiError::Kind::kCancelled, .message = "the request was cancelled"};
  if (request.verb != Verb::kGet && options.writes != nullptr &&
      !pause.wait(options.writes->take(), cancellation)) {
    return tl::unexpected(cancelled);
  }
  bool renewed = false;
  for (int made = 1;; ++made) {
    const base::MonoTime began = clock.monotonic();
    const Attempt last = attempt(request, sink, deadline);
    if (!last.error) return last.stopped ? StreamEnd::kStopped : StreamEnd::kEnded;
    if (last.error->code == 401 && !renewed && credentials_changed(last, began)) {
      renewed = true;
      continue;
    }
    const auto wait = wait_before_retry(request, last);
    if (!wait || made == kMostAttempts || *wait >= deadline.left(clock.monotonic())) {
      return tl::unexpected(*last.error);
    }
    if (!pause.wait(*wait, cancellation)) return tl::unexpected(cancelled);
  }
}

std::string user_agent(std::string_view version) {
  return "tlswarden/" + std::string(version) + " (linux/amd64) kubernetes/unknown";
}

ApiClient::ApiClient(const ClusterAccess& access, ApiClientOptions options, const base::Clock& clock,
                     Pause& pause, const Cancellation& cancellation)
    : impl_(std::make_unique<Impl>(access, std::move(options), clock, pause, cancellation)) {}

ApiClient::~ApiClient() = default;

base::Result<ApiClient::StreamEnd, ApiError> ApiClient::stream(const ApiRequest& request, const Sink& sink) {
  return impl_->run(request, sink);
}

base::Result<std::string, ApiError> ApiClient::call(const ApiRequest& request) {
  std::string body;
  const auto collect = [&](std::string_view piece) {
    if (piece.size() > request.largest_answer - body.size()) return false;
    body.append(piece);
    return true;
  };
  auto done = impl_->run(request, collect);
  if (!done) return tl::unexpected(std::move(done.error()));
  if (*done == StreamEnd::kStopped) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::kMalformed,
                                   .message = "the API server's answer to " +
                                              std::string(to_string(request.verb)) + " " + request.path +
                                              " is larger than any it should give"});
  }
  return body;
}

base::Result<nlohmann::ordered_json, ApiError> ApiClient::call_json(const ApiRequest& request) {
  auto body = call(request);
  if (!body) return tl::unexpected(std::move(body.error()));
  auto document = parse_json(*body);
  if (!document) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::kMalformed,
                                   .message = "the API server's answer to " +
                                              std::string(to_string(request.verb)) + " " + request.path +
                                              " is no JSON; check that the URL is an API server's"});
  }
  return std::move(*document);
}

}  // namespace tlswarden::kube
