#include "drivers/postgresql/session.hpp"

#include <memory>
#include <utility>

#include "drivers/common/relay.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/postgresql/connection_settings.hpp"
#include "drivers/postgresql/libpq.hpp"
#include "drivers/postgresql/login.hpp"
#include "drivers/postgresql/sasl_filter.hpp"
#include "drivers/postgresql/startup.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;

probe::SessionObservation failed(probe::Failure failure) {
  probe::SessionObservation seen;
  seen.failure = std::move(failure);
  return seen;
}

probe::SessionObservation failed(Cause cause, std::string message) {
  return failed({.stage = probe::Stage::kSession,
                 .cause = cause,
                 .message = std::move(message),
                 .peer_text = {},
                 .code = {}});
}

/// Behind a bastion there is nothing that libpq could connect to by itself.
bool needs_relay(const probe::Target& target) {
  if (target.bastion) return true;
  return target.negotiation == resource::NegotiationStyle::kDirect &&
         target.mode != resource::TlsMode::kDisable && PQlibVersion() < kFirstDirectVersion;
}

/// The blocking part, self-contained: it may outlive the coroutine that waits for it.
auto login_job(ConnectionSettings settings, probe::SessionContext& context) {
  return
      [settings = std::make_shared<ConnectionSettings>(std::move(settings)), engine = context.target().engine,
       identity = identity_of(context.target()), deadline = context.deadline(),
       &clock = context.clock()] { return log_in(*settings, engine, identity, deadline, clock); };
}

net::Awaitable<probe::SessionObservation> run_native(probe::SessionContext& context) {
  auto settings = ConnectionSettings::native(context.target(), context.address());
  if (!settings)
    co_return failed(Cause::kChannelTooWeak, "The login was withheld: " + settings.error().message + ".");
  auto job = login_job(std::move(*settings), context);
  co_return co_await context.offload().run(std::move(job));
}

net::Awaitable<probe::SessionObservation> run_relayed(probe::SessionContext& context) {
  // libpq's own fallback from prefer goes by the same rules as the prober's.
  const bool may_be_plain = context.target().bastion && context.target().mode < resource::TlsMode::kRequire;
  auto channel = co_await context.open_channel(may_be_plain);
  if (!channel) co_return failed(channel.error());
  auto relay = common::Relay::open(context.executor(), context.clock(), {.file_name = ".s.PGSQL.5432"});
  if (!relay) co_return failed(Cause::kInternal, relay.error().message);
  auto settings = ConnectionSettings::relayed(context.target(), (*relay)->directory());
  SaslFilter filter;
  auto job = login_job(std::move(settings), context);
  auto [relayed, seen] = co_await common::serve(**relay, *channel->stream, filter, context.deadline(),
                                                context.offload(), std::move(job));
  co_await channel->stream->close(context.deadline());
  // What broke the relay is nearer to the truth than what libpq made of its end.
  if (!seen.logged_in && relayed) seen.failure = std::move(relayed);
  co_return std::move(seen);
}

/// libpq starts TLS in band unless told otherwise. A proxy that expects TLS first hangs up on that; the
/// prober's own connection then finds the way that the check has found.
bool may_need_direct(const probe::Target& target, const probe::SessionObservation& seen) {
  if (target.negotiation != resource::NegotiationStyle::kAuto || target.mode == resource::TlsMode::kDisable)
    return false;
  if (!resource::engine_facts(target.engine).direct) return false;
  if (seen.logged_in || !seen.failure || !seen.failure->code.empty()) return false;
  return seen.failure->cause == Cause::kPeerClosed || seen.failure->cause == Cause::kConnectionReset;
}

}  // namespace

net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context) {
  const auto& credentials = *context.target().credentials;
  if (credentials.username.empty()) {
    co_return failed(Cause::kAuthenticationFailed,
                     "spec.auth.username is missing: PostgreSQL has no login without one.");
  }
  // Two statements: GCC 12 destroys what a conditional operator awaits twice.
  probe::SessionObservation seen;
  if (needs_relay(context.target())) {
    seen = co_await run_relayed(context);
  } else {
    seen = co_await run_native(context);
    if (may_need_direct(context.target(), seen)) seen = co_await run_relayed(context);
  }
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), credentials.password);
    seen.failure->message = common::without_secret(std::move(seen.failure->message), credentials.password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::postgresql
