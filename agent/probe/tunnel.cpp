#include "probe/tunnel.hpp"

#include <utility>

#include "probe/io_failure.hpp"

namespace tlswarden::probe {
namespace {

using Kind = net::TunnelError::Kind;

Cause cause_of(const net::TunnelError& error) {
  switch (error.kind) {
    case Kind::kBastionUnreachable:
      return failure_from(net::IoError{error.network, {}}, Stage::kTunnel, {}).cause;
    case Kind::kNotSsh:
      return Cause::kNotThisProtocol;
    case Kind::kHostKeyUnknown:
      return Cause::kHostKeyUnknown;
    case Kind::kHostKeyMismatch:
      return Cause::kHostKeyMismatch;
    case Kind::kKeyUnusable:
      return Cause::kTunnelKeyUnusable;
    case Kind::kKeyRefused:
      return Cause::kTunnelKeyRefused;
    case Kind::kForwardingRefused:
      return Cause::kForwardingRefused;
    case Kind::kTargetUnreachable:
      return Cause::kUnreachableByBastion;
    case Kind::kLost:
      return Cause::kTunnelLost;
    case Kind::kCancelled:
      return Cause::kCancelled;
    case Kind::kInternal:
      break;
  }
  return Cause::kInternal;
}

}  // namespace

Failure failure_from(const net::TunnelError& error, Stage stage) {
  const bool about_server = error.kind == Kind::kForwardingRefused || error.kind == Kind::kTargetUnreachable;
  return Failure{about_server ? stage : Stage::kTunnel, cause_of(error), error.message, error.peer_text, {}};
}

net::Awaitable<std::optional<Failure>> reach_bastion(const ProberServices& services, const Target& target,
                                                     base::Deadline deadline) {
  const auto reached = co_await services.tunnels.reach(target.bastion, deadline);
  if (reached) co_return std::nullopt;
  co_return failure_from(reached.error(), Stage::kTunnel);
}

net::Awaitable<base::Result<Connected, Failure>> connect_to_server(const ProberServices& services,
                                                                   const Target& target,
                                                                   const std::vector<net::Address>& addresses,
                                                                   base::Deadline deadline) {
  if (!target.bastion) {
    co_return co_await connect_first(services.connector, services.clock, addresses, deadline);
  }
  if (addresses.empty())
    co_return tl::unexpected(Failure{Stage::kConnect, Cause::kInternal, "There is no address.", {}, {}});
  // The bastion resolves the name and goes through the addresses itself.
  const net::Address& server = addresses.front();
  auto stream = co_await services.tunnels.connect(target.bastion, server.ip, server.port, deadline);
  if (!stream) co_return tl::unexpected(failure_from(stream.error(), Stage::kConnect));
  co_return Connected{*std::move(stream), server};
}

void restage(Failure& failure, Stage stage) {
  if (failure.stage != Stage::kTunnel) failure.stage = stage;
}

}  // namespace tlswarden::probe
