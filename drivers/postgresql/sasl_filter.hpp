#pragma once

#include "drivers/common/relay.hpp"

namespace tlswarden::drivers::postgresql {

/// Takes SCRAM-SHA-256-PLUS out of what the server offers (PostgreSQL manual, "SASL Authentication"): it
/// binds the login to the TLS connection, which is the prober's here, so libpq cannot use it, and breaks off
/// where it sees it offered. Plain SCRAM-SHA-256 loses nothing by that: the connection under it was verified.
class SaslFilter final : public common::RelayFilter {
 public:
  base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) override;

 private:
  base::Bytes pending_;
  bool through_ = false;
};

}  // namespace tlswarden::drivers::postgresql
