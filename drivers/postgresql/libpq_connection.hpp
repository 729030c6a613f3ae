#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/secret.hpp"
#include "drivers/postgresql/libpq.hpp"
#include "drivers/postgresql/server_error.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::postgresql {

/// One connection of libpq that ends with this object. Blocks its thread, at most until the deadline: for the
/// offload pool. Never prompts, never prints. `clock` must outlive it. For one thread at a time.
class LibpqConnection {
 public:
  LibpqConnection(base::Deadline deadline, const base::Clock& clock) : deadline_(deadline), clock_(clock) {}

  /// Connects and logs in; what kept it from that otherwise.
  std::optional<probe::Failure> connect(const base::Secret& connection_string, const Identity& identity);
  /// The server's last ParameterStatus of that name, raw; empty when it sent none.
  std::string_view parameter(const char* name) const;
  /// The last result of one statement; null at the deadline, when the connection broke, or when the answer
  /// goes on without end.
  ResultPtr query(const char* statement);

 private:
  bool wait(short events) const;

  base::Deadline deadline_;
  const base::Clock& clock_;
  ConnectionPtr connection_;
};

}  // namespace tlswarden::drivers::postgresql
