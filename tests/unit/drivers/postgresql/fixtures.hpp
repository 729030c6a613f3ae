#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "probe/target.hpp"

/// Bytes of a PostgreSQL server, as the manual's "Message Formats" has them, written without the code under
/// test.
namespace tlswarden::drivers::postgresql::fixtures {

inline void append(base::Bytes& out, const base::Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

inline base::Bytes message(char type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  base::Bytes out{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(length >> 24),
                  static_cast<std::uint8_t>(length >> 16), static_cast<std::uint8_t>(length >> 8),
                  static_cast<std::uint8_t>(length)};
  append(out, base::to_bytes(body));
  return out;
}

inline base::Bytes error(std::string_view sqlstate, std::string_view text) {
  const std::string nul(1, '\0');
  return message('E', "SFATAL" + nul + "VFATAL" + nul + "C" + std::string(sqlstate) + nul + "M" +
                          std::string(text) + nul + "Fauth.c" + nul + "L544" + nul + "RClientAuthentication" +
                          nul + nul);
}

/// Authentication request number `code`; 10 carries SASL mechanisms.
inline base::Bytes authentication(std::uint8_t code) {
  std::string body{'\0', '\0', '\0', static_cast<char>(code)};
  if (code == 10) body += std::string("SCRAM-SHA-256\0\0", 15);
  return message('R', body);
}

inline base::Bytes parameter(const std::string& name, const std::string& value) {
  return message('S', name + '\0' + value + '\0');
}

inline base::Bytes ready() {
  return message('Z', "I");
}
inline base::Bytes terminate() {
  return {0x58, 0x00, 0x00, 0x00, 0x04};
}

inline base::Bytes startup(const std::string& user, const std::string& database) {
  std::string body{'\0', '\3', '\0', '\0'};
  body += std::string("user") + '\0' + user + '\0';
  if (!database.empty()) body += std::string("database") + '\0' + database + '\0';
  body += std::string("application_name") + '\0' + "tlswarden" + '\0' + '\0';
  auto out = message('?', body);
  out.erase(out.begin());
  return out;
}

inline probe::Target target_without_user() {
  probe::Target target;
  target.engine = resource::Engine::kPostgresql;
  target.host = "db.internal";
  target.verified_name = "db.internal";
  target.port = 5432;
  target.mode = resource::TlsMode::kVerifyFull;
  target.min_version = resource::TlsVersion::kTls12;
  return target;
}

inline probe::Target target_with_user() {
  auto target = target_without_user();
  auto credentials = std::make_shared<probe::Credentials>();
  credentials->username = base::Secret("monitor");
  credentials->password = base::Secret("h0rse'ba\\ttery");
  target.credentials = std::move(credentials);
  target.database = "orders";
  return target;
}

}  // namespace tlswarden::drivers::postgresql::fixtures
