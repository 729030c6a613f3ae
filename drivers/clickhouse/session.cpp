#include "drivers/clickhouse/session.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "drivers/clickhouse/first_word.hpp"
#include "drivers/common/http_exchange.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/common/tls_only.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;
using probe::Failure;
using probe::SessionObservation;
using probe::Stage;
using Channel = base::Result<probe::SessionChannel, Failure>;

/// A login in one of the protocols.
struct Attempt {
  SessionObservation seen;
  bool native_port = false;  ///< the other protocol is the right one; nothing was sent to log in
};

Attempt failed(Failure failure) {
  Attempt attempt;
  attempt.seen.failure = std::move(failure);
  return attempt;
}

net::Awaitable<Channel> open(probe::SessionContext& context) {
  return context.open_channel(context.target().mode == resource::TlsMode::kDisable);
}

Failure cannot_be_carried() {
  return {Stage::kSession,
          Cause::kUnsupported,
          "The user or password of spec.auth begins or ends with white space or holds a control character, "
          "which no HTTP header can carry; check the Secret for a line break at its end, or use the native "
          "port.",
          {},
          {}};
}

void take_answer(const common::HttpResponse& response, SessionObservation& seen) {
  if (const auto error = error_in(response)) {
    seen.failure = to_failure(*error, Stage::kSession);
    return;
  }
  seen.logged_in = true;
  seen.server_version = version_of(response);
}

/// The login itself, on a connection whose other end has proved to be ClickHouse.
net::Awaitable<Attempt> ask_version(common::HttpExchange& exchange, const probe::Target& target) {
  auto query = version_query(target);
  if (!query) co_return failed(cannot_be_carried());
  const auto answer = co_await exchange.ask(*std::move(query));
  if (!answer) co_return failed(answer.error());
  Attempt attempt;
  take_answer(*answer, attempt.seen);
  co_return attempt;
}

/// Asks first who is there: a native port, or one that is not ClickHouse's, shall not be told a password.
net::Awaitable<Attempt> log_in_by_http(probe::SessionContext& context, probe::SessionChannel& channel) {
  common::HttpExchange exchange(*channel.stream, context);
  auto ping = ping_request(context.target(), false);
  const auto answer = co_await exchange.ask(std::move(ping));
  if (!answer) {
    const bool foreign = answer.error().cause == Cause::kNotThisProtocol;
    co_return failed(foreign ? broken_answer(Cause::kNotThisProtocol, Stage::kSession) : answer.error());
  }
  const auto speaker = speaker_of(*answer);
  if (speaker == Speaker::kOther) co_return failed(broken_answer(Cause::kNotThisProtocol, Stage::kSession));
  if (speaker == Speaker::kNativePort) {
    Attempt attempt;
    attempt.native_port = true;
    co_return attempt;
  }
  if (answer->keeps_open) co_return co_await ask_version(exchange, context.target());
  // The server wants a connection for each request.
  auto second = co_await open(context);
  if (!second) co_return failed(second.error());
  common::HttpExchange again(*second->stream, context);
  auto attempt = co_await ask_version(again, context.target());
  co_await second->stream->close(context.deadline());
  co_return attempt;
}

net::Awaitable<Attempt> log_in_natively(probe::SessionContext& context, probe::SessionChannel& channel) {
  const auto& target = context.target();
  const std::string peer = net::to_string(context.address());
  const auto greeting =
      hello(target.database, target.credentials->username.reveal(), target.credentials->password.reveal());
  const auto written = co_await channel.stream->write_all(greeting.bytes(), context.deadline());
  if (!written) co_return failed(probe::failure_from(written.error(), Stage::kSession, peer));
  HelloReader reader;
  auto state = HelloReader::State::kReading;
  std::array<std::uint8_t, 4096> buffer{};
  while (state == HelloReader::State::kReading) {
    const auto count = co_await channel.stream->read_some(buffer, context.deadline());
    if (!count) co_return failed(probe::failure_from(count.error(), Stage::kSession, peer));
    state = reader.feed(base::ByteView(buffer).first(*count));
  }
  if (state == HelloReader::State::kBroken) co_return failed(broken_answer(reader.broken(), Stage::kSession));
  if (reader.error()) co_return failed(to_failure(*reader.error(), Stage::kSession));
  Attempt attempt;
  attempt.seen.logged_in = true;
  attempt.seen.server_version = reader.version();
  co_return attempt;
}

net::Awaitable<Attempt> log_in(probe::SessionContext& context, Protocol protocol) {
  auto channel = co_await open(context);
  if (!channel) co_return failed(channel.error());
  Attempt attempt;
  if (protocol == Protocol::kHttp) {
    attempt = co_await log_in_by_http(context, *channel);
  } else {
    attempt = co_await log_in_natively(context, *channel);
  }
  co_await channel->stream->close(context.deadline());
  if (!channel->encrypted) common::explain_hang_up(attempt.seen);
  co_return attempt;
}

}  // namespace

net::Awaitable<SessionObservation> run_session(probe::SessionContext& context) {
  auto attempt = co_await log_in(context, protocol_by_port(context.target().port));
  if (attempt.native_port) attempt = co_await log_in(context, Protocol::kNative);
  auto& seen = attempt.seen;
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), context.target().credentials->password);
  }
  co_return std::move(seen);
}

}  // namespace tlswarden::drivers::clickhouse
