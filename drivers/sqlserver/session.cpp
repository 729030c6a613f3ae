#include "drivers/sqlserver/session.hpp"

#include <chrono>
#include <utility>

#include "drivers/common/relay.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/sqlserver/library_login.hpp"
#include "drivers/sqlserver/login_filter.hpp"
#include "drivers/sqlserver/negotiation.hpp"
#include "drivers/sqlserver/prelogin.hpp"
#include "probe/converse.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;
using probe::Tristate;
using resource::TlsMode;

constexpr std::chrono::milliseconds kGoodbye{500};

bool permits_plaintext(TlsMode mode) {
  return mode == TlsMode::kDisable || mode == TlsMode::kPrefer;
}

/// Says PRELOGIN where the channel is not past it: behind TLS that came first, and without TLS. Why not,
/// where the server minds.
net::Awaitable<std::optional<probe::Failure>> greet(probe::SessionContext& context,
                                                    probe::SessionChannel& channel) {
  if (!channel.findings.greeting.empty()) co_return std::nullopt;
  const probe::TlsObservation unlooked;
  const auto conversation = channel.encrypted ? make_strict_step(unlooked) : make_plaintext_attempt();
  probe::Transcript unread(false);
  const std::string peer = net::to_string(channel.address);
  auto conversed = co_await probe::converse(
      *channel.stream, *conversation,
      probe::ConverseOptions{probe::Stage::kSession, context.deadline(), peer, unread});
  channel.findings.greeting = std::move(conversed.findings.greeting);
  co_return std::move(conversed.failure);
}

/// Whether the server had been asked for TLS and answered that it insists. Babelfish 4 then denies in
/// sys.dm_exec_connections that the session is encrypted, which it is.
bool denies_what_it_forced(const probe::SessionChannel& channel) {
  if (!channel.encrypted || channel.findings.greeting.size() < kHeaderSize) return false;
  const auto reply = parse_prelogin_reply(base::ByteView(channel.findings.greeting).subspan(kHeaderSize));
  return reply && reply->encryption == Encryption::kRequired;
}

net::Awaitable<probe::SessionObservation> attempt(probe::SessionContext& context,
                                                  probe::SessionChannel& channel,
                                                  WireCredentials credentials) {
  common::RelayOptions options;
  options.listen = common::RelayOptions::Listen::kLoopback;  // FreeTDS knows no Unix sockets
  auto relay = common::Relay::open(context.executor(), context.clock(), options);
  if (!relay) {
    probe::SessionObservation none;
    none.failure = probe::Failure{.stage = probe::Stage::kSession,
                                  .cause = Cause::kInternal,
                                  .message = std::move(relay.error().message),
                                  .peer_text = {},
                                  .code = {}};
    co_return none;
  }
  LibraryLogin login{.port = (*relay)->port(),
                     .username_units = credentials.username_units(),
                     .password_units = credentials.password_units(),
                     .program = {},
                     .database = context.target().database};
  LoginFilter filter(channel.findings.greeting, std::move(credentials));
  login.program = filter.token();
  auto library = [login = std::move(login)] { return log_in_blocking(login); };
  auto [relayed, report] = co_await common::serve(**relay, *channel.stream, filter, context.deadline(),
                                                  context.offload(), std::move(library));
  if (relayed && !report.server_spoke) report.seen.failure = std::move(*relayed);
  co_return std::move(report.seen);
}

net::Awaitable<probe::SessionObservation> use(probe::SessionContext& context, probe::SessionChannel& channel,
                                              WireCredentials credentials) {
  auto refused = co_await greet(context, channel);
  if (!refused) co_return co_await attempt(context, channel, std::move(credentials));
  probe::SessionObservation none;
  if (refused->cause == Cause::kTlsRequired) none.plaintext_allowed = Tristate::kNo;
  none.failure = std::move(*refused);
  co_return none;
}

}  // namespace

net::Awaitable<probe::SessionObservation> log_in(probe::SessionContext& context) {
  probe::SessionObservation seen;
  auto credentials = encode_credentials(*context.target().credentials);
  if (!credentials) {
    seen.failure = std::move(credentials.error());
    co_return seen;
  }
  auto channel = co_await context.open_channel(permits_plaintext(context.target().mode));
  if (!channel) {
    seen.failure = std::move(channel.error());
    co_return seen;
  }
  seen = co_await use(context, *channel, std::move(*credentials));
  co_await channel->stream->close(context.deadline().at_most(context.clock().monotonic(), kGoodbye));
  if (seen.encrypted == Tristate::kNo && denies_what_it_forced(*channel)) seen.encrypted = Tristate::kUnknown;
  if (auto& failure = seen.failure)
    failure->peer_text =
        common::without_secret(std::move(failure->peer_text), context.target().credentials->password);
  co_return seen;
}

}  // namespace tlswarden::drivers::sqlserver
