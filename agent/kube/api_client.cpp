#include "kube/api_client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/deadline.hpp"
#include "kube/connection_pool.hpp"
#include "kube/credentials.hpp"
#include "kube/json_text.hpp"
#include "kube/server_warnings.hpp"
#include "kube/tls_contexts.hpp"

namespace tlswarden::kube {
namespace {

constexpr int kMostAttempts = 11;
constexpr std::chrono::seconds kPauseAfterBreak{1};
/// Beyond what the server itself asks for.
constexpr std::chrono::seconds kLongestPause{30};
constexpr std::size_t kLargestStatus = std::size_t{256} << 10U;

/// One attempt's result, beside its error.
struct Attempt {
  std::optional<ApiError> error;
  bool stopped = false;
  bool delivered = false;  ///< the caller has seen a piece of the body
  bool reused = false;     ///< on a connection that had been idle
  Grant grant;             ///< what it was made with
  base::MonoTime granted_at{};
};

ApiError cancelled() {
  return ApiError{.kind = ApiError::Kind::kCancelled, .message = "the request was cancelled"};
}

/// What the server asks for, twice as long with each further time: a busy server says one second to
/// everybody, and hundreds of watches that all believe it would keep it busy.
std::chrono::nanoseconds patience(std::chrono::nanoseconds asked, int count) {
  std::chrono::nanoseconds span = asked;
  for (int i = 1; i < count && span < kLongestPause; ++i)
    span *= 2;
  return std::max<std::chrono::nanoseconds>(asked, std::min<std::chrono::nanoseconds>(span, kLongestPause));
}

/// How long to wait before asking again after attempt number `count`; nothing when that must not be.
std::optional<std::chrono::nanoseconds> wait_before_retry(const ApiRequest& request, const Attempt& attempt,
                                                          int count) {
  const ApiError& error = *attempt.error;
  if (attempt.delivered) return std::nullopt;
  if (error.kind == ApiError::Kind::kStatus && (error.code == 429 || error.code >= 500)) {
    if (!error.retry_after) return std::nullopt;
    return patience(*error.retry_after, count);
  }
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
        pool(server, the_clock) {}

  base::Result<StreamEnd, ApiError> run(const ApiRequest& request, const Sink& sink);
  void attempt(const ApiRequest& request, const Sink& sink, base::Deadline deadline, Attempt& made);
  /// A connection, and what to authorise the request with in `made`.
  base::Result<std::unique_ptr<HttpConnection>, ApiError> prepare(const Cancellation& until, Attempt& made);
  void pass_on_warnings(const HttpHead& head) const;
  HttpRequest compose(const ApiRequest& request, const Grant& grant) const;
  bool credentials_changed(const Attempt& made, const Cancellation& until);

  const ApiClientOptions options;
  const ServerAddress server;
  const base::Clock& clock;
  Pause& pause;
  const Cancellation& cancellation;
  Credentials credentials;
  TlsContexts contexts;
  ConnectionPool pool;
};

base::Result<std::unique_ptr<HttpConnection>, ApiError> ApiClient::Impl::prepare(const Cancellation& until,
                                                                                 Attempt& made) {
  if (until.cancelled()) return tl::unexpected(cancelled());
  auto granted = credentials.current(until);
  if (!granted) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::kCredentials, .message = granted.error().message});
  }
  made.grant = std::move(*granted);
  made.granted_at = clock.monotonic();
  TlsSettingPtr tls;
  if (server.secure) {
    auto setting = contexts.current(made.grant.identity);
    if (!setting) {
      return tl::unexpected(ApiError{.kind = ApiError::Kind::kUntrusted, .message = setting.error().message});
    }
    tls = *setting;
  }
  return pool.take(tls);
}

HttpRequest ApiClient::Impl::compose(const ApiRequest& request, const Grant& grant) const {
  return {.method = to_string(request.verb),
          .target = server.prefix + target_of(request),
          .headers = {{"Accept", request.accept},
                      {"Accept-Encoding", "gzip"},
                      {"User-Agent", options.user_agent}},
          .bearer = &grant.token,
          .body = request.body,
          .content_type = request.content_type};
}

void ApiClient::Impl::pass_on_warnings(const HttpHead& head) const {
  if (!options.warned) return;
  for (const std::string& header : head.warnings) {
    for (const std::string& text : warning_texts(header))
      options.warned(text);
  }
}

void ApiClient::Impl::attempt(const ApiRequest& request, const Sink& sink, base::Deadline deadline,
                              Attempt& made) {
  const Cancellation& until = request.cancellation != nullptr ? *request.cancellation : cancellation;
  auto connection = prepare(until, made);
  if (!connection) {
    made.error = std::move(connection.error());
    return;
  }
  HttpHead head;
  std::string refusal;
  HttpReceiver receiver;
  receiver.head = [&](const HttpHead& received) {
    head = received;
    pass_on_warnings(head);
    return head.status / 100 != 2 || sink({});
  };
  receiver.body = [&](std::string_view piece) {
    if (head.status / 100 == 2) {
      made.delivered = true;
      return sink(piece);
    }
    refusal.append(piece.substr(0, kLargestStatus - refusal.size()));
    return refusal.size() < kLargestStatus;
  };
  const auto outcome = (*connection)->exchange(compose(request, made.grant), receiver, deadline, until);
  if (options.observer) options.observer(request.verb, outcome.answered ? head.status : 0);
  made.reused = outcome.reused;
  const bool success = outcome.answered && head.status / 100 == 2;
  if (outcome.error && (success || !outcome.answered)) {
    made.error = transport_error(*outcome.error);
    if (outcome.reused) pool.clear();
  } else if (!success) {
    made.error = status_error(head.status, refusal, head.retry_after,
                              std::string(to_string(request.verb)) + " " + request.path);
  }
  made.stopped = success && outcome.stopped;
  if (!outcome.error && !outcome.stopped) pool.give_back(std::move(*connection));
}

bool ApiClient::Impl::credentials_changed(const Attempt& made, const Cancellation& until) {
  credentials.rejected(made.granted_at);
  const auto fresh = credentials.current(until);
  return fresh &&
         (fresh->token.reveal() != made.grant.token.reveal() || fresh->identity != made.grant.identity);
}

base::Result<ApiClient::StreamEnd, ApiError> ApiClient::Impl::run(const ApiRequest& request,
                                                                  const Sink& sink) {
  const base::Deadline deadline = base::Deadline::after(clock, request.timeout);
  const Cancellation& until = request.cancellation != nullptr ? *request.cancellation : cancellation;
  if (request.verb != Verb::kGet && options.writes != nullptr && !pause.wait(options.writes->take(), until)) {
    return tl::unexpected(cancelled());
  }
  bool renewed = false;
  for (int count = 1;; ++count) {
    Attempt made;
    attempt(request, sink, deadline, made);
    if (!made.error) return made.stopped ? StreamEnd::kStopped : StreamEnd::kEnded;
    if (made.error->code == 401 && !renewed && credentials_changed(made, until)) {
      renewed = true;
      continue;
    }
    const auto wait = wait_before_retry(request, made, count);
    if (!wait || count == kMostAttempts || *wait >= deadline.left(clock.monotonic())) {
      return tl::unexpected(std::move(*made.error));
    }
    if (!pause.wait(*wait, until)) return tl::unexpected(cancelled());
  }
}

std::string user_agent(std::string_view version) {
#if defined(__aarch64__)
  constexpr const char* kArchitecture = "arm64";
#elif defined(__x86_64__)
  constexpr const char* kArchitecture = "amd64";
#else
  constexpr const char* kArchitecture = "unknown";
#endif
  return "tlswarden/" + std::string(version) + " (linux/" + kArchitecture + ") kubernetes/unknown";
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
