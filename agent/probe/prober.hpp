#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "net/awaitable.hpp"
#include "net/byte_stream.hpp"
#include "net/dns_client.hpp"
#include "net/offload_pool.hpp"
#include "net/resolver.hpp"
#include "probe/driver.hpp"
#include "probe/observation.hpp"
#include "probe/target.hpp"

namespace tlswarden::probe {

/// The prober's surroundings; each reference outlives the prober.
struct ProberServices {
  const base::Clock& clock;
  net::Resolver& resolver;
  net::DnsClient& dns;
  net::Connector& connector;
  net::OffloadPool& offload;
  const DriverRegistry& drivers;
};

/// Looks at endpoints: resolve → connect → negotiate → handshake → protocol step (→ plaintext attempt) (→
/// login). Never judges. Owned by one worker thread with its own loop and its own OpenSSL library context;
/// any number of observe() calls may be under way on that loop.
class Prober {
 public:
  explicit Prober(ProberServices services);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  /// Called as each stage begins, for progress displays; on the worker's thread.
  using Progress = std::function<void(Stage)>;

  /// Never fails as such: whatever goes wrong is part of what was seen. One deadline (target.timeout) over
  /// all. The plaintext attempt and the login are separate connections; a failure of theirs leaves the TLS
  /// result alone.
  net::Awaitable<Observation> observe(Target target, Progress progress = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::probe
