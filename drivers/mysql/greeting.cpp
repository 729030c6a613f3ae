#include "drivers/mysql/greeting.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "drivers/mysql/packet.hpp"
#include "drivers/mysql/server_error.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::uint8_t kProtocolVersion = 10;
constexpr std::uint8_t kXProtocolNotice = 0x0b;
constexpr std::size_t kFirstScrambleSize = 8;
constexpr std::size_t kReservedSize = 10;
constexpr std::size_t kExtendedOffset = 6;  // within the reserved bytes; MariaDB only
constexpr std::size_t kMaxVersion = 120;
constexpr std::string_view kDisguise =
    "5.5.5-";  // replication clients of old choke on a major version of two digits

probe::Failure failure(probe::Stage stage, probe::Cause cause, std::string message) {
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

probe::Failure not_mysql(base::ByteView payload, probe::Stage stage) {
  if (!payload.empty() && payload.front() == kXProtocolNotice)
    return failure(stage, probe::Cause::kNotThisProtocol,
                   "This looks like MySQL's X Protocol; declare the port of the classic protocol (3306).");
  return failure(stage, probe::Cause::kNotThisProtocol,
                 "The server's first bytes are no MySQL or MariaDB greeting; check host and port.");
}

void name_product(Greeting& greeting) {
  const bool announces = (greeting.capabilities & kClientMysql) == 0;
  const bool named = base::lower_ascii(greeting.version).find("mariadb") != std::string::npos;
  greeting.product = announces || named ? "MariaDB" : "MySQL";
  if (greeting.product == "MariaDB" && greeting.version.starts_with(kDisguise))
    greeting.version.erase(0, kDisguise.size());
}

/// Everything behind the low capabilities: there since MySQL 4.1, the plugin's name since 5.5.7.
void read_tail(Cursor& cursor, Greeting& greeting) {
  cursor.u8();   // character set
  cursor.u16();  // status
  greeting.high_capabilities_at = cursor.at();
  greeting.capabilities |= std::uint32_t{cursor.u16()} << 16U;
  const std::size_t scramble_size = cursor.u8();
  if ((greeting.capabilities & kClientMysql) == 0)
    greeting.extended_capabilities_at = cursor.at() + kExtendedOffset;
  cursor.take(kReservedSize);
  if ((greeting.capabilities & kSecureConnection) != 0)
    cursor.take(std::max<std::size_t>(
        13, scramble_size > kFirstScrambleSize ? scramble_size - kFirstScrambleSize : 0));
  if ((greeting.capabilities & kPluginAuth) != 0) {
    greeting.plugin_at = cursor.at();
    greeting.plugin = cursor.text_to_end();
  }
}

}  // namespace

base::Result<Greeting, probe::Failure> parse_greeting(base::ByteView payload, probe::Stage stage) {
  if (const auto error = parse_error(payload)) return tl::unexpected(describe_error(stage, *error));
  Cursor cursor(payload);
  if (cursor.u8() != kProtocolVersion) return tl::unexpected(not_mysql(payload, stage));
  Greeting greeting;
  greeting.version = cursor.text();
  cursor.u32();  // connection id
  cursor.take(kFirstScrambleSize);
  cursor.u8();  // filler
  greeting.low_capabilities_at = cursor.at();
  greeting.capabilities = cursor.u16();
  if ((greeting.capabilities & kProtocol41) != 0) read_tail(cursor, greeting);
  if (!cursor.ok() || greeting.version.empty() || greeting.version.size() > kMaxVersion)
    return tl::unexpected(failure(stage, probe::Cause::kMalformedMessage,
                                  "The server's greeting is broken; check host and port."));
  if ((greeting.capabilities & kProtocol41) == 0)
    return tl::unexpected(
        failure(stage, probe::Cause::kUnsupported,
                "The server speaks the protocol from before MySQL 4.1, which has no usable TLS."));
  name_product(greeting);
  greeting.version = base::printable(greeting.version, kMaxVersion);
  return greeting;
}

}  // namespace tlswarden::drivers::mysql
