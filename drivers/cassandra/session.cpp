#include "drivers/cassandra/session.hpp"

#include <utility>

#include "drivers/cassandra/body.hpp"
#include "drivers/cassandra/exchange.hpp"
#include "drivers/cassandra/options.hpp"
#include "drivers/cassandra/request.hpp"
#include "drivers/cassandra/session_facts.hpp"
#include "drivers/common/scrub.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;
using probe::Stage;
using Trouble = std::optional<probe::Failure>;

// DataStax Enterprise asks for the mechanism first, and for the password in a challenge.
constexpr std::string_view kDseAuthenticator = "com.datastax.bdp.cassandra.auth.DseAuthenticator";
constexpr std::string_view kPlainMechanism = "PLAIN";

// Made outside the coroutines: gcc 12 rejects an initializer list in an expression that is awaited.
base::Secret startup(std::string_view mark) {
  return startup_request({{"DRIVER_NAME", kDriverName}, {"DRIVER_VERSION", mark}});
}
base::Secret options() {
  return base::Secret(options_request());
}

/// The failure that a frame which was not wanted stands for.
probe::Failure unwanted(const Frame& frame) {
  if (frame.opcode == Opcode::kError) return to_failure(read_error(frame.body), Stage::kSession);
  return broken_answer(Cause::kMalformedMessage, Stage::kSession);
}

probe::Failure unknown_login() {
  return {.stage = Stage::kSession,
          .cause = Cause::kUnsupported,
          .message =
              "The node asks for another login than user and password; give tlswarden a role of "
              "PasswordAuthenticator, or remove spec.auth.",
          .peer_text = {},
          .code = {}};
}

net::Awaitable<Trouble> authenticate(Exchange& exchange, const Frame& demand,
                                     const probe::Credentials& credentials) {
  Body body(demand.body);
  if (body.string() == kDseAuthenticator) {
    const auto challenge = co_await exchange.ask(auth_response(kPlainMechanism));
    if (!challenge) co_return challenge.error();
    if (challenge->opcode != Opcode::kAuthChallenge) co_return unwanted(*challenge);
  }
  const auto answer = co_await exchange.ask(auth_response(credentials.username, credentials.password));
  if (!answer) co_return answer.error();
  if (answer->opcode == Opcode::kAuthSuccess) co_return std::nullopt;
  co_return answer->opcode == Opcode::kAuthChallenge ? unknown_login() : unwanted(*answer);
}

net::Awaitable<Trouble> log_in(Exchange& exchange, std::string_view mark,
                               const probe::Credentials& credentials) {
  const auto answer = co_await exchange.ask(startup(mark));
  if (!answer) co_return answer.error();
  if (answer->opcode == Opcode::kReady) co_return std::nullopt;
  if (answer->opcode != Opcode::kAuthenticate) co_return unwanted(*answer);
  co_return co_await authenticate(exchange, *answer, credentials);
}

net::Awaitable<base::Result<Rows, probe::Failure>> query(Exchange& exchange, std::string_view text) {
  const auto answer = co_await exchange.ask(query_request(text));
  if (!answer) co_return tl::unexpected(answer.error());
  if (answer->opcode != Opcode::kResult) co_return tl::unexpected(unwanted(*answer));
  auto rows = read_rows(answer->body);
  if (!rows) co_return tl::unexpected(broken_answer(rows.error(), Stage::kSession));
  co_return *std::move(rows);
}

net::Awaitable<Trouble> enter_keyspace(Exchange& exchange, std::string_view keyspace) {
  if (keyspace.empty()) co_return std::nullopt;
  const auto statement = use_statement(keyspace);
  auto entered = co_await query(exchange, statement);
  if (entered) co_return std::nullopt;
  auto& failure = entered.error();
  if (failure.code == "0x2200") {
    failure.cause = Cause::kDatabaseNotFound;
    failure.message = "The cluster has no such keyspace; check spec.auth.database.";
  }
  co_return std::move(failure);
}

net::Awaitable<probe::SessionObservation> converse(Exchange& exchange, const probe::Target& target) {
  probe::SessionObservation seen;
  const auto answer = co_await exchange.ask(options());
  if (!answer) {
    seen.failure = answer.error();
    co_return seen;
  }
  const auto supported =
      answer->opcode == Opcode::kSupported ? read_supported(answer->body) : std::optional<Supported>();
  if (!supported) {
    seen.failure = unwanted(*answer);
    co_return seen;
  }
  const auto mark = session_mark();
  seen.failure = co_await log_in(exchange, mark, *target.credentials);
  if (seen.failure) co_return seen;
  seen.logged_in = true;
  const auto release = co_await query(exchange, version_query(supported->scylla));
  if (release) seen.server_version = version_of(*release, supported->scylla);
  // Not every role may read every table; that says nothing against the login.
  if (!release && release.error().cause != Cause::kAccessRefused) seen.failure = release.error();
  if (seen.failure) co_return seen;
  const auto question = clients_query(mark, supported->scylla);
  const auto clients = co_await query(exchange, question);
  if (clients) take_encryption(*clients, seen);
  seen.failure = co_await enter_keyspace(exchange, target.database);
  co_return seen;
}

}  // namespace

net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context) {
  auto channel = co_await context.open_channel(context.target().mode == resource::TlsMode::kDisable);
  if (!channel) {
    probe::SessionObservation seen;
    seen.failure = channel.error();
    co_return seen;
  }
  Exchange exchange(*channel, context);
  auto seen = co_await converse(exchange, context.target());
  co_await channel->stream->close(context.deadline());
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), context.target().credentials->password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::cassandra
