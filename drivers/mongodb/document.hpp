#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tlswarden::drivers::mongodb {

/// A BSON document that a peer sent (bsonspec.org, version 1.1), read by libbson. Owns its bytes. Only what
/// is asked for is looked into, so nesting costs nothing.
class Document {
 public:
  /// An empty document.
  Document() = default;
  /// The document that `bytes` begin with; nothing where its length or one of its own elements is not as BSON
  /// has it. What lies within those elements is judged when it is asked for.
  static std::optional<Document> at_front_of(base::ByteView bytes);

  /// In bytes, as it stands in the message.
  std::size_t size() const { return bytes_.size(); }
  /// "parsed.net.tls.mode" goes into documents. Empty where there is no such string; cut after `limit` bytes.
  std::string text(std::string_view path, std::size_t limit = 128) const;
  /// Of any numeric type or a boolean, cut to an integer; nothing where there is no such number.
  std::optional<std::int64_t> number(std::string_view path) const;
  /// Whether the command that this is the reply to succeeded.
  bool ok() const { return number("ok") == 1; }

 private:
  base::Bytes bytes_;
};

}  // namespace tlswarden::drivers::mongodb
