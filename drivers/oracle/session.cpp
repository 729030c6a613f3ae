#include "drivers/oracle/session.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/oracle/connect_request.hpp"
#include "drivers/oracle/exchange.hpp"
#include "drivers/oracle/listener_version.hpp"
#include "drivers/oracle/logon.hpp"
#include "drivers/oracle/server_error.hpp"
#include "drivers/oracle/ttc_request.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using probe::SessionObservation;

constexpr std::string_view kQuestion = "SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') FROM DUAL";

std::optional<probe::Failure> what_is_missing(const probe::Target& target) {
  if (!is_service_name(target.database))
    return session_failure(Cause::kDatabaseNotFound,
                           "Oracle is logged in to by the name of a service; set "
                           "spec.auth.database to it.");
  if (target.credentials->username.empty() || target.credentials->password.empty())
    return session_failure(Cause::kUnsupported,
                           "This build logs in to Oracle by user and password only; set both "
                           "in spec.auth, or neither.");
  return std::nullopt;
}

std::optional<probe::Failure> error_of(const base::Result<TtcAnswer, probe::Failure>& answer) {
  if (!answer) return answer.error();
  if (answer->error != 0) return to_failure(*answer);
  return std::nullopt;
}

net::Awaitable<std::optional<probe::Failure>> negotiate(Exchange& exchange) {
  const auto protocol = co_await exchange.ask(protocol_request(), Asked::kProtocol);
  if (auto failure = error_of(protocol)) co_return failure;
  const std::uint8_t fields = std::min(protocol->fields, kMostFields);
  exchange.set_fields(fields);
  const auto types = co_await exchange.ask(data_types_request(fields), Asked::kDataTypes);
  co_return error_of(types);
}

/// The answer to the challenge, computed off the loop.
net::Awaitable<base::Result<LogonAnswer, Cause>> answer_off_loop(probe::SessionContext& context,
                                                                 LogonChallenge challenge) {
  auto job = [challenge = std::move(challenge), credentials = context.target().credentials] {
    return answer_challenge(challenge, credentials->password, random_bytes);
  };
  co_return co_await context.offload().run(std::move(job));
}

std::string version_of(const TtcAnswer& answer) {
  const std::string text = answer.parameter("AUTH_VERSION_NO");
  std::uint32_t packed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), packed);
  return error == std::errc{} && packed != 0 ? full_version(packed) : std::string();
}

net::Awaitable<std::optional<probe::Failure>> log_in(probe::SessionContext& context, Exchange& exchange,
                                                     SessionObservation& seen) {
  const auto user = context.target().credentials->username.reveal();
  const auto asked = co_await exchange.ask(login_request(user), Asked::kLogin);
  if (auto failure = error_of(asked)) co_return failure;
  auto challenge = read_challenge(*asked);
  if (!challenge) co_return broken_message(challenge.error());
  const auto answer = co_await answer_off_loop(context, *std::move(challenge));
  if (!answer) co_return broken_message(answer.error());
  const auto told = co_await exchange.ask(login_answer(user, *answer), Asked::kLogin);
  if (auto failure = error_of(told)) co_return failure;
  if (!proves_itself(told->parameter("AUTH_SVR_RESPONSE"), answer->key)) {
    co_return session_failure(Cause::kAuthenticationFailed,
                              "The server took the login without showing that it knows the password itself; "
                              "check that it is the database that is meant.");
  }
  seen.logged_in = true;
  seen.server_version = version_of(*told);
  co_return std::nullopt;
}

/// The database's own word on how this session came.
net::Awaitable<probe::Tristate> ask_encryption(Exchange& exchange) {
  const auto answer = co_await exchange.ask(query_request(kQuestion, exchange.fields()), Asked::kQuery);
  if (!answer || answer->error != 0 || !answer->value) co_return probe::Tristate::kUnknown;
  const auto protocol = base::lower_ascii(*answer->value);
  if (protocol == "tcps") co_return probe::Tristate::kYes;
  co_return protocol == "tcp" ? probe::Tristate::kNo : probe::Tristate::kUnknown;
}

net::Awaitable<SessionObservation> converse(probe::SessionContext& context, Exchange& exchange) {
  SessionObservation seen;
  seen.failure = co_await exchange.connect();
  if (!seen.failure) seen.failure = co_await negotiate(exchange);
  if (!seen.failure) seen.failure = co_await log_in(context, exchange, seen);
  if (seen.failure) co_return seen;
  seen.encrypted = co_await ask_encryption(exchange);
  co_await exchange.ask(logoff_request(), Asked::kLogoff);
  co_await exchange.leave();
  co_return seen;
}

/// A TLS listener ends the connection of a client that does not speak TLS without a word.
void explain_hang_up(SessionObservation& seen) {
  auto& failure = seen.failure;
  if (seen.logged_in || !failure) return;
  if (failure->cause != Cause::kPeerClosed && failure->cause != Cause::kConnectionReset) return;
  failure->cause = Cause::kTlsRequired;
  failure->message = "The port does not answer a client without TLS.";
}

}  // namespace

net::Awaitable<SessionObservation> run_session(probe::SessionContext& context) {
  SessionObservation seen;
  seen.failure = what_is_missing(context.target());
  if (seen.failure) co_return seen;
  auto channel = co_await context.open_channel(context.target().mode == resource::TlsMode::kDisable);
  if (!channel) {
    seen.failure = channel.error();
    co_return seen;
  }
  Exchange exchange(*channel, context, context.target().database);
  seen = co_await converse(context, exchange);
  if (channel->stream) co_await channel->stream->close(context.deadline());
  if (!channel->encrypted) explain_hang_up(seen);
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), context.target().credentials->password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::oracle
