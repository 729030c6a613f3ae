#include "drivers/mongodb/session.hpp"

#include <chrono>
#include <utility>

#include "drivers/common/relay.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/mongodb/library_login.hpp"
#include "drivers/mongodb/reply_watch.hpp"
#include "drivers/mongodb/server_error.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Cause;
using probe::Stage;

constexpr std::chrono::milliseconds kGoodbye{500};

probe::Failure session_failure(Cause cause, std::string message, std::string peer_text = {}) {
  return {.stage = Stage::kSession,
          .cause = cause,
          .message = std::move(message),
          .peer_text = std::move(peer_text),
          .code = {}};
}

/// A user without a password logs in with the certificate of the connection.
bool by_certificate(const probe::Target& target) {
  return target.credentials->password.empty() && target.material.client.has_value();
}

/// Why there was no login, from the one who knows best: the server, the relay, the library.
probe::Failure explain(LibraryReport& report, common::RelayOutcome& relayed, const ReplyWatch& watch,
                       bool encrypted) {
  if (report.seen.failure) return std::move(*report.seen.failure);
  if (watch.last_error()) {
    auto failure = to_failure(*watch.last_error(), Stage::kSession);
    // Servers that are not MongoDB's have other codes for a login that they refuse.
    if (report.refused && failure.cause == Cause::kServerError) {
      failure.cause = Cause::kAuthenticationFailed;
      failure.message = "The server refused the login; check the user and password of spec.auth.";
    }
    return failure;
  }
  const bool cut = !relayed || relayed->cause == Cause::kConnectionReset;
  if (!encrypted && !watch.heard() && cut) return tls_only(Stage::kSession);
  if (relayed) return std::move(*relayed);
  if (!watch.heard()) return broken_answer(Cause::kPeerClosed, Stage::kSession);
  if (report.refused) {
    return session_failure(Cause::kAuthenticationFailed,
                           "The client library broke the login off; check spec.auth.", report.words);
  }
  return session_failure(Cause::kServerError, "The login did not get to its end; the server's log says why.",
                         report.words);
}

}  // namespace

net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context) {
  probe::SessionObservation seen;
  const auto& target = context.target();
  auto channel = co_await context.open_channel(target.mode == resource::TlsMode::kDisable);
  if (!channel) {
    seen.failure = std::move(channel.error());
    co_return seen;
  }
  common::RelayOptions options;
  options.file_name = "mongodb.sock";
  auto relay = common::Relay::open(context.executor(), context.clock(), options);
  if (!relay) {
    seen.failure = session_failure(Cause::kInternal, std::move(relay.error().message));
    co_return seen;
  }
  const auto left = context.deadline().left(context.clock().monotonic());
  LibraryLogin login{.socket_path = (*relay)->path(),
                     .credentials = target.credentials,
                     .database = target.database,
                     .by_certificate = by_certificate(target),
                     .patience = std::chrono::ceil<std::chrono::milliseconds>(left)};
  ReplyWatch watch;
  auto library = [login = std::move(login)] { return log_in_blocking(login); };
  auto [relayed, report] = co_await common::serve(**relay, *channel->stream, watch, context.deadline(),
                                                  context.offload(), std::move(library));
  co_await channel->stream->close(context.deadline().at_most(context.clock().monotonic(), kGoodbye));
  if (!report.seen.logged_in) report.seen.failure = explain(report, relayed, watch, channel->encrypted);
  seen = std::move(report.seen);
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), target.credentials->password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::mongodb
