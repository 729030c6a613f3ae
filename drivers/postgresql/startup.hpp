#pragma once

#include <optional>
#include <string>

#include "drivers/postgresql/message.hpp"
#include "drivers/postgresql/server_error.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::postgresql {

/// Who to ask a session for: the declared user and database, or a made-up user where none is declared.
Identity identity_of(const probe::Target& target);

/// Whether ParameterStatus server_version is the version of the server. CockroachDB and Redshift name the
/// PostgreSQL there that they imitate.
bool server_version_is_its_own(resource::Engine engine);

/// The answer to a StartupMessage as far as it goes without a password. Sans-I/O.
class StartupAnswer {
 public:
  enum class State {
    kReading,   ///< more bytes are needed
    kAsksAuth,  ///< the server asks for a password or other proof: it would go on with this client
    kReady,     ///< no proof was needed; the session is open and must be ended with Terminate
    kError,     ///< ErrorResponse: error() says which
    kBroken,    ///< not this protocol: broken() says how
  };

  explicit StartupAnswer(resource::Engine engine) : engine_(engine) {}

  State feed(base::ByteView bytes);
  /// AuthenticationOk came, whatever followed.
  bool authenticated() const { return authenticated_; }
  const ServerError& error() const { return error_; }
  probe::Cause broken() const { return broken_; }
  /// From ParameterStatus; empty before a session is open.
  const std::string& server_version() const { return server_version_; }
  const std::string& product() const { return product_; }

 private:
  State take(const Message& message);
  void take_parameter(const Message& message);

  resource::Engine engine_;
  MessageReader reader_;
  bool authenticated_ = false;
  ServerError error_;
  probe::Cause broken_{};
  std::string server_version_, product_;
};

/// The failure for an answer that is kBroken, or that never came.
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::postgresql
