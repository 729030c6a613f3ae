#include "drivers/mysql/session.hpp"

#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "drivers/common/relay.hpp"
#include "drivers/common/scrub.hpp"
#include "drivers/mysql/library_login.hpp"
#include "drivers/mysql/login_filter.hpp"
#include "drivers/mysql/server_error.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using probe::Cause;
using probe::Failure;
using resource::TlsMode;

constexpr std::chrono::milliseconds kGoodbye{500};

struct Attempt {
  probe::SessionObservation seen;
  bool encrypted = false;
  bool tls_offered = false;
  bool authenticated = false;

  /// The failure with which the server calls the password wrong, or null. It may have another reason.
  Failure* denial() {
    if (seen.logged_in || !seen.failure || seen.failure->code != std::to_string(kAccessDenied))
      return nullptr;
    return &*seen.failure;
  }
};

bool permits_plaintext(TlsMode mode) {
  return mode == TlsMode::kDisable || mode == TlsMode::kPrefer;
}

/// The relay and its filter know better than the library why a login broke off; the server's own answer beats
/// both.
void prefer_relays_word(LibraryReport& report, common::RelayOutcome relayed) {
  const bool server_spoke = report.code != 0 && !report.library_error;
  if (relayed && !server_spoke) report.seen.failure = std::move(*relayed);
}

void name_login_method(LibraryReport& report, const LoginFilter& filter) {
  if (!report.seen.failure || report.seen.failure->cause != Cause::kUnsupported || filter.plugin().empty())
    return;
  report.seen.failure->message =
      "The account logs in with " + base::printable(filter.plugin(), 64) +
      ", which is not supported here; give the account used for checks another plugin.";
}

net::Awaitable<Attempt> attempt(probe::SessionContext& context, probe::SessionChannel& channel) {
  Attempt made;
  made.encrypted = channel.encrypted;
  made.tls_offered = channel.findings.tls_offer != probe::Offer::kNotOffered;
  // Towards a Unix socket the library sends passwords in the clear; that is right only where the wire is
  // encrypted.
  using Listen = common::RelayOptions::Listen;
  common::RelayOptions options;
  options.listen = channel.encrypted ? Listen::kUnix : Listen::kLoopback;
  auto relay = common::Relay::open(context.executor(), context.clock(), options);
  if (!relay) {
    made.seen.failure = Failure{.stage = probe::Stage::kSession,
                                .cause = Cause::kInternal,
                                .message = std::move(relay.error().message),
                                .peer_text = {},
                                .code = {}};
    co_return made;
  }
  const auto left = context.deadline().left(context.clock().monotonic());
  LibraryLogin login{.socket_path = channel.encrypted ? (*relay)->path() : std::string(),
                     .port = (*relay)->port(),
                     .credentials = context.target().credentials,
                     .database = context.target().database,
                     .encrypted = channel.encrypted,
                     .patience = std::chrono::ceil<std::chrono::seconds>(left)};
  LoginFilter filter(channel.encrypted, std::move(channel.findings.greeting));
  auto library = [login = std::move(login)] { return log_in_blocking(login); };
  auto [relayed, report] = co_await common::serve(**relay, *channel.stream, filter, context.deadline(),
                                                  context.offload(), std::move(library));
  co_await channel.stream->close(context.deadline().at_most(context.clock().monotonic(), kGoodbye));
  prefer_relays_word(report, std::move(relayed));
  name_login_method(report, filter);
  if (auto& failure = report.seen.failure)
    failure->peer_text =
        common::without_secret(std::move(failure->peer_text), context.target().credentials->password);
  made.authenticated = report.authenticated;
  made.seen = std::move(report.seen);
  probe::Tristate& admitted = made.encrypted ? made.seen.admitted_over_tls : made.seen.admitted_in_plaintext;
  if (made.authenticated) {
    admitted = probe::Tristate::kYes;
  } else if (made.denial() != nullptr) {
    admitted = probe::Tristate::kNo;
  }
  co_return made;
}

/// A server answers the same to a wrong password and to a lack of what the account demands besides.
void name_both_reasons(Attempt& made, const probe::Target& target) {
  Failure* denial = made.denial();
  if (denial == nullptr || denial->cause != Cause::kAuthenticationFailed || target.material.client) return;
  if (!made.encrypted && !made.tls_offered) return;
  denial->message =
      "The server denies access to this account: the password is wrong, or the account demands a client "
      "certificate (REQUIRE X509) and spec.tls.clientCertificate declares none.";
}

/// A plaintext login was denied. If the same one succeeds over TLS, the lack of TLS was the reason.
net::Awaitable<void> find_reason(probe::SessionContext& context, Attempt& made) {
  Failure* denial = made.denial();
  if (denial == nullptr || made.encrypted || !made.tls_offered) co_return;
  auto channel = co_await context.open_channel(false);
  if (!channel) co_return;
  const auto again = co_await attempt(context, *channel);
  made.seen.admitted_over_tls = again.seen.admitted_over_tls;
  if (!again.authenticated) co_return;
  denial->cause = Cause::kTlsRequired;
  denial->message =
      "The server admits this account over TLS only (REQUIRE SSL or require_secure_transport); use tls.mode "
      "require or stronger.";
  made.seen.server_version = again.seen.server_version;
  made.seen.plaintext_allowed = probe::Tristate::kNo;
}

}  // namespace

net::Awaitable<probe::SessionObservation> log_in(probe::SessionContext& context) {
  auto channel = co_await context.open_channel(permits_plaintext(context.target().mode));
  if (!channel) {
    probe::SessionObservation none;
    none.failure = std::move(channel.error());
    co_return none;
  }
  auto made = co_await attempt(context, *channel);
  co_await find_reason(context, made);
  if (made.seen.failure && made.seen.failure->cause == Cause::kTlsRequired)
    made.seen.plaintext_allowed = probe::Tristate::kNo;
  name_both_reasons(made, context.target());
  co_return std::move(made.seen);
}

}  // namespace tlswarden::drivers::mysql
