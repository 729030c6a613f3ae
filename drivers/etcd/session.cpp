#include "drivers/etcd/session.hpp"

#include <utility>

#include "drivers/common/http_exchange.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/common/tls_only.hpp"
#include "drivers/etcd/answer.hpp"
#include "drivers/etcd/request.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using probe::Failure;
using probe::SessionObservation;
using probe::Stage;
using Answer = base::Result<common::HttpResponse, Failure>;

/// One session at the gateway: the connection and the token.
class Gateway {
 public:
  Gateway(net::ByteStream& stream, const probe::SessionContext& context)
      : exchange_(stream, context), target_(context.target()) {}

  /// Nothing where the login succeeded, or where there is no password and a certificate stands for one.
  net::Awaitable<std::optional<Failure>> log_in() {
    if (target_.credentials->password.empty()) co_return std::nullopt;
    const auto body = authenticate_body(*target_.credentials);
    auto answer = co_await ask("/v3/auth/authenticate", body);
    if (!answer) co_return answer.error();
    token_ = token_in(*answer);
    base::wipe_memory(answer->body.data(), answer->body.size());
    if (token_.empty()) co_return broken_answer(probe::Cause::kMalformedMessage, Stage::kSession);
    co_return std::nullopt;
  }

  net::Awaitable<Answer> ask(std::string_view path) {
    const base::Secret nothing("{}");
    co_return co_await ask(path, nothing);
  }

 private:
  /// The answer where it is a success.
  net::Awaitable<Answer> ask(std::string_view path, const base::Secret& body) {
    auto request = gateway_request(target_, path, token_.reveal(), body);
    auto answer = co_await exchange_.ask(std::move(request));
    if (!answer) co_return tl::unexpected(answer.error());
    if (auto failure = failure_in(*answer)) co_return tl::unexpected(*std::move(failure));
    co_return answer;
  }

  common::HttpExchange exchange_;
  const probe::Target& target_;
  base::Secret token_;
};

net::Awaitable<SessionObservation> converse(Gateway& gateway) {
  SessionObservation seen;
  seen.failure = co_await gateway.log_in();
  if (seen.failure) co_return seen;
  const auto answer = co_await gateway.ask("/v3/maintenance/status");
  if (!answer) {
    seen.failure = answer.error();
    co_return seen;
  }
  seen.logged_in = true;
  const auto status = status_in(*answer);
  seen.server_version = status.version;
  const auto members = co_await gateway.ask("/v3/cluster/member/list");
  if (members) seen.encrypted = encrypted_by(*members, status.member_id);
  co_return seen;
}

}  // namespace

net::Awaitable<SessionObservation> run_session(probe::SessionContext& context) {
  auto channel = co_await context.open_channel(context.target().mode == resource::TlsMode::kDisable);
  if (!channel) {
    SessionObservation seen;
    seen.failure = channel.error();
    co_return seen;
  }
  Gateway gateway(*channel->stream, context);
  auto seen = co_await converse(gateway);
  co_await channel->stream->close(context.deadline());
  if (!channel->encrypted) common::explain_hang_up(seen);
  if (seen.failure) {
    seen.failure->peer_text =
        common::without_secret(std::move(seen.failure->peer_text), context.target().credentials->password);
  }
  co_return seen;
}

}  // namespace tlswarden::drivers::etcd
