#pragma once

#include <optional>
#include <string>

#include "drivers/cassandra/frame.hpp"
#include "drivers/cassandra/server_error.hpp"

namespace tlswarden::drivers::cassandra {

/// What a node says of itself before a login. Its release is not part of it.
struct Supported {
  std::string product;  ///< "Cassandra", "ScyllaDB", "DataStax Astra"
  bool scylla = false;
};

/// The body of SUPPORTED, a string multimap; nothing where it is not sound, or has no CQL_VERSION.
std::optional<Supported> read_supported(base::ByteView body);

/// The answer to OPTIONS. Sans-I/O; shared by the protocol step and the plaintext attempt.
class OptionsAnswer {
 public:
  enum class State {
    kReading,
    kSupported,  ///< supported()
    kError,      ///< an ERROR: error()
    kBroken,     ///< no answer to this: broken() says how
  };

  State feed(base::ByteView bytes);
  const Supported& supported() const { return supported_; }
  const ServerError& error() const { return error_; }
  probe::Cause broken() const { return broken_; }

 private:
  FrameReader reader_;
  Supported supported_;
  ServerError error_;
  probe::Cause broken_{};
};

}  // namespace tlswarden::drivers::cassandra
