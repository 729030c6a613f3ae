#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

/// The few messages of the frontend/backend protocol 3.0 that are needed before a password would be due.
/// PostgreSQL manual, "Message Formats" and "Error and Notice Message Fields".
namespace tlswarden::drivers::postgresql {

base::Bytes ssl_request();
/// `user` and `database` are cut at the first NUL; an empty database leaves the choice to the server.
base::Bytes startup_message(std::string_view user, std::string_view database);
base::Bytes terminate_message();

/// One message of the server: its type byte and what follows the length.
struct Message {
  char type = 0;
  base::Bytes body;
};

/// What an ErrorResponse says. Raw text of the peer, at most 2 KiB each.
struct ServerError {
  std::string sqlstate;  ///< five letters and digits, or empty where the server sent anything else
  std::string message;
};
ServerError parse_error(base::ByteView body);
/// An ErrorResponse of protocol 2 or of a server that could not fork: text up to a NUL, without length and
/// fields.
ServerError parse_old_error(base::ByteView text);

/// The code of an Authentication message: 0 is AuthenticationOk, all others ask for something.
std::optional<std::uint32_t> authentication_code(const Message& message);
/// Name and value of a ParameterStatus.
std::optional<std::pair<std::string, std::string>> parameter_status(const Message& message);

/// Cuts the stream of the server into messages. Hostile input: a type byte that no server sends here, a
/// length beyond 64 KiB or more than 256 KiB in all end it at once.
class MessageReader {
 public:
  void feed(base::ByteView bytes);
  /// The next whole message; nothing when more bytes are needed.
  base::Result<std::optional<Message>, probe::Cause> next();

 private:
  base::Bytes buffer_;
  std::size_t total_ = 0;
  bool any_ = false;
};

}  // namespace tlswarden::drivers::postgresql
