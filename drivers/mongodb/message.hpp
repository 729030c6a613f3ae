#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "drivers/mongodb/document.hpp"
#include "probe/failure.hpp"

/// MongoDB's messages: the manual, "MongoDB Wire Protocol". Numbers are little-endian.
namespace tlswarden::drivers::mongodb {

/// {isMaster: 1, helloOk: true} as OP_QUERY. Every server answers it, and drivers greet with it: those before
/// 3.6 know no other message, those from 5.1 on know OP_QUERY for this alone.
base::Bytes greeting(std::int32_t request);
/// {`command`: 1} to the database admin, as OP_MSG (3.6 and later).
base::Bytes command(std::int32_t request, std::string_view name);
/// The same as OP_QUERY, for servers before 3.6.
base::Bytes legacy_command(std::int32_t request, std::string_view name);

struct Reply {
  std::int32_t request = 0;  ///< the one that it answers
  Document document;
};

/// Cuts a server's stream into replies. Buffers one message at most, of `largest` bytes.
class ReplyReader {
 public:
  explicit ReplyReader(std::size_t largest = std::size_t{64} * 1024) : largest_(largest) {}

  void feed(base::ByteView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }
  /// The next reply, nothing while it is not all there, or what is wrong with the stream, which is then of no
  /// more use: kNotThisProtocol, kMalformedMessage, kMessageTooLarge.
  base::Result<std::optional<Reply>, probe::Cause> next();

 private:
  std::size_t largest_;
  base::Bytes buffer_;
};

}  // namespace tlswarden::drivers::mongodb
