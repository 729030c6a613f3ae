#include "drivers/mongodb/message.hpp"

#include <string>

#include "drivers/mongodb/libmongoc.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Cause;

constexpr std::size_t kHeader = 16;
constexpr std::int32_t kOpReply = 1, kOpQuery = 2004, kOpMsg = 2013;
constexpr std::uint32_t kChecksumPresent = 1;
constexpr std::size_t kChecksum = 4;
/// In front of the documents of OP_REPLY: flags, cursor, offset, count.
constexpr std::size_t kReplyFields = 20;
/// In front of the document of OP_MSG: flags, and the kind of the section.
constexpr std::size_t kMsgFields = 5;
constexpr std::uint8_t kBodySection = 0;

void put(base::Bytes& out, std::int32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(number) >> shift));
}

std::int32_t number_at(base::ByteView bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number |= std::uint32_t{bytes[at + i]} << (8 * i);
  return static_cast<std::int32_t>(number);
}

base::Bytes message(std::int32_t request, std::int32_t operation, const base::Bytes& fields,
                    const bson_t* document) {
  base::Bytes out;
  put(out, static_cast<std::int32_t>(kHeader + fields.size() + document->len));
  put(out, request);
  put(out, 0);
  put(out, operation);
  out.insert(out.end(), fields.begin(), fields.end());
  const std::uint8_t* bytes = bson_get_data(document);
  out.insert(out.end(), bytes, bytes + document->len);
  return out;
}

bson_t* new_document(std::string_view name) {
  bson_t* document = bson_new();
  bson_append_int32(document, name.data(), static_cast<int>(name.size()), 1);
  return document;
}

base::Bytes query(std::int32_t request, const bson_t* document) {
  constexpr std::string_view kCollection("admin.$cmd\0", 11);
  base::Bytes fields;
  put(fields, 0);
  fields.insert(fields.end(), kCollection.begin(), kCollection.end());
  put(fields, 0);
  put(fields, -1);
  return message(request, kOpQuery, fields, document);
}

std::optional<Document> body_of_msg(base::ByteView body) {
  if (body.size() < kMsgFields || body[4] != kBodySection) return std::nullopt;
  const bool checksum = (static_cast<std::uint32_t>(number_at(body, 0)) & kChecksumPresent) != 0;
  if (checksum && body.size() < kMsgFields + kChecksum) return std::nullopt;
  return Document::at_front_of(body.first(body.size() - (checksum ? kChecksum : 0)).subspan(kMsgFields));
}

std::optional<Document> body_of_reply(base::ByteView body) {
  if (body.size() < kReplyFields) return std::nullopt;
  return Document::at_front_of(body.subspan(kReplyFields));
}

}  // namespace

base::Bytes greeting(std::int32_t request) {
  const BsonPtr document(new_document("isMaster"));
  BSON_APPEND_BOOL(document.get(), "helloOk", true);
  return query(request, document.get());
}

base::Bytes command(std::int32_t request, std::string_view name) {
  const BsonPtr document(new_document(name));
  BSON_APPEND_UTF8(document.get(), "$db", "admin");
  return message(request, kOpMsg, base::Bytes(kMsgFields, 0), document.get());
}

base::Bytes legacy_command(std::int32_t request, std::string_view name) {
  const BsonPtr document(new_document(name));
  return query(request, document.get());
}

base::Result<std::optional<Reply>, Cause> ReplyReader::next() {
  if (buffer_.size() < kHeader) return std::optional<Reply>();
  const auto length = number_at(buffer_, 0), operation = number_at(buffer_, 12);
  if ((operation != kOpReply && operation != kOpMsg) || length < static_cast<std::int32_t>(kHeader))
    return tl::unexpected(Cause::kNotThisProtocol);
  const auto size = static_cast<std::size_t>(length);
  if (size > largest_) return tl::unexpected(Cause::kMessageTooLarge);
  if (buffer_.size() < size) return std::optional<Reply>();
  const auto body = base::ByteView(buffer_).first(size).subspan(kHeader);
  auto document = operation == kOpMsg ? body_of_msg(body) : body_of_reply(body);
  if (!document) return tl::unexpected(Cause::kMalformedMessage);
  Reply reply{number_at(buffer_, 8), *std::move(document)};
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
  return std::optional<Reply>(std::move(reply));
}

}  // namespace tlswarden::drivers::mongodb
