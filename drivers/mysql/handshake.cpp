#include "drivers/mysql/handshake.hpp"

#include "drivers/mysql/packet.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::uint32_t kMaxPacket = 1U << 24U;
constexpr std::uint8_t kCharset = 45;  // utf8mb4_general_ci, known to every server with TLS worth checking
constexpr std::size_t kReservedSize = 23;
constexpr std::size_t kEd25519Signature = 64;
constexpr std::uint8_t kQuitCommand = 1;

base::Bytes fixed_part(const Greeting& greeting, bool tls) {
  base::Bytes out;
  put_u32(out, client_capabilities(greeting, tls));
  put_u32(out, kMaxPacket);
  out.push_back(kCharset);
  out.resize(out.size() + kReservedSize);
  return out;
}

}  // namespace

std::uint32_t client_capabilities(const Greeting& greeting, bool tls) {
  const std::uint32_t wanted = kSecureConnection | kPluginAuth;
  return kClientMysql | kProtocol41 | (greeting.capabilities & wanted) | (tls ? kClientSsl : 0);
}

base::Bytes ssl_request(const Greeting& greeting) {
  return encode_packet(1, fixed_part(greeting, true));
}

base::Bytes made_up_login(const Greeting& greeting, bool tls) {
  auto payload = fixed_part(greeting, tls);
  put_text(payload, kMadeUpUser);
  payload.push_back(0);  // no authentication data
  if ((greeting.capabilities & kPluginAuth) != 0)
    put_text(payload, greeting.plugin.empty() ? "mysql_native_password" : greeting.plugin);
  return encode_packet(tls ? 2 : 1, payload);
}

base::Bytes passwordless_answer(std::string_view plugin) {
  if (plugin == "mysql_native_password" || plugin == "mysql_old_password") return {};
  if (plugin == "client_ed25519") return base::Bytes(kEd25519Signature);
  return {0};
}

base::Bytes quit() {
  const base::Bytes payload{kQuitCommand};
  return encode_packet(0, payload);
}

}  // namespace tlswarden::drivers::mysql
