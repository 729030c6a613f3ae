#include "probe/prober.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "probe/journal.hpp"
#include "probe/members.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

struct Prober::Impl {
  explicit Impl(ProberServices services)
      : workshop{services, {}, pki::CertificateInterner(), pki::VerificationCache()} {}
  Workshop workshop;
};

Prober::Prober(ProberServices services) : impl_(std::make_unique<Impl>(services)) {}
Prober::~Prober() = default;

net::Awaitable<Observation> Prober::observe(Target target, Progress progress) {
  // A cancelled check says so in what it saw, like any other ending.
  const bool throwing = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const base::Clock& clock = impl_->workshop.services.clock;
  Journal journal(clock, target.transcript, std::move(progress));
  const base::Deadline deadline = base::Deadline::after(clock, target.timeout);
  Observation seen = co_await check_members(impl_->workshop, target, journal, deadline);
  seen.stages = journal.take_stages();
  seen.transcript = journal.transcript().take();
  co_await boost::asio::this_coro::throw_if_cancelled(throwing);
  co_return seen;
}

}  // namespace tlswarden::probe
