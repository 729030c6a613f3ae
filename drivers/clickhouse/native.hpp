#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "drivers/clickhouse/server_error.hpp"

/// The exchange with which a connection to the native port begins.
/// https://clickhouse.com/docs/native-protocol/basics; TCPHandler::receiveHello and sendHello in the source.
namespace tlswarden::drivers::clickhouse {

/// The client's hello, which is its login. May hold a password.
base::Secret hello(std::string_view database, std::string_view user, std::string_view password);

/// The hello of a made-up user without a password.
base::Bytes made_up_hello();

class Fields;

/// The server's answer to a hello. Hostile input: more than 64 KiB, or anything but a hello or an exception,
/// ends it.
class HelloReader {
 public:
  enum class State {
    kReading,
    kAnswered,  ///< with version() or with error()
    kBroken,    ///< broken() says how
  };

  State feed(base::ByteView bytes);
  /// "24.1.3"; empty where the answer is an exception, as the login comes first.
  const std::string& version() const { return version_; }
  const std::optional<ServerError>& error() const { return error_; }
  probe::Cause broken() const { return broken_; }

 private:
  State take_exception(Fields& fields);
  State take_hello(Fields& fields);
  State unfinished(const Fields& fields);
  State fail(probe::Cause cause);

  base::Bytes bytes_;
  std::string version_;
  std::optional<ServerError> error_;
  probe::Cause broken_{};
};

}  // namespace tlswarden::drivers::clickhouse
