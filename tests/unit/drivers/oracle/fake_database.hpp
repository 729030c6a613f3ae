#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/byte_stream.hpp"
#include "oracle_wire.hpp"
#include "pki/openssl.hpp"
#include "ttc_wire.hpp"

namespace tlswarden::drivers::oracle::fixtures {

/// A listener and its database, with an 11g verifier for the one password that it takes.
class FakeDatabase {
 public:
  std::string password = "s3cret-tiger";
  base::Bytes to_connect = accept();
  bool knows_password = true;  ///< and can show it
  bool breaks_off = true;      ///< before an error, as databases do
  std::string refusal_words = "ORA-01017: invalid username/password; logon denied\n";
  std::uint32_t refusal = 1017;
  std::string version_number = "320208896";  // 19.22.0.0.0
  base::Bytes to_query = description() + row("tcps") + error(1403, "ORA-01403: no data found\n");
  std::size_t in_one_packet = 8000;  ///< of an answer
  bool interrupts = false;           ///< with control packets
  std::optional<int> leaves_after;   ///< how many packets of the client

  std::string received;
  bool closed = false, logged_off = false, said_goodbye = false;
  int packets = 0;

  bool gone() const { return leaves_after && packets >= *leaves_after; }

  /// What is answered to `bytes`.
  base::Bytes hear(base::ByteView bytes) {
    received += base::as_text(bytes);
    base::Bytes packet(bytes.begin(), bytes.end());
    if (gone() || ++packets > 100) return {};
    if (packet[4] == 1) return to_connect;
    if (packet[4] == 12) return marker(2) + data(error(refusal, refusal_words));
    return hear_message({packet.begin() + 10, packet.end()});
  }

 private:
  static base::Bytes long_packet(std::uint8_t type, const base::Bytes& body) {
    const auto length = static_cast<std::uint32_t>(8 + body.size());
    return base::Bytes{
               0, 0, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), type, 0,
               0, 0} +
           body;
  }
  base::Bytes data(const base::Bytes& message) const {
    base::Bytes packets_of_it;
    for (std::size_t at = 0; at < message.size(); at += in_one_packet) {
      const auto size = std::min(in_one_packet, message.size() - at);
      const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
      packets_of_it = std::move(packets_of_it) +
                      long_packet(6, zeros(2) + base::Bytes(from, from + static_cast<std::ptrdiff_t>(size)));
      if (interrupts) packets_of_it = std::move(packets_of_it) + long_packet(14, zeros(4));
    }
    return packets_of_it;
  }
  static base::Bytes marker(std::uint8_t kind) { return long_packet(12, {1, 0, kind}); }

  base::Bytes hear_message(const base::Bytes& message) {
    said_goodbye = message.empty();
    if (message.empty()) return {};
    if (message[0] == 1) return data(protocol());
    if (message[0] == 2) return data(kDataTypes);
    switch (message[1]) {
      case 118:
        return data(challenge());
      case 115:
        return judge(message);
      case 94:
        return data(to_query);
      default:
        logged_off = true;
        return data(kStatus);
    }
  }

  static base::Bytes aes(const base::Bytes& key, const base::Bytes& in, bool encrypt) {
    const std::unique_ptr<EVP_CIPHER_CTX, pki::Releaser<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
    const base::Bytes iv(16, 0);
    base::Bytes out(in.size());
    int size = 0;
    EVP_CipherInit_ex(context.get(), EVP_aes_192_cbc(), nullptr, key.data(), iv.data(), encrypt ? 1 : 0);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size()));
    return out;
  }
  static std::string upper(const base::Bytes& bytes) {
    auto digits = base::to_hex(bytes);
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return c >= 'a' ? c - 32 : c; });
    return digits;
  }
  base::Bytes verifier() const {
    const auto salted = base::to_bytes(password) + kSalt;
    base::Bytes out(24, 0);
    EVP_Digest(salted.data(), salted.size(), out.data(), nullptr, EVP_sha1(), nullptr);
    return out;
  }
  base::Bytes challenge() const {
    return parameters({{"AUTH_SESSKEY", upper(aes(verifier(), kHalf, true))},
                       {"AUTH_VFR_DATA", upper(kSalt), 0x1B25},
                       {"AUTH_PBKDF2_CSK_SALT", upper(kMixingSalt)},
                       {"AUTH_PBKDF2_VGEN_COUNT", "4096"},
                       {"AUTH_PBKDF2_SDER_COUNT", "3"}}) +
           kStatus;
  }

  /// The value of `key` in the login's second message, as bytes.
  static base::Bytes value_of(const base::Bytes& message, const std::string& key) {
    const std::string whole(base::as_text(message));
    // Behind the key come the number of digits, as a number and as a byte.
    return hex(whole.substr(whole.find(key) + key.size() + 3, 64));
  }

  base::Bytes judge(const base::Bytes& message) const {
    const auto theirs = aes(verifier(), value_of(message, "AUTH_SESSKEY"), false);
    const auto both =
        upper({theirs.begin(), theirs.begin() + 24}) + upper({kHalf.begin(), kHalf.begin() + 24});
    base::Bytes key(24);
    PKCS5_PBKDF2_HMAC(both.data(), static_cast<int>(both.size()), kMixingSalt.data(), 16, 3, EVP_sha512(), 24,
                      key.data());
    const auto salted = aes(key, value_of(message, "AUTH_PASSWORD"), false);
    const auto given = std::string(base::as_text(salted)).substr(16, salted.size() - 16 - salted.back());
    if (given != password || refusal != 1017)
      return breaks_off ? marker(1) : data(error(refusal, refusal_words));
    const auto proof = upper(
        aes(key, zeros(16) + base::to_bytes(knows_password ? "SERVER_TO_CLIENT" : "SOMETHING-ELSE.."), true));
    return data(parameters({{"AUTH_VERSION_NO", version_number}, {"AUTH_SVR_RESPONSE", proof}}) + kStatus);
  }

  static inline const base::Bytes kSalt = base::to_bytes("0123456789"),
                                  kMixingSalt = base::to_bytes("fedcba9876543210"),
                                  kHalf = base::to_bytes("the server's half of the key ...");
};

class DatabaseStream final : public net::ByteStream {
 public:
  explicit DatabaseStream(FakeDatabase& database) : database_(database) {}

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline) override {
    if (pending_.empty()) co_return tl::unexpected(net::IoError{net::IoError::Kind::kPeerClosed, "end"});
    // Small pieces, so that answers arrive in parts.
    const auto count = std::min<std::size_t>({buffer.size(), pending_.size(), 7});
    std::copy_n(pending_.begin(), count, buffer.begin());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline) override {
    pending_ = std::move(pending_) + database_.hear(bytes);
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline) override {
    database_.closed = true;
    co_return;
  }

 private:
  FakeDatabase& database_;
  base::Bytes pending_;
};

}  // namespace tlswarden::drivers::oracle::fixtures
