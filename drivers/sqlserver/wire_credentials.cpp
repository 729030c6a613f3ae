#include "drivers/sqlserver/wire_credentials.hpp"

#include <utility>

#include "drivers/sqlserver/unicode.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr std::size_t kMostUnits = 128;

tl::unexpected<probe::Failure> unsupported(const char* message) {
  return tl::unexpected(probe::Failure{.stage = probe::Stage::kSession,
                                       .cause = probe::Cause::kUnsupported,
                                       .message = message,
                                       .peer_text = {},
                                       .code = {}});
}

void scramble(base::Bytes& password) {
  for (auto& byte : password)
    byte = static_cast<std::uint8_t>((byte << 4U | byte >> 4U) ^ 0xa5U);
}

}  // namespace

base::Result<WireCredentials, probe::Failure> encode_credentials(const probe::Credentials& credentials) {
  const auto name = credentials.username.reveal();
  if (name.empty())
    return unsupported("SQL Server knows no login without a name; declare spec.auth.username.");
  if (name.find('\\') != std::string_view::npos)
    return unsupported(
        "The declared user is a Windows account, which logs in without a password; declare a SQL Server "
        "login.");
  auto username = to_utf16(name);
  auto password = to_utf16(credentials.password.reveal());
  if (password) scramble(*password);
  WireCredentials wire;
  if (username) wire.username = base::Secret(std::move(*username));
  if (password) wire.password = base::Secret(std::move(*password));
  if (!username || !password)
    return unsupported("The declared user name or password is not valid UTF-8; correct the Secret.");
  if (wire.username_units() > kMostUnits || wire.password_units() > kMostUnits)
    return unsupported(
        "The declared user name or password is longer than the 128 characters that SQL Server takes.");
  return wire;
}

}  // namespace tlswarden::drivers::sqlserver
