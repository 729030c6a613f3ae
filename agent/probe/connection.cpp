#include "probe/connection.hpp"

#include <optional>
#include <utility>

#include "probe/io_failure.hpp"

namespace tlswarden::probe {
namespace {

/// How much an address that did not accept has told: a refusal comes from the machine itself, no route from
/// our own.
int weight(net::IoError::Kind kind) {
  switch (kind) {
    case net::IoError::Kind::kConnectionRefused:
    case net::IoError::Kind::kConnectionReset:
      return 3;
    case net::IoError::Kind::kTimedOut:
      return 2;
    case net::IoError::Kind::kNetworkUnreachable:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

net::Awaitable<base::Result<Connected, Failure>> connect_first(net::Connector& connector,
                                                               const base::Clock& clock,
                                                               const std::vector<net::Address>& addresses,
                                                               base::Deadline deadline) {
  std::optional<std::pair<net::IoError, net::Address>> closest;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const base::MonoTime now = clock.monotonic();
    const auto share = deadline.left(now) / static_cast<std::int64_t>(addresses.size() - i);
    auto stream = co_await connector.connect(addresses[i], deadline.at_most(now, share));
    if (stream) co_return Connected{*std::move(stream), addresses[i]};
    if (!closest || weight(stream.error().kind) > weight(closest->first.kind)) {
      closest.emplace(stream.error(), addresses[i]);
    }
    if (stream.error().kind == net::IoError::Kind::kCancelled) break;
  }
  if (!closest)
    co_return tl::unexpected(Failure{Stage::kConnect, Cause::kInternal, "There is no address.", {}, {}});
  co_return tl::unexpected(failure_from(closest->first, Stage::kConnect, net::to_string(closest->second)));
}

}  // namespace tlswarden::probe
