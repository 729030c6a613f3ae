#include "pki/certificate.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxCertificateSize = 64UL * 1024;
constexpr std::size_t kMaxNameText = 1024;
constexpr std::size_t kMaxUrls = 8;
using TlsFeaturesPtr = std::unique_ptr<TLS_FEATURE, Releaser<TLS_FEATURE_free>>;
constexpr std::size_t kMaxKeyIdBytes = 64;

std::string last_common_name(const X509_NAME* name) {
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;)
    last = at;
  if (last < 0) return {};
  return base::printable(to_utf8(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last))), kMaxNameText);
}

std::string serial_text(const X509& certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&certificate);
  const std::unique_ptr<BIGNUM, Releaser<BN_free>> number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  char* text = BN_bn2hex(number.get());
  if (text == nullptr) return {};
  const std::unique_ptr<char, Releaser<release_openssl_memory>> owner(text);
  return base::printable(text, 128);
}

std::string address_text(const ASN1_OCTET_STRING& address) {
  const std::string_view raw = raw_text(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = raw.size() == 4 ? AF_INET : AF_INET6;
  if ((raw.size() != 4 && raw.size() != 16) ||
      inet_ntop(family, raw.data(), text.data(), static_cast<socklen_t>(text.size())) == nullptr) {
    return "(not an address: " + std::to_string(raw.size()) + " bytes)";
  }
  return text.data();
}

void read_alternative_names(const X509& certificate, CertificateFacts& facts) {
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) facts.dns_names.push_back(base::printable(raw_text(*name->d.dNSName), 256));
    if (name->type == GEN_IPADD) facts.ip_addresses.push_back(address_text(*name->d.iPAddress));
  }
}

void read_authority_access(const X509& certificate, CertificateFacts& facts) {
  const std::unique_ptr<AUTHORITY_INFO_ACCESS, Releaser<AUTHORITY_INFO_ACCESS_free>> access(
      static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(&certificate, NID_info_access, nullptr, nullptr)));
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (entry->location == nullptr || entry->location->type != GEN_URI) continue;
    const int method = OBJ_obj2nid(entry->method);
    std::vector<std::string>* urls = method == NID_ad_ca_issuers ? &facts.ca_issuers_urls
                                     : method == NID_ad_OCSP     ? &facts.ocsp_urls
                                                                 : nullptr;
    if (urls == nullptr || urls->size() >= kMaxUrls) continue;
    urls->push_back(base::printable(raw_text(*entry->location->d.uniformResourceIdentifier)));
  }
}

std::string object_text(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  if (OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 0) <= 0) return "unknown";
  return base::printable(text.data());
}

void read_key(X509& certificate, CertificateFacts& facts) {
  X509_PUBKEY* info = X509_get_X509_PUBKEY(&certificate);
  unsigned char* encoded = nullptr;
  if (const int size = i2d_X509_PUBKEY(info, &encoded); size > 0) {
    const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(encoded);
    facts.spki_sha256 = sha256_hex(base::ByteView(encoded, static_cast<std::size_t>(size)));
  }
  if (const EVP_PKEY* key = X509_get0_pubkey(&certificate)) {
    facts.key = describe_key(*key);
    facts.key_security_bits = std::max(0, EVP_PKEY_get_security_bits(key));
    return;
  }
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, info);
  facts.key = algorithm != nullptr ? object_text(algorithm) : "unknown";
}

void read_signature(X509& certificate, CertificateFacts& facts) {
  const X509_ALGOR* scheme = nullptr;
  X509_get0_signature(nullptr, &scheme, &certificate);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, scheme);
  facts.signature = object_text(algorithm);
  int digest = NID_undef;
  int bits = 0;
  if (X509_get_signature_info(&certificate, &digest, nullptr, &bits, nullptr) != 1) return;
  facts.signature_security_bits = std::max(0, bits);
  if (digest != NID_undef) facts.signature_digest = OBJ_nid2sn(digest);
}

std::string key_id_text(const ASN1_OCTET_STRING* id) {
  if (id == nullptr) return {};
  return base::to_hex(base::as_bytes(raw_text(*id).substr(0, kMaxKeyIdBytes)));
}

/// RFC 7633: the list of TLS extensions that a server with this certificate promises to send.
bool demands_staple(const X509& certificate) {
  constexpr long kStatusRequest = 5;
  constexpr int kMostFeatures = 32;
  const TlsFeaturesPtr features(
      static_cast<TLS_FEATURE*>(X509_get_ext_d2i(&certificate, NID_tlsfeature, nullptr, nullptr)));
  if (!features) return false;
  for (int i = 0; i < std::min(sk_ASN1_INTEGER_num(features.get()), kMostFeatures); ++i) {
    if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == kStatusRequest) return true;
  }
  return false;
}

void read_usage(X509& certificate, CertificateFacts& facts) {
  const std::uint32_t flags = X509_get_extension_flags(&certificate);
  facts.is_ca = (flags & EXFLAG_CA) != 0;
  facts.self_issued = (flags & EXFLAG_SI) != 0;
  facts.self_signed = facts.self_issued && X509_self_signed(&certificate, 1) == 1;
  facts.has_extended_key_usage = (flags & EXFLAG_XKUSAGE) != 0;
  facts.server_auth = X509_check_purpose(&certificate, X509_PURPOSE_SSL_SERVER, 0) == 1;
  facts.client_auth = X509_check_purpose(&certificate, X509_PURPOSE_SSL_CLIENT, 0) == 1;
  facts.must_staple = demands_staple(certificate);
  facts.subject_key_id = key_id_text(X509_get0_subject_key_id(&certificate));
  facts.authority_key_id = key_id_text(X509_get0_authority_key_id(&certificate));
}

}  // namespace

base::Result<CertificatePtr> parse_certificate(base::ByteView der) {
  if (der.size() > kMaxCertificateSize) return base::fail("the certificate is larger than 64 KiB");
  ERR_clear_error();
  const X509Ptr handle = x509_from_der(der);
  if (!handle)
    return base::fail("not a readable X.509 certificate (" + openssl_reason("trailing bytes") + ")");
  const auto not_before = to_wall_time(X509_get0_notBefore(handle.get()));
  const auto not_after = to_wall_time(X509_get0_notAfter(handle.get()));
  if (!not_before || !not_after) {
    ERR_clear_error();
    return base::fail("the certificate's validity is not a readable date");
  }

  auto certificate = std::make_shared<Certificate>();
  certificate->der.assign(der.begin(), der.end());
  CertificateFacts& facts = certificate->facts;
  facts.subject = name_text(X509_get_subject_name(handle.get()));
  facts.issuer = name_text(X509_get_issuer_name(handle.get()));
  facts.common_name = last_common_name(X509_get_subject_name(handle.get()));
  facts.serial_number = serial_text(*handle);
  facts.not_before = *not_before;
  facts.not_after = *not_after;
  facts.sha256 = sha256_hex(der);
  facts.sha1 = sha1_hex(der);
  read_key(*handle, facts);
  read_signature(*handle, facts);
  read_usage(*handle, facts);
  read_alternative_names(*handle, facts);
  read_authority_access(*handle, facts);
  // Odd extensions and keys leave errors behind that are no one's business later on this thread.
  ERR_clear_error();
  return certificate;
}

}  // namespace tlswarden::pki
