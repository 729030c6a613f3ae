#include "drivers/redis/session.hpp"

#include <utility>

#include "drivers/common/scrub.hpp"
#include "drivers/redis/exchange.hpp"
#include "drivers/redis/server_error.hpp"
#include "drivers/redis/session_facts.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;
using probe::Stage;

// Made outside the coroutines: gcc 12 rejects an initializer list in an expression that is awaited.
base::Secret info_command() {
  return format_command({"INFO", "server"});
}
base::Secret client_info_command() {
  return format_command({"CLIENT", "INFO"});
}
base::Secret tls_port_command() {
  return format_command({"CONFIG", "GET", "tls-port"});
}
base::Secret quit_command() {
  return format_command({"QUIT"});
}

base::Secret auth_command(const probe::Credentials& credentials) {
  if (credentials.username.empty()) return format_command({"AUTH", credentials.password.reveal()});
  return format_command({"AUTH", credentials.username.reveal(), credentials.password.reveal()});
}

net::Awaitable<std::optional<probe::Failure>> log_in(Exchange& exchange,
                                                     const probe::Credentials& credentials) {
  if (credentials.username.empty() && credentials.password.empty()) co_return std::nullopt;
  const auto answer = co_await exchange.ask(auth_command(credentials));
  if (!answer) co_return answer.error();
  if (answer->type == Reply::Type::kError) co_return to_failure(*answer, Stage::kSession);
  co_return std::nullopt;
}

/// The server's own word on the encryption, as far as this account may read it.
net::Awaitable<probe::Tristate> ask_encryption(Exchange& exchange, std::string_view info) {
  const auto client = co_await exchange.ask(client_info_command());
  if (!client || client->type != Reply::Type::kString) co_return probe::Tristate::kUnknown;
  const auto port = local_port_of(client->text);
  if (!port) co_return probe::Tristate::kUnknown;
  const auto by_listeners = encrypted_by_listeners(info, *port);
  if (by_listeners != probe::Tristate::kUnknown) co_return by_listeners;
  const auto config = co_await exchange.ask(tls_port_command());
  co_return config ? encrypted_by_tls_port(*config, *port) : probe::Tristate::kUnknown;
}

net::Awaitable<probe::SessionObservation> converse(Exchange& exchange,
                                                   const probe::Credentials& credentials) {
  probe::SessionObservation seen;
  seen.failure = co_await log_in(exchange, credentials);
  if (seen.failure) co_return seen;
  const auto info = co_await exchange.ask(info_command());
  if (!info) {
    seen.failure = info.error();
    co_return seen;
  }
  // Without a password in the server AUTH may be left out, and INFO shows whether that was right.
  seen.logged_in = !info->is_error("NOAUTH") && !info->is_error("DENIED");
  if (info->type == Reply::Type::kError) seen.failure = to_failure(*info, Stage::kSession);
  if (!seen.logged_in) co_return seen;
  seen.server_version = version_of(info->text);
  seen.encrypted = co_await ask_encryption(exchange, info->text);
  co_await exchange.ask(quit_command());
  co_return seen;
}

/// A TLS listener ends the connection of a client that does not speak TLS without a word.
void explain_hang_up(probe::SessionObservation& seen) {
  auto& failure = seen.failure;
  if (seen.logged_in || !failure) return;
  if (failure->cause != Cause::kPeerClosed && failure->cause != Cause::kConnectionReset) return;
  failure->cause = Cause::kTlsRequired;
  failure->message = "The port does not answer a client without TLS.";
}

}  // namespace

net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context) {
  auto channel = co_await context.open_channel(context.target().mode == resource::TlsMode::kDisable);
  if (!channel) {
    probe::SessionObservation seen;
    seen.failure = channel.error();
    co_return seen;
  }
  const auto& credentials = *context.target().credentials;
  Exchange exchange(*channel->stream, context);
  auto seen = co_await converse(exchange, credentials);
  co_await channel->stream->close(context.deadline());
  if (!channel->encrypted) explain_hang_up(seen);
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), credentials.password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::redis
