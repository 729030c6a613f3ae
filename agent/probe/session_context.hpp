#pragma once

#include "probe/driver.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

/// The services for the login of one check. References must outlive it.
class LiveSessionContext final : public SessionContext {
 public:
  LiveSessionContext(Workshop& workshop, const Target& target, const Driver& driver, net::Address address,
                     base::Deadline deadline, net::Executor executor);

  const Target& target() const override { return target_; }
  base::Deadline deadline() const override { return deadline_; }
  net::OffloadPool& offload() override { return workshop_.services.offload; }
  const base::Clock& clock() const override { return workshop_.services.clock; }
  net::Executor executor() override { return executor_; }
  const net::Address& address() const override { return address_; }
  net::Awaitable<base::Result<SessionChannel, Failure>> open_channel(bool allow_plaintext) override;
  net::Awaitable<base::Result<SessionChannel, Failure>> renew_channel(SessionChannel channel) override;

 private:
  net::Awaitable<base::Result<SessionChannel, Failure>> open_encrypted();
  net::Awaitable<base::Result<SessionChannel, Failure>> open_plaintext();

  Workshop& workshop_;
  const Target& target_;
  const Driver& driver_;
  net::Address address_;
  base::Deadline deadline_;
  net::Executor executor_;
};

}  // namespace tlswarden::probe
