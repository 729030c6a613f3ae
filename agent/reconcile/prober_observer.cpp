#include "reconcile/prober_observer.hpp"

#include <utility>

namespace tlswarden::reconcile {
namespace {

class ProberObserver final : public Observer {
 public:
  ProberObserver(const base::Clock& clock, const probe::DriverRegistry& drivers, std::size_t offload_threads)
      : offload_(std::make_unique<net::OffloadPool>(offload_threads)),
        resolver_(net::make_system_resolver(*offload_, clock)),
        dns_(net::make_system_dns_client(*offload_, clock)),
        connector_(net::make_tcp_connector(clock)),
        prober_({clock, *resolver_, *dns_, *connector_, *offload_, drivers}) {}

  net::Awaitable<probe::Observation> observe(probe::Target target) override {
    return prober_.observe(std::move(target));
  }

  void join() override { offload_.reset(); }

 private:
  std::unique_ptr<net::OffloadPool> offload_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::DnsClient> dns_;
  std::unique_ptr<net::Connector> connector_;
  probe::Prober prober_;
};

}  // namespace

std::unique_ptr<Observer> make_prober_observer(const base::Clock& clock, const probe::DriverRegistry& drivers,
                                               std::size_t offload_threads) {
  return std::make_unique<ProberObserver>(clock, drivers, offload_threads);
}

}  // namespace tlswarden::reconcile
