#include "pki/certificate.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/name_match.hpp"
#include "pki/openssl.hpp"
#include "pki/verification.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using std::chrono::days;
using test_support::mint;
using test_support::MintSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

MintSpec spec_for(std::string name) {
  return {.common_name = std::move(name), .not_before = kNow, .not_after = kNow + days(90)};
}

/// The DER of a good certificate with a run of bytes exchanged; the signature no longer matters here.
base::Bytes with_bytes(const CertificatePtr& certificate, std::string_view from, std::string_view to) {
  std::string der(base::as_text(certificate->der));
  if (der.find(from) == std::string::npos) ADD_FAILURE() << "nothing to exchange";
  for (std::size_t at = 0; (at = der.find(from, at)) != std::string::npos;)
    der.replace(at, from.size(), to);
  return base::to_bytes(der);
}

TEST(Certificate, SaysWhatTheLeafSays) {
  const auto demo = test_support::demo_pki(kNow);
  const CertificateFacts& facts = demo.leaf.certificate->facts;
  EXPECT_EQ(facts.subject, "CN=localhost");
  EXPECT_EQ(facts.issuer, "CN=Demo Intermediate CA");
  EXPECT_EQ(facts.common_name, "localhost");
  EXPECT_EQ(facts.not_before, kNow - days(1));
  EXPECT_EQ(facts.not_after, kNow + days(90));
  EXPECT_THAT(facts.serial_number, testing::MatchesRegex("[0-9A-F]+"));
  EXPECT_THAT(facts.sha256, testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(facts.sha1, testing::MatchesRegex("[0-9a-f]{40}"));
  EXPECT_EQ(facts.spki_sha256, demo.leaf.private_key()->spki_sha256());
  EXPECT_THAT(facts.dns_names, ElementsAre("localhost"));
  EXPECT_THAT(facts.ip_addresses, ElementsAre("127.0.0.1"));
  EXPECT_EQ(facts.signature, "ecdsa-with-SHA256");
  EXPECT_EQ(facts.signature_digest, "SHA256");
  EXPECT_FALSE(facts.is_ca);
  EXPECT_FALSE(facts.self_issued);
  EXPECT_FALSE(facts.self_signed);
  EXPECT_TRUE(facts.has_extended_key_usage);
  EXPECT_TRUE(facts.server_auth);
  EXPECT_FALSE(facts.client_auth);
  EXPECT_EQ(facts.authority_key_id, demo.intermediate.certificate->facts.subject_key_id);
  EXPECT_THAT(facts.ca_issuers_urls, IsEmpty());
}

TEST(Certificate, SaysWhatARootSays) {
  const auto demo = test_support::demo_pki(kNow);
  const CertificateFacts& facts = demo.root.certificate->facts;
  EXPECT_TRUE(facts.is_ca);
  EXPECT_TRUE(facts.self_issued);
  EXPECT_TRUE(facts.self_signed);
  EXPECT_FALSE(facts.has_extended_key_usage);
  EXPECT_TRUE(demo.intermediate.certificate->facts.is_ca);
  EXPECT_FALSE(demo.intermediate.certificate->facts.self_signed);
}

TEST(Certificate, IsSelfIssuedButNotSelfSignedWhenAnotherKeySignedIt) {
  const auto old_root = mint({.common_name = "Root", .not_before = kNow, .not_after = kNow, .ca = true});
  const auto new_root =
      mint({.common_name = "Root", .not_before = kNow, .not_after = kNow, .ca = true}, &old_root);
  EXPECT_TRUE(new_root.certificate->facts.self_issued);
  EXPECT_FALSE(new_root.certificate->facts.self_signed);
}

TEST(Certificate, ListsWhereIssuerAndStatusCanBeFetched) {
  MintSpec spec = spec_for("x");
  spec.adjust = [](X509* certificate) {
    X509_EXTENSION* made =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_info_access,
                            "caIssuers;URI:http://ca.example/i.cer,OCSP;URI:http://ocsp.example/");
    X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
  };
  const auto minted = mint(spec);
  EXPECT_THAT(minted.certificate->facts.ca_issuers_urls, ElementsAre("http://ca.example/i.cer"));
  EXPECT_THAT(minted.certificate->facts.ocsp_urls, ElementsAre("http://ocsp.example/"));
}

struct KeyCase {
  const char* key;
  const char* digest;
  const char* signature;
  const char* signature_digest;
  int key_bits, signature_bits;
};

class KeyFacts : public testing::TestWithParam<KeyCase> {};

TEST_P(KeyFacts, AreRead) {
  const KeyCase& tested = GetParam();
  MintSpec spec = spec_for("x");
  spec.key = tested.key;
  spec.digest = tested.digest;
  const CertificateFacts facts = mint(spec).certificate->facts;
  EXPECT_EQ(facts.key, tested.key);
  EXPECT_EQ(facts.key_security_bits, tested.key_bits);
  EXPECT_EQ(facts.signature, tested.signature);
  EXPECT_EQ(facts.signature_digest, tested.signature_digest);
  EXPECT_EQ(facts.signature_security_bits, tested.signature_bits);
}

INSTANTIATE_TEST_SUITE_P(Kinds, KeyFacts,
                         testing::Values(KeyCase{"EC-256", "SHA256", "ecdsa-with-SHA256", "SHA256", 128, 128},
                                         KeyCase{"EC-384", "SHA384", "ecdsa-with-SHA384", "SHA384", 192, 192},
                                         KeyCase{"RSA-2048", "SHA256", "sha256WithRSAEncryption", "SHA256",
                                                 112, 128},
                                         KeyCase{"RSA-1024", "SHA1", "sha1WithRSAEncryption", "SHA1", 80, 63},
                                         KeyCase{"RSA-1024", "MD5", "md5WithRSAEncryption", "MD5", 80, 39},
                                         KeyCase{"Ed25519", "SHA256", "ED25519", "", 128, 128}),
                         [](const auto& tested) {
                           std::string name = std::string(tested.param.key) + tested.param.digest;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Certificate, KeepsNamesReadableAndEscaped) {
  MintSpec spec = spec_for("Größe, \x1b[2J");
  spec.organization = "Example\nLtd";
  const CertificateFacts facts = mint(spec).certificate->facts;
  EXPECT_THAT(facts.subject, HasSubstr("Größe\\, "));
  EXPECT_EQ(facts.subject.find('\x1b'), std::string::npos);
  EXPECT_EQ(facts.subject.find('\n'), std::string::npos);
  EXPECT_EQ(facts.common_name.find('\x1b'), std::string::npos);
}

TEST(Certificate, ShowsEmbeddedNulsAndWrongAddressesForWhatTheyAre) {
  MintSpec spec = spec_for("x");
  spec.dns_names = {std::string("good.example\0.evil.example", 26), "ok.example"};
  spec.adjust = [](X509* certificate) {
    auto* names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_OCTET_STRING* bytes = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(bytes, reinterpret_cast<const unsigned char*>("12345"), 5);
    GENERAL_NAME_set0_value(name, GEN_IPADD, bytes);
    sk_GENERAL_NAME_push(names, name);
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
    GENERAL_NAMES_free(names);
  };
  const CertificatePtr leaf = mint(spec).certificate;
  EXPECT_THAT(leaf->facts.dns_names, ElementsAre("good.example\\x00.evil.example", "ok.example"));
  EXPECT_THAT(leaf->facts.ip_addresses, ElementsAre("(not an address: 5 bytes)"));
  EXPECT_TRUE(match_name(*leaf, "ok.example", NamePolicy::kStrict).matches);
  EXPECT_FALSE(match_name(*leaf, "ok.example", NamePolicy::kLibpq).matches) << "libpq stops at the NUL";
}

TEST(Certificate, BoundsLongNames) {
  MintSpec spec = spec_for("x");
  spec.dns_names = {std::string(20000, 'a')};
  spec.adjust = [](X509* certificate) {
    const std::string value(20000, 'b');
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_description, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(value.data()), 1000, -1, 0);
    for (int i = 0; i < 15; ++i) {
      X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "2.5.4.13", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(value.data()), 1000, -1, 0);
    }
  };
  const CertificateFacts facts = mint(spec).certificate->facts;
  EXPECT_LT(facts.subject.size(), 1100U);
  EXPECT_LT(facts.dns_names[0].size(), 300U);
}

TEST(Certificate, SaysTheLastCommonNameOfSeveral) {
  MintSpec spec = spec_for("first");
  spec.adjust = [](X509* certificate) {
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("last"), -1, -1, 0);
  };
  EXPECT_EQ(mint(spec).certificate->facts.common_name, "last");
}

TEST(Certificate, ReadsDatesFarAway) {
  MintSpec spec = spec_for("x");
  spec.not_before = base::parse_rfc3339("1950-01-01T00:00:00Z").value();
  spec.not_after = base::parse_rfc3339("9999-12-31T23:59:59Z").value();
  const CertificateFacts facts = mint(spec).certificate->facts;
  EXPECT_EQ(facts.not_before, spec.not_before);
  EXPECT_EQ(facts.not_after, spec.not_after);
}

TEST(Certificate, RefusesBrokenDates) {
  const CertificatePtr good = mint(spec_for("x")).certificate;
  for (const char* broken :
       {"26XX01120000Z", "261301120000Z", "260230120000Z", "2603011200000", "260301126100Z"}) {
    const auto result = parse_certificate(with_bytes(good, "260301120000Z", broken));
    ASSERT_FALSE(result) << broken;
    EXPECT_EQ(result.error().message, "the certificate's validity is not a readable date") << broken;
  }
}

TEST(Certificate, ReadsOddKeysAndSignatures) {
  const CertificatePtr good = mint(spec_for("x")).certificate;
  const std::string ec_key("\x2a\x86\x48\xce\x3d\x02\x01", 7);
  const std::string odd_key("\x2a\x86\x48\xce\x3d\x02\x7f", 7);
  const auto unknown_key = parse_certificate(with_bytes(good, ec_key, odd_key));
  ASSERT_TRUE(unknown_key) << unknown_key.error().message;
  EXPECT_EQ((*unknown_key)->facts.key, "1.2.840.10045.2.127");
  EXPECT_EQ((*unknown_key)->facts.key_security_bits, 0);
  EXPECT_FALSE((*unknown_key)->facts.self_signed);

  const std::string ecdsa("\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
  const std::string odd("\x2a\x86\x48\xce\x3d\x04\x03\x7f", 8);
  const auto unknown_signature = parse_certificate(with_bytes(good, ecdsa, odd));
  ASSERT_TRUE(unknown_signature) << unknown_signature.error().message;
  EXPECT_EQ((*unknown_signature)->facts.signature, "1.2.840.10045.4.3.127");
  EXPECT_EQ((*unknown_signature)->facts.signature_digest, "");
}

TEST(Certificate, RefusesWhatIsNoCertificate) {
  const auto error = [](base::ByteView der) { return parse_certificate(der).error().message; };
  EXPECT_THAT(error({}), HasSubstr("not a readable X.509 certificate"));
  EXPECT_THAT(error(base::as_bytes("hello")), HasSubstr("not a readable X.509 certificate"));
  EXPECT_EQ(error(base::Bytes(64UL * 1024 + 1)), "the certificate is larger than 64 KiB");
  base::Bytes trailing = mint(spec_for("x")).certificate->der;
  trailing.push_back(0);
  EXPECT_EQ(error(trailing), "not a readable X.509 certificate (trailing bytes)");
}

TEST(Certificate, LeavesNoErrorOnTheThreadsQueue) {
  const CertificatePtr good = mint(spec_for("x")).certificate;
  ASSERT_FALSE(parse_certificate(base::as_bytes("hello")));
  EXPECT_EQ(ERR_peek_error(), 0UL);
  ASSERT_TRUE(parse_certificate(with_bytes(good, std::string("\x2a\x86\x48\xce\x3d\x02\x01", 7),
                                           std::string("\x2a\x86\x48\xce\x3d\x02\x7f", 7))));
  EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST(CertificateRobustness, SurvivesEveryDamagedByteThroughoutTheFolder) {
  const auto demo = test_support::demo_pki(kNow);
  const auto store = test_support::store_of({&demo.root});
  const base::Bytes& good = demo.leaf.certificate->der;
  VerificationCache cache;
  std::size_t readable = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    parse_certificate(base::ByteView(good).first(at));
    for (const std::uint8_t mask : {0x01, 0x80, 0xff}) {
      base::Bytes damaged = good;
      damaged[at] ^= mask;
      const auto certificate = parse_certificate(damaged);
      if (!certificate) continue;
      ++readable;
      const auto& result =
          cache.verify({*certificate, demo.intermediate.certificate}, *store, Purpose::kServer, kNow);
      EXPECT_FALSE(result.ok()) << "byte " << at;
      for (const NamePolicy policy : {NamePolicy::kLibpq, NamePolicy::kOpenssl, NamePolicy::kStrict}) {
        match_name(**certificate, "localhost", policy);
      }
    }
  }
  EXPECT_GT(readable, good.size() / 2);
}

}  // namespace
}  // namespace tlswarden::pki
