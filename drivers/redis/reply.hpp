#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "probe/failure.hpp"

/// RESP2, the protocol of Redis and Valkey, through hiredis.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/
namespace tlswarden::drivers::redis {

/// A command as an array of bulk strings. May hold a password.
base::Secret format_command(std::initializer_list<std::string_view> arguments);

/// One reply. Raw text of the peer.
struct Reply {
  enum class Type { kStatus, kError, kInteger, kNil, kString, kArray };
  Type type = Type::kNil;
  std::string text;  ///< of kStatus, kError, kString
  long long integer = 0;
  std::vector<Reply> elements;

  /// Whether this is an error of that class: "NOAUTH", "ERR".
  bool is_error(std::string_view code) const;
};

/// Cuts the stream of the server into replies. Hostile input: more than 64 KiB for one reply, 256 KiB or 4096
/// array elements in all, or anything that RESP2 does not know ends it. Not copyable.
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(base::ByteView bytes);
  /// The next whole reply; nothing when more bytes are needed. After an error only errors follow.
  base::Result<std::optional<Reply>, probe::Cause> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::drivers::redis
