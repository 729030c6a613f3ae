#include "pki/bundle.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/openssl.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using test_support::Minted;
using testing::HasSubstr;
using testing::StartsWith;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

base::Result<Chain, BundleError> parse(std::string_view text) {
  return parse_bundle(base::as_bytes(text)).map([](const pki::Bundle& bundle) {
    return bundle.certificates;
  });
}

std::string error_of(std::string_view text) {
  const auto result = parse(text);
  return result ? "(accepted)" : result.error().message;
}

std::string text_of(const BioPtr& out) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

class BundleText : public testing::Test {
 protected:
  static X509Ptr handle(const Minted& minted) {
    const unsigned char* der = minted.certificate->der.data();
    return X509Ptr(d2i_X509(nullptr, &der, static_cast<long>(minted.certificate->der.size())));
  }
  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
    return text;
  }

  const test_support::DemoPki demo_ = test_support::demo_pki(kNow);
  const Chain expected_ = test_support::chain_of({&demo_.leaf, &demo_.intermediate});
};

void expect_same(const base::Result<Chain, BundleError>& actual, const Chain& expected) {
  ASSERT_TRUE(actual) << actual.error().message;
  ASSERT_EQ(actual->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*actual)[i]->facts.sha256, expected[i]->facts.sha256);
    EXPECT_EQ((*actual)[i]->der, expected[i]->der);
  }
}

TEST_F(BundleText, HandsOutTheCertificatesInFileOrder) {
  const std::string pem = test_support::pem_of({&demo_.leaf, &demo_.intermediate});
  expect_same(parse(pem), expected_);
  expect_same(parse(replaced(pem, "\n", "\r\n")), expected_);
  expect_same(parse("\xef\xbb\xbf" + pem), expected_);
  expect_same(parse(pem.substr(0, pem.size() - 1)), expected_);
}

TEST_F(BundleText, SkipsTextAndOtherBlocks) {
  expect_same(
      parse("# the leaf\n" + demo_.leaf.key_pem + demo_.leaf.certificate_pem + "subject=/CN=x\n\n" +
            "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + demo_.intermediate.certificate_pem),
      expected_);
}

TEST_F(BundleText, AcceptsEveryCertificateLabel) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  const X509Ptr trusted = handle(demo_.leaf);
  X509_alias_set1(trusted.get(), reinterpret_cast<const unsigned char*>("alias"), -1);
  PEM_write_bio_X509_AUX(out.get(), trusted.get());
  const std::string pem = text_of(out);
  EXPECT_THAT(pem, StartsWith("-----BEGIN TRUSTED CERTIFICATE-----"));
  expect_same(parse(pem + replaced(demo_.intermediate.certificate_pem, "CERTIFICATE", "X509 CERTIFICATE")),
              expected_);
}

TEST_F(BundleText, NamesTheBrokenBlockAndItsLine) {
  const std::string good = demo_.leaf.certificate_pem;
  const auto lines = static_cast<std::size_t>(std::count(good.begin(), good.end(), '\n'));
  const std::string place = "certificate 2 (line " + std::to_string(lines + 2) + ")";
  const auto second = [&](const std::string& block) { return error_of(good + "\n" + block); };
  EXPECT_EQ(second("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n"),
            place + " is broken: bad base64 decode");
  EXPECT_EQ(second("-----BEGIN CERTIFICATE-----\nAAAA\n"), place + " is broken: its END line is missing");
  EXPECT_EQ(second("-----BEGIN CERTIFICATE-----\nAAAA\n" + good),
            place + " is broken: its END line is missing");
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
              StartsWith(place + " is broken"));
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n"),
              StartsWith(place + " is broken"));
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n"),
              StartsWith(place + " is broken"));
}

TEST_F(BundleText, SaysHowToConvertOtherForms) {
  const X509Ptr leaf = handle(demo_.leaf);
  const std::string der(base::as_text(demo_.leaf.certificate->der));
  EXPECT_THAT(error_of(der), HasSubstr("openssl x509 -inform DER -in FILE -out ca.pem"));

  const std::unique_ptr<PKCS7, Releaser<PKCS7_free>> pkcs7(PKCS7_new());
  PKCS7_set_type(pkcs7.get(), NID_pkcs7_signed);
  PKCS7_content_new(pkcs7.get(), NID_pkcs7_data);
  PKCS7_add_certificate(pkcs7.get(), leaf.get());
  const BioPtr pkcs7_der(BIO_new(BIO_s_mem()));
  i2d_PKCS7_bio(pkcs7_der.get(), pkcs7.get());
  EXPECT_THAT(error_of(text_of(pkcs7_der)), HasSubstr("openssl pkcs7 -inform DER -print_certs"));
  const BioPtr pkcs7_pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS7(pkcs7_pem.get(), pkcs7.get());
  EXPECT_THAT(error_of(text_of(pkcs7_pem)), HasSubstr("openssl pkcs7 -print_certs"));

  const std::unique_ptr<PKCS12, Releaser<PKCS12_free>> pkcs12(
      PKCS12_create("secret", "x", demo_.leaf.key.get(), leaf.get(), nullptr, 0, 0, 0, 0, 0));
  const BioPtr pkcs12_der(BIO_new(BIO_s_mem()));
  i2d_PKCS12_bio(pkcs12_der.get(), pkcs12.get());
  EXPECT_THAT(error_of(text_of(pkcs12_der)), HasSubstr("openssl pkcs12 -in FILE -nokeys"));

  EXPECT_THAT(error_of(std::string("\xfe\xed\xfe\xed\0\0\0\2", 8)), HasSubstr("keytool -list -rfc"));
  EXPECT_THAT(error_of(std::string("\xce\xce\xce\xce\0\0\0\2", 8)), HasSubstr("keytool -list -rfc"));
}

TEST_F(BundleText, SaysWhatTheContentIsInsteadOfCertificates) {
  const std::string key = "the content is a private key, but certificates are wanted here";
  EXPECT_EQ(error_of(demo_.leaf.key_pem), key);
  EXPECT_EQ(error_of(demo_.leaf.private_key()->pkcs8_der().reveal()), key);
  EXPECT_EQ(error_of(""), "the content is empty; PEM certificates are wanted");
  EXPECT_EQ(error_of(" \r\n\t"), "the content is empty; PEM certificates are wanted");
  EXPECT_EQ(error_of("hello"), "there is no certificate in the content; PEM text is wanted");
  EXPECT_THAT(error_of(std::string("\xff\xfe-\0-\0", 6)), HasSubstr("UTF-16"));
  EXPECT_THAT(error_of("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"),
              HasSubstr("certificate request"));
  EXPECT_EQ(error_of("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
            "there is no certificate in the content, only X509 CRL");
}

TEST_F(BundleText, IsBounded) {
  EXPECT_EQ(error_of(std::string(4UL * 1024 * 1024 + 1, 'x')), "the bundle is larger than 4 MiB");
  const std::string endless = "-----BEGIN " + std::string(1024UL * 1024, 'x') + "-----\nAAAA\n";
  EXPECT_LT(error_of(endless).size(), 400U);
}

TEST_F(BundleText, SurvivesEveryTruncation) {
  const std::string pem = test_support::pem_of({&demo_.leaf, &demo_.intermediate});
  for (std::size_t size = 0; size < pem.size(); ++size)
    parse(std::string_view(pem).substr(0, size));
}

}  // namespace
}  // namespace tlswarden::pki
