#include "pki/openssl_support.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxNameText = 1024;

std::string digest_hex(base::ByteView data, const EVP_MD* digest) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> value{};
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), value.data(), &size, digest, nullptr) != 1) return {};
  return base::to_hex(base::ByteView(value).first(size));
}

}  // namespace

std::vector<unsigned long> take_openssl_errors() {
  std::vector<unsigned long> errors;
  while (const unsigned long error = ERR_get_error())
    errors.push_back(error);
  return errors;
}

std::string openssl_reason(std::string_view otherwise) {
  const std::vector<unsigned long> errors = take_openssl_errors();
  const char* reason = errors.empty() ? nullptr : ERR_reason_error_string(errors.front());
  return reason != nullptr ? std::string(reason) : std::string(otherwise);
}

std::string sha256_hex(base::ByteView data) {
  return digest_hex(data, EVP_sha256());
}
std::string sha1_hex(base::ByteView data) {
  return digest_hex(data, EVP_sha1());
}

X509Ptr x509_from_der(base::ByteView der, OSSL_LIB_CTX* library) {
  X509* blank = X509_new_ex(library, nullptr);
  if (blank == nullptr) return nullptr;
  const unsigned char* position = der.data();
  // d2i fills the object that it is given, and frees it when it fails.
  X509Ptr certificate(d2i_X509(&blank, &position, static_cast<long>(der.size())));
  return position == der.data() + der.size() ? std::move(certificate) : nullptr;
}

X509Ptr to_x509(const Certificate& certificate, OSSL_LIB_CTX* library) {
  return x509_from_der(certificate.der, library);
}

std::string describe_key(const EVP_PKEY& key) {
  const std::string bits = "-" + std::to_string(EVP_PKEY_get_bits(&key));
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA:
      return "RSA" + bits;
    case EVP_PKEY_RSA_PSS:
      return "RSA-PSS" + bits;
    case EVP_PKEY_EC:
      return "EC" + bits;
    case EVP_PKEY_DSA:
      return "DSA" + bits;
    case EVP_PKEY_ED25519:
      return "Ed25519";
    case EVP_PKEY_ED448:
      return "Ed448";
    default:
      break;
  }
  const char* name = EVP_PKEY_get0_type_name(&key);
  return name != nullptr ? name : "unknown";
}

std::string spki_sha256(EVP_PKEY& key) {
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(&key, &encoded);
  if (size <= 0) return {};
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(encoded);
  return sha256_hex(base::ByteView(encoded, static_cast<std::size_t>(size)));
}

std::string to_utf8(const ASN1_STRING& text) {
  unsigned char* converted = nullptr;
  const int size = ASN1_STRING_to_UTF8(&converted, &text);
  if (size < 0) {
    ERR_clear_error();
    return {};
  }
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(converted);
  return std::string(base::as_text(base::ByteView(converted, static_cast<std::size_t>(size))));
}

std::string_view raw_text(const ASN1_STRING& text) {
  const int size = ASN1_STRING_length(&text);
  if (size <= 0) return {};
  return base::as_text(base::ByteView(ASN1_STRING_get0_data(&text), static_cast<std::size_t>(size)));
}

std::string name_text(const X509_NAME* name) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, kFlags) < 0) return "(unreadable name)";
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size <= 0 ? std::string() : base::printable({data, static_cast<std::size_t>(size)}, kMaxNameText);
}

std::optional<base::WallTime> to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

}  // namespace tlswarden::pki
