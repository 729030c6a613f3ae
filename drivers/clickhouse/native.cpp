#include "drivers/clickhouse/native.hpp"

#include <algorithm>
#include <cstdint>

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;

constexpr std::uint8_t kHello = 0;
constexpr std::uint8_t kException = 2;
constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024;

/// The last revision whose hello is a fixed list of fields; what later ones add comes only to clients that
/// announce them.
constexpr std::uint64_t kRevision = 54401;
constexpr std::uint64_t kWithTimeZone = 54058;
constexpr std::uint64_t kWithDisplayName = 54372;
constexpr std::uint64_t kWithPatch = 54401;

constexpr unsigned kVarUintBits = 7;
constexpr std::uint8_t kMore = 0x80;

void put_varuint(base::Bytes& out, std::uint64_t value) {
  for (; value >= kMore; value >>= kVarUintBits)
    out.push_back(static_cast<std::uint8_t>(value | kMore));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_string(base::Bytes& out, std::string_view text) {
  put_varuint(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

enum class Got { kValue, kTooShort, kTooLarge };

/// "ClickHouse", or the name of one that is built from it.
bool is_name(std::string_view text) {
  constexpr std::size_t kMaxName = 64;
  return !text.empty() && text.size() <= kMaxName && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '-';
  });
}

}  // namespace

/// Takes one field after the other off the front; what went wrong first stays.
class Fields {
 public:
  explicit Fields(base::ByteView bytes) : rest_(bytes) {}

  std::uint64_t varuint() {
    constexpr unsigned kMaxShift = 56;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= kMaxShift; shift += kVarUintBits) {
      const auto byte = take(1);
      if (byte.empty()) return 0;
      value |= static_cast<std::uint64_t>(byte[0] & ~kMore) << shift;
      if ((byte[0] & kMore) == 0) return value;
    }
    got_ = Got::kTooLarge;
    return 0;
  }

  std::string text() {
    const auto size = varuint();
    if (size > kMaxAnswer) got_ = Got::kTooLarge;
    if (got_ != Got::kValue) return {};
    return std::string(base::as_text(take(size)));
  }

  std::int32_t int32() {
    const auto bytes = take(sizeof(std::int32_t));
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i)
      value = value << 8U | bytes[i - 1];
    return static_cast<std::int32_t>(value);
  }

  Got got() const { return got_; }

 private:
  base::ByteView take(std::size_t count) {
    if (got_ == Got::kValue && count > rest_.size()) got_ = Got::kTooShort;
    if (got_ != Got::kValue) return {};
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  base::ByteView rest_;
  Got got_ = Got::kValue;
};

base::Secret hello(std::string_view database, std::string_view user, std::string_view password) {
  constexpr std::string_view kClientName = "tlswarden";
  constexpr std::size_t kRoomForNumbers = 64;
  base::Bytes out;
  // Enough for all of it, so that no copy of the password is left behind by growing.
  out.reserve(kRoomForNumbers + kClientName.size() + database.size() + user.size() + password.size());
  put_varuint(out, kHello);
  put_string(out, kClientName);
  put_varuint(out, 1);
  put_varuint(out, 0);
  put_varuint(out, kRevision);
  put_string(out, database);
  put_string(out, user);
  put_string(out, password);
  return base::Secret(std::move(out));
}

base::Bytes made_up_hello() {
  const auto secret = hello("", "tlswarden-probe", "");
  return {secret.bytes().begin(), secret.bytes().end()};
}

HelloReader::State HelloReader::fail(Cause cause) {
  broken_ = cause;
  return State::kBroken;
}

HelloReader::State HelloReader::feed(base::ByteView bytes) {
  if (bytes_.size() + bytes.size() > kMaxAnswer) return fail(Cause::kMessageTooLarge);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  Fields fields(bytes_);
  const auto type = fields.varuint();
  if (fields.got() == Got::kValue && type == kException) return take_exception(fields);
  if (fields.got() == Got::kValue && type == kHello) return take_hello(fields);
  return fail(Cause::kNotThisProtocol);
}

HelloReader::State HelloReader::take_exception(Fields& fields) {
  ServerError error;
  error.code = fields.int32();
  const auto name = fields.text();
  // "DB::Exception", "DB::NetException", "std::exception".
  if (fields.got() == Got::kValue && !name.ends_with("xception")) return fail(Cause::kNotThisProtocol);
  error.text = fields.text();
  if (fields.got() != Got::kValue) return unfinished(fields);
  error_ = std::move(error);
  return State::kAnswered;
}

HelloReader::State HelloReader::take_hello(Fields& fields) {
  const auto product = fields.text();
  if (fields.got() == Got::kValue && !is_name(product)) return fail(Cause::kNotThisProtocol);
  const auto major = fields.varuint();
  const auto minor = fields.varuint();
  const auto revision = fields.varuint();
  if (revision >= kWithTimeZone) fields.text();
  if (revision >= kWithDisplayName) fields.text();
  const auto patch = revision >= kWithPatch ? fields.varuint() : revision;
  if (fields.got() != Got::kValue) return unfinished(fields);
  version_ = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  return State::kAnswered;
}

HelloReader::State HelloReader::unfinished(const Fields& fields) {
  return fields.got() == Got::kTooLarge ? fail(Cause::kMalformedMessage) : State::kReading;
}

}  // namespace tlswarden::drivers::clickhouse
