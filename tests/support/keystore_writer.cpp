#include "tests/support/keystore_writer.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "pki/legacy_library.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::test_support {
namespace {

using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, pki::Releaser<PKCS8_PRIV_KEY_INFO_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, pki::Releaser<ASN1_TIME_free>>;

void require(bool done, std::string_view what) {
  if (done) return;
  std::fprintf(stderr, "keystore_writer: %.*s\n", static_cast<int>(what.size()), what.data());
  ERR_print_errors_fp(stderr);
  std::abort();
}

template <class Handle, class Encode>
base::Bytes encoded(Handle* handle, Encode encode) {
  unsigned char* data = nullptr;
  const int size = encode(handle, &data);
  require(size > 0, "encoding");
  const std::unique_ptr<unsigned char, pki::Releaser<pki::release_openssl_memory>> owner(data);
  return {data, data + size};
}

pki::X509Ptr handle_of(const Minted& minted) {
  const base::Bytes& der = minted.certificate->der;
  const unsigned char* position = der.data();
  return pki::X509Ptr(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
}

pki::RevocationListHandle list_handle(const base::Bytes& der) {
  const unsigned char* position = der.data();
  return pki::RevocationListHandle(d2i_X509_CRL(nullptr, &position, static_cast<long>(der.size())));
}

/// The bags of one safe, being filled.
class Bags {
 public:
  Bags() = default;
  Bags(const Bags&) = delete;
  Bags& operator=(const Bags&) = delete;
  ~Bags() { sk_PKCS12_SAFEBAG_pop_free(bags_, PKCS12_SAFEBAG_free); }

  void add(PKCS12_SAFEBAG* bag) {
    require(bag != nullptr, "PKCS#12 bag");
    if (bags_ == nullptr) bags_ = sk_PKCS12_SAFEBAG_new_null();
    require(sk_PKCS12_SAFEBAG_push(bags_, bag) > 0, "PKCS#12 bags");
  }
  STACK_OF(PKCS12_SAFEBAG) * get() const { return bags_; }

 private:
  STACK_OF(PKCS12_SAFEBAG) * bags_ = nullptr;
};

void append_number(base::Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append(base::Bytes& out, base::ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_text(base::Bytes& out, std::string_view text) {
  append_number(out, text.size(), 2);
  append(out, base::as_bytes(text));
}

base::Bytes sha1(base::ByteView data) {
  base::Bytes digest(20);
  require(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1, "SHA-1");
  return digest;
}

}  // namespace

std::string der_of(const Minted& minted) {
  return std::string(base::as_text(minted.certificate->der));
}

base::Bytes revocation_list(const Minted& issuer, base::WallTime now) {
  const pki::RevocationListHandle list(X509_CRL_new());
  const pki::X509Ptr signer = handle_of(issuer);
  const auto time = [](base::WallTime at) {
    return TimePtr(ASN1_TIME_set(nullptr, static_cast<std::time_t>(at.time_since_epoch().count())));
  };
  const TimePtr from = time(now);
  const TimePtr until = time(now + std::chrono::days(7));
  const bool done = X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
                    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(signer.get())) == 1 &&
                    X509_CRL_set1_lastUpdate(list.get(), from.get()) == 1 &&
                    X509_CRL_set1_nextUpdate(list.get(), until.get()) == 1 &&
                    X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) > 0;
  require(done, "revocation list");
  return encoded(list.get(), i2d_X509_CRL);
}

std::string armoured(std::string_view label, std::string_view der) {
  return "-----BEGIN " + std::string(label) + "-----\n" + base64_lines(der) + "-----END " +
         std::string(label) + "-----\n";
}

std::string base64_lines(std::string_view der) {
  constexpr std::size_t kLine = 48;
  std::string text;
  for (std::size_t at = 0; at < der.size(); at += kLine) {
    const std::string_view piece = der.substr(at, kLine);
    std::array<unsigned char, 80> line{};
    const int size =
        EVP_EncodeBlock(line.data(), base::as_bytes(piece).data(), static_cast<int>(piece.size()));
    text += std::string(base::as_text(base::ByteView(line).first(static_cast<std::size_t>(size)))) + "\n";
  }
  return text;
}

std::string pkcs7(std::initializer_list<const Minted*> certificates, const std::vector<base::Bytes>& lists) {
  const std::unique_ptr<PKCS7, pki::Releaser<PKCS7_free>> message(PKCS7_new());
  require(PKCS7_set_type(message.get(), NID_pkcs7_signed) == 1, "PKCS#7");
  message->d.sign->contents->type = OBJ_nid2obj(NID_pkcs7_data);
  for (const Minted* minted : certificates)
    require(PKCS7_add_certificate(message.get(), handle_of(*minted).get()) == 1, "PKCS#7 certificate");
  for (const base::Bytes& list : lists)
    require(PKCS7_add_crl(message.get(), list_handle(list).get()) == 1, "PKCS#7 list");
  return std::string(base::as_text(encoded(message.get(), i2d_PKCS7)));
}

std::string with_indefinite_lengths(std::string_view der_pkcs7) {
  // SEQUENCE { OID (11 bytes), [0] { … } }, both with lengths of two bytes.
  constexpr std::size_t kHeader = 4;
  constexpr std::size_t kOid = 11;
  require(der_pkcs7.size() > 2 * kHeader + kOid && der_pkcs7.substr(0, 2) == "\x30\x82" &&
              der_pkcs7.substr(kHeader + kOid, 2) == "\xa0\x82",
          "PKCS#7 of an unexpected shape");
  return std::string("\x30\x80", 2) + std::string(der_pkcs7.substr(kHeader, kOid)) +
         std::string("\xa0\x80", 2) + std::string(der_pkcs7.substr(2 * kHeader + kOid)) +
         std::string(4, '\0');
}

std::string pkcs12(const Pkcs12Spec& spec) {
  const pki::LegacyLibrary library;
  Bags public_parts;
  for (const Minted* minted : spec.certificates)
    public_parts.add(PKCS12_SAFEBAG_create_cert(handle_of(*minted).get()));
  for (const base::Bytes& list : spec.lists)
    public_parts.add(PKCS12_SAFEBAG_create_crl(list_handle(list).get()));
  Bags keys;
  for (const Minted* minted : spec.keys) {
    KeyInfoPtr info(EVP_PKEY2PKCS8(minted->key.get()));
    if (spec.cipher < 0) {
      keys.add(PKCS12_SAFEBAG_create0_p8inf(info.release()));
    } else {
      keys.add(PKCS12_SAFEBAG_create_pkcs8_encrypt_ex(spec.cipher, spec.password, -1, nullptr, 0,
                                                      spec.iterations, info.get(), library.get(), nullptr));
    }
  }
  STACK_OF(PKCS7)* safes = nullptr;
  if (public_parts.get() != nullptr) {
    require(PKCS12_add_safe_ex(&safes, public_parts.get(), spec.cipher, spec.iterations, spec.password,
                               library.get(), nullptr) == 1,
            "PKCS#12 safe");
  }
  if (keys.get() != nullptr)
    require(PKCS12_add_safe_ex(&safes, keys.get(), -1, 0, nullptr, library.get(), nullptr) == 1,
            "PKCS#12 safe");
  const std::unique_ptr<PKCS12, pki::Releaser<PKCS12_free>> store(PKCS12_add_safes(safes, 0));
  sk_PKCS7_pop_free(safes, PKCS7_free);
  require(store != nullptr, "PKCS#12");
  if (spec.mac) {
    require(
        PKCS12_set_mac(store.get(), spec.password, -1, nullptr, 0, spec.mac_iterations, EVP_sha256()) == 1,
        "PKCS#12 MAC");
  }
  return std::string(base::as_text(encoded(store.get(), i2d_PKCS12)));
}

std::string java_keystore(const JavaStoreSpec& spec) {
  base::Bytes body;
  append_number(body, spec.jceks ? 0xCECECECE : 0xFEEDFEED, 4);
  append_number(body, spec.version, 4);
  append_number(body, spec.entries.size(), 4);
  for (const JavaEntry& entry : spec.entries) {
    append_number(body, entry.encrypted_key.empty() ? 2 : 1, 4);
    append_text(body, entry.alias);
    append_number(body, 0, 8);
    if (!entry.encrypted_key.empty()) {
      append_number(body, entry.encrypted_key.size(), 4);
      append(body, entry.encrypted_key);
      append_number(body, entry.certificates.size(), 4);
    }
    for (const base::Bytes& certificate : entry.certificates) {
      if (spec.version == 2) append_text(body, "X.509");
      append_number(body, certificate.size(), 4);
      append(body, certificate);
    }
  }
  base::Bytes hashed;
  for (const char c : spec.password)
    append_number(hashed, static_cast<unsigned char>(c), 2);
  append(hashed, base::as_bytes("Mighty Aphrodite"));
  append(hashed, body);
  append(body, sha1(hashed));
  return std::string(base::as_text(body));
}

}  // namespace tlswarden::test_support
