#include "drivers/oracle/logon.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "pki/openssl.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using Verifier = LogonChallenge::Verifier;

constexpr std::uint32_t kVerifier11g1 = 0xB152;
constexpr std::uint32_t kVerifier11g2 = 0x1B25;
constexpr std::uint32_t kVerifier12c = 0x4815;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kLongestHalf = 64;
// Servers ask for 4096 and 3.
constexpr std::uint32_t kMostRounds = 100000;
constexpr std::string_view kProof = "SERVER_TO_CLIENT";

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, pki::Releaser<EVP_CIPHER_CTX_free>>;

std::optional<base::Bytes> from_hex(std::string_view text) {
  base::Bytes bytes;
  if (text.size() % 2 != 0 || text.size() > 4 * kLongestHalf) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t value = 0;
    const auto* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, value, 16).ptr != end) return std::nullopt;
    bytes.push_back(value);
  }
  return bytes;
}

std::string to_hex(base::ByteView bytes) {
  auto text = base::to_hex(bytes);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

/// AES in CBC mode with an initial vector of zeros; `data` is whole blocks. Empty where the library fails.
base::Secret aes(base::ByteView key, base::ByteView data, bool encrypt) {
  constexpr std::array<std::uint8_t, kBlock> kZeros{};
  const CipherContext context(EVP_CIPHER_CTX_new());
  const auto* cipher = key.size() == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
  base::Bytes out(data.size());
  int size = 0;
  const bool done =
      context &&
      EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), kZeros.data(), encrypt ? 1 : 0) &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) &&
      EVP_CipherUpdate(context.get(), out.data(), &size, data.data(), static_cast<int>(data.size()));
  if (!done || static_cast<std::size_t>(size) != data.size()) out.clear();
  return base::Secret(std::move(out));
}

base::Secret digest(const EVP_MD* kind, std::initializer_list<base::ByteView> parts) {
  base::Bytes whole;
  std::size_t size = 0;
  for (const auto part : parts)
    size += part.size();
  whole.reserve(size);  // growing would leave copies behind
  for (const auto part : parts)
    whole.insert(whole.end(), part.begin(), part.end());
  base::Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
  if (EVP_Digest(whole.data(), whole.size(), out.data(), nullptr, kind, nullptr) != 1) out.clear();
  base::wipe_memory(whole.data(), whole.size());
  return base::Secret(std::move(out));
}

base::Secret derive(base::ByteView from, base::ByteView salt, std::uint32_t rounds, std::size_t size) {
  base::Bytes out(size);
  const auto text = base::as_text(from);
  const int done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), salt.data(),
                                     static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha512(),
                                     static_cast<int>(size), out.data());
  if (done != 1) out.clear();
  return base::Secret(std::move(out));
}

base::Secret first(const base::Secret& secret, std::size_t size) {
  const auto bytes = secret.bytes().first(std::min(size, secret.bytes().size()));
  return base::Secret(base::Bytes(bytes.begin(), bytes.end()));
}

/// `random`, then `data`, filled up to whole blocks by bytes that say how many they are.
base::Secret salted(base::ByteView data, const RandomBytes& random) {
  base::Bytes out(kBlock);
  random(out);
  out.reserve(2 * kBlock + data.size());
  out.insert(out.end(), data.begin(), data.end());
  const std::size_t filling = kBlock - out.size() % kBlock;
  out.insert(out.end(), filling, static_cast<std::uint8_t>(filling));
  return base::Secret(std::move(out));
}

/// The key of a server that knows no mixing salt: the second and third block of both halves, mixed.
base::Secret old_key(base::ByteView theirs, base::ByteView ours, std::size_t size) {
  base::Bytes mixed;
  for (std::size_t i = kBlock; i < kBlock + size; ++i)
    mixed.push_back(theirs[i] ^ ours[i]);
  const auto halves = base::Secret(std::move(mixed));
  const auto one = digest(EVP_md5(), {halves.bytes().first(kBlock)});
  const auto two = digest(EVP_md5(), {halves.bytes().subspan(kBlock)});
  base::Bytes key(one.bytes().begin(), one.bytes().end());
  key.insert(key.end(), two.bytes().begin(), two.bytes().end());
  return first(base::Secret(std::move(key)), size);
}

base::Secret new_key(const LogonChallenge& challenge, base::ByteView theirs, base::ByteView ours,
                     std::size_t size) {
  const base::Secret text(to_hex(ours.first(size)) + to_hex(theirs.first(size)));
  return derive(text.bytes(), challenge.mixing_salt, challenge.derivations, size);
}

struct PasswordKeys {
  base::Secret hash;      ///< under which the halves travel
  base::Secret password;  ///< of 12c alone
};

PasswordKeys keys_of(const LogonChallenge& challenge, const base::Secret& password) {
  constexpr std::size_t kHash11g = 24;
  constexpr std::size_t kHash12c = 32;
  constexpr std::size_t kPasswordKey = 64;
  if (challenge.verifier == Verifier::k11g) {
    const auto hash = digest(EVP_sha1(), {password.bytes(), challenge.salt});
    base::Bytes filled(hash.bytes().begin(), hash.bytes().end());
    if (!filled.empty()) filled.resize(kHash11g, 0);
    return {base::Secret(std::move(filled)), {}};
  }
  base::Bytes salt = challenge.salt;
  const auto label = base::as_bytes("AUTH_PBKDF2_SPEEDY_KEY");
  salt.insert(salt.end(), label.begin(), label.end());
  auto key = derive(password.bytes(), salt, challenge.generations, kPasswordKey);
  const auto hash = digest(EVP_sha512(), {key.bytes(), challenge.salt});
  return {first(hash, kHash12c), std::move(key)};
}

std::optional<std::uint32_t> rounds(const TtcAnswer& answer, std::string_view name) {
  const std::string text = answer.parameter(name);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0 || value > kMostRounds)
    return std::nullopt;
  return value;
}

}  // namespace

void random_bytes(std::span<std::uint8_t> out) {
  // It fails only where the system has no randomness at all, and then TLS would not have come about.
  RAND_bytes(out.data(), static_cast<int>(out.size()));
}

base::Result<LogonChallenge, Cause> read_challenge(const TtcAnswer& answer) {
  LogonChallenge challenge;
  const auto type = answer.verifier_type;
  if (type != kVerifier12c && type != kVerifier11g1 && type != kVerifier11g2)
    return tl::unexpected(type == 0 ? Cause::kMalformedMessage : Cause::kUnsupported);
  challenge.verifier = type == kVerifier12c ? Verifier::k12c : Verifier::k11g;
  auto salt = from_hex(answer.parameter("AUTH_VFR_DATA"));
  auto half = from_hex(answer.parameter("AUTH_SESSKEY"));
  auto mixing = from_hex(answer.parameter("AUTH_PBKDF2_CSK_SALT"));
  if (!salt || !half || !mixing || salt->empty()) return tl::unexpected(Cause::kMalformedMessage);
  challenge.salt = *std::move(salt);
  challenge.session_key = *std::move(half);
  challenge.mixing_salt = *std::move(mixing);
  const bool old = challenge.mixing_salt.empty();
  const std::size_t size = challenge.session_key.size();
  const bool possible = old ? size == 48 && challenge.verifier == Verifier::k11g
                            : size >= 32 && size <= kLongestHalf && size % kBlock == 0;
  if (!possible) return tl::unexpected(Cause::kMalformedMessage);
  if (old) return challenge;
  const auto generations = rounds(answer, "AUTH_PBKDF2_VGEN_COUNT");
  const auto derivations = rounds(answer, "AUTH_PBKDF2_SDER_COUNT");
  if (!derivations || (!generations && challenge.verifier == Verifier::k12c))
    return tl::unexpected(Cause::kMalformedMessage);
  challenge.generations = generations.value_or(0);
  challenge.derivations = *derivations;
  return challenge;
}

base::Result<LogonAnswer, Cause> answer_challenge(const LogonChallenge& challenge,
                                                  const base::Secret& password, const RandomBytes& random) {
  const auto keys = keys_of(challenge, password);
  if (keys.hash.empty()) return tl::unexpected(Cause::kInternal);
  const auto theirs = aes(keys.hash.bytes(), challenge.session_key, false);
  base::Bytes half(challenge.session_key.size());
  random(half);
  const base::Secret ours(std::move(half));
  const std::size_t size = keys.hash.bytes().size();
  if (theirs.empty()) return tl::unexpected(Cause::kInternal);
  LogonAnswer answer;
  answer.key = challenge.mixing_salt.empty() ? old_key(theirs.bytes(), ours.bytes(), size)
                                             : new_key(challenge, theirs.bytes(), ours.bytes(), size);
  const auto sent = aes(keys.hash.bytes(), ours.bytes(), true);
  if (answer.key.empty() || sent.empty()) return tl::unexpected(Cause::kInternal);
  answer.session_key = to_hex(sent.bytes());
  answer.password = to_hex(aes(answer.key.bytes(), salted(password.bytes(), random).bytes(), true).bytes());
  if (challenge.verifier == Verifier::k12c) {
    const auto speedy = aes(answer.key.bytes(), salted(keys.password.bytes(), random).bytes(), true);
    answer.speedy_key = to_hex(speedy.bytes().first(kBlock + keys.password.bytes().size()));
  }
  return answer;
}

bool proves_itself(std::string_view response, const base::Secret& key) {
  const auto bytes = from_hex(response);
  if (!bytes || bytes->size() < 2 * kBlock || bytes->size() % kBlock != 0) return false;
  const auto plain = aes(key.bytes(), *bytes, false);
  return plain.reveal().substr(std::min(kBlock, plain.reveal().size()), kProof.size()) == kProof;
}

}  // namespace tlswarden::drivers::oracle
