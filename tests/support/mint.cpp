#include "tests/support/mint.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"

namespace tlswarden::test_support {
namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, pki::Releaser<X509_EXTENSION_free>>;

/// A test that cannot mint cannot go on.
void require(bool done, std::string_view what) {
  if (done) return;
  std::fprintf(stderr, "mint: %.*s\n", static_cast<int>(what.size()), what.data());
  ERR_print_errors_fp(stderr);
  std::abort();
}

std::shared_ptr<EVP_PKEY> make_key(std::string_view kind) {
  EVP_PKEY* key = nullptr;
  if (kind == "EC-256") key = EVP_EC_gen("P-256");
  if (kind == "EC-384") key = EVP_EC_gen("P-384");
  if (kind == "RSA-1024") key = EVP_RSA_gen(1024);
  if (kind == "RSA-2048") key = EVP_RSA_gen(2048);
  if (kind == "Ed25519") key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  require(key != nullptr, "no key of this kind can be made");
  return {key, EVP_PKEY_free};
}

void set_serial(X509& certificate) {
  std::array<unsigned char, 16> random{};
  require(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "no random bytes");
  random[0] &= 0x7FU;
  const std::unique_ptr<BIGNUM, pki::Releaser<BN_free>> number(
      BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
  require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr,
          "no serial number");
}

void set_dates(X509& certificate, const MintSpec& spec) {
  const auto seconds = [](base::WallTime time) {
    return static_cast<std::time_t>(time.time_since_epoch().count());
  };
  require(ASN1_TIME_set(X509_getm_notBefore(&certificate), seconds(spec.not_before)) != nullptr, "notBefore");
  require(ASN1_TIME_set(X509_getm_notAfter(&certificate), seconds(spec.not_after)) != nullptr, "notAfter");
}

void add_name_part(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          "subject");
}

void add_extension(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, value);
}

/// Built from GENERAL_NAME objects: the text form of the extension would trip over commas in hostile names.
void add_alternative_names(X509& certificate, const MintSpec& spec) {
  if (spec.dns_names.empty() && spec.ip_addresses.empty()) return;
  const pki::GeneralNamesPtr names(GENERAL_NAMES_new());
  const auto add = [&](int type, ASN1_STRING* value) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    require(name != nullptr && value != nullptr, "subjectAltName");
    GENERAL_NAME_set0_value(name, type, value);
    require(sk_GENERAL_NAME_push(names.get(), name) > 0, "subjectAltName");
  };
  for (const std::string& dns : spec.dns_names) {
    ASN1_IA5STRING* value = ASN1_IA5STRING_new();
    require(ASN1_STRING_set(value, dns.data(), static_cast<int>(dns.size())) == 1, dns);
    add(GEN_DNS, value);
  }
  for (const std::string& address : spec.ip_addresses)
    add(GEN_IPADD, a2i_IPADDRESS(address.c_str()));
  require(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
          "subjectAltName");
}

void add_extensions(X509& certificate, X509& issuer, const MintSpec& spec) {
  std::string constraints = spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  if (spec.path_length) constraints += ",pathlen:" + std::to_string(*spec.path_length);
  add_extension(certificate, issuer, NID_basic_constraints, constraints);
  if (spec.ca) add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (spec.extended_key_usage) {
    add_extension(certificate, issuer, NID_ext_key_usage, base::join(*spec.extended_key_usage, ","));
  }
  if (spec.ca_issuers_url) {
    add_extension(certificate, issuer, NID_info_access, "caIssuers;URI:" + *spec.ca_issuers_url);
  }
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
  add_alternative_names(certificate, spec);
}

void sign(X509& certificate, EVP_PKEY& key, const std::string& digest) {
  const bool own_digest = EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519;
  const EVP_MD* method = own_digest ? nullptr : EVP_get_digestbyname(digest.c_str());
  require(own_digest || method != nullptr, "no such digest");
  require(X509_sign(&certificate, &key, method) > 0, "signature");
}

pki::CertificatePtr to_certificate(X509& handle) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(&handle, &encoded);
  require(size > 0, "encoding");
  const std::unique_ptr<unsigned char, pki::Releaser<pki::release_openssl_memory>> owner(encoded);
  auto certificate = pki::parse_certificate(base::ByteView(encoded, static_cast<std::size_t>(size)));
  require(certificate.has_value(), certificate ? "" : certificate.error().message);
  return *certificate;
}

std::string text_of(BIO* out) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

pki::PrivateKeyPtr Minted::private_key() const {
  auto parsed = pki::parse_private_key(base::Secret(key_pem), nullptr);
  require(parsed.has_value(), "the minted key cannot be read");
  return *parsed;
}

Minted mint(const MintSpec& spec, const Minted* issuer) {
  Minted minted;
  minted.key = spec.own_key ? spec.own_key : make_key(spec.key);
  const pki::X509Ptr handle(X509_new());
  X509& certificate = *handle;
  X509_set_version(&certificate, X509_VERSION_3);
  set_serial(certificate);
  set_dates(certificate, spec);
  X509_NAME* subject = X509_get_subject_name(&certificate);
  add_name_part(subject, "O", spec.organization);
  add_name_part(subject, "CN", spec.common_name);
  require(X509_set_pubkey(&certificate, minted.key.get()) == 1, "public key");

  pki::X509Ptr signer;
  if (issuer != nullptr) {
    const unsigned char* der = issuer->certificate->der.data();
    signer.reset(d2i_X509(nullptr, &der, static_cast<long>(issuer->certificate->der.size())));
  }
  X509& issuing = signer ? *signer : certificate;
  require(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuing)) == 1, "issuer");
  add_extensions(certificate, issuing, spec);
  if (spec.adjust) spec.adjust(&certificate);
  sign(certificate, issuer != nullptr ? *issuer->key : *minted.key, spec.digest);

  minted.certificate = to_certificate(certificate);
  const pki::BioPtr certificate_out(BIO_new(BIO_s_mem()));
  const pki::BioPtr key_out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(certificate_out.get(), &certificate) == 1, "PEM");
  require(PEM_write_bio_PKCS8PrivateKey(key_out.get(), minted.key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "PEM of the key");
  minted.certificate_pem = text_of(certificate_out.get());
  minted.key_pem = text_of(key_out.get());
  return minted;
}

std::string pem_of(std::initializer_list<const Minted*> certificates) {
  std::string text;
  for (const Minted* minted : certificates)
    text += minted->certificate_pem;
  return text;
}

pki::Chain chain_of(std::initializer_list<const Minted*> certificates) {
  pki::Chain chain;
  for (const Minted* minted : certificates)
    chain.push_back(minted->certificate);
  return chain;
}

pki::TrustStorePtr store_of(std::initializer_list<const Minted*> anchors) {
  return pki::make_trust_store(chain_of(anchors), "the test's trust store");
}

DemoPki demo_pki(base::WallTime now, int days) {
  MintSpec spec;
  spec.not_before = now - std::chrono::days(1);
  spec.not_after = now + std::chrono::days(days);
  spec.ca = true;
  spec.common_name = "Demo Root CA";
  DemoPki demo;
  demo.root = mint(spec);
  spec.common_name = "Demo Intermediate CA";
  demo.intermediate = mint(spec, &demo.root);
  spec.ca = false;
  spec.common_name = "localhost";
  spec.dns_names = {"localhost"};
  spec.ip_addresses = {"127.0.0.1"};
  spec.extended_key_usage = std::vector<std::string>{"serverAuth"};
  demo.leaf = mint(spec, &demo.intermediate);
  return demo;
}

}  // namespace tlswarden::test_support
