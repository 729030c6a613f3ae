#include "pki/bundle.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/openssl.hpp"
#include "tests/support/keystore_writer.hpp"
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

std::vector<std::string> fingerprints(const Chain& chain) {
  std::vector<std::string> all;
  for (const CertificatePtr& certificate : chain)
    all.push_back(certificate->facts.sha256);
  return all;
}

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
  expect_same(parse("# the leaf\n" + demo_.leaf.key_pem + demo_.leaf.certificate_pem + "subject=/CN=x\n\n" +
                    "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n" +
                    demo_.intermediate.certificate_pem),
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
            place + " is broken: bad base64 decode; fetch the file anew");
  EXPECT_EQ(second("-----BEGIN CERTIFICATE-----\nAAAA\n"),
            place + " is broken: its END line is missing; fetch the file anew");
  EXPECT_EQ(second("-----BEGIN CERTIFICATE-----\nAAAA\n" + good),
            place + " is broken: its END line is missing; fetch the file anew");
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
              StartsWith(place + " is broken"));
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n"),
              StartsWith(place + " is broken"));
  EXPECT_THAT(second("-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n"),
              StartsWith(place + " is broken"));
}

TEST_F(BundleText, SaysWhatBecameOfItsLines) {
  const std::string good = demo_.leaf.certificate_pem;
  const std::string one = good.substr(0, good.size() - 1);
  const std::string lost =
      "its line breaks are lost; put the BEGIN line, the END line and the text between them on lines of "
      "their "
      "own";
  const auto with_breaks = [&](const std::string& line_break) { return replaced(one, "\n", line_break); };
  const std::pair<std::string, std::string> cases[] = {
      {one + good, "its END line goes on with the next BEGIN; put a line break between the two"},
      {with_breaks("\\n"), "its line breaks are written as \\n; write each as a real line break"},
      {"\"" + with_breaks("\\r\\n") + "\"",
       "its line breaks are written as \\n; write each as a real line break"},
      {with_breaks("\r"), "its lines end in carriage returns alone; save it with Unix line ends"},
      {with_breaks(" "), lost},
      {with_breaks(""), lost},
      {"  " + with_breaks("\n  "), "its lines are indented; remove the blanks in front of them"},
  };
  for (const auto& [content, said] : cases)
    EXPECT_EQ(error_of(content), "certificate 1 (line 1) is broken: " + said);
  expect_same(parse(with_breaks("\r\n")), {demo_.leaf.certificate});
  expect_same(parse("\xef\xbb\xbf" + with_breaks(" \t\r\n")), {demo_.leaf.certificate});
}

TEST_F(BundleText, ReadsRevocationListsBesideCertificates) {
  const base::Bytes list = test_support::revocation_list(demo_.root, kNow);
  const std::string armoured = test_support::armoured("X509 CRL", base::as_text(list));
  const auto bundle = parse_bundle(base::as_bytes(demo_.leaf.certificate_pem + armoured));
  ASSERT_TRUE(bundle) << bundle.error().message;
  ASSERT_EQ(bundle->revocation_lists.size(), 1U);
  EXPECT_EQ(bundle->revocation_lists[0]->der, list);
  EXPECT_EQ(bundle->certificates.size(), 1U);
  EXPECT_EQ(bundle->key, nullptr);
  EXPECT_THAT(error_of(armoured), HasSubstr("revocation lists but no certificate"));
  EXPECT_THAT(error_of(base::as_text(list)), HasSubstr("revocation lists but no certificate"));
  EXPECT_THAT(error_of("\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
              StartsWith("revocation list 1 (line 2) cannot be used"));
}

TEST_F(BundleText, ReadsDerOneBehindTheOther) {
  const std::string leaf = test_support::der_of(demo_.leaf);
  const std::string both = leaf + test_support::der_of(demo_.intermediate);
  expect_same(parse(both), expected_);
  const base::Bytes list = test_support::revocation_list(demo_.root, kNow);
  const auto bundle = parse_bundle(base::as_bytes(both + std::string(base::as_text(list))));
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->revocation_lists.size(), 1U);

  const std::string size = std::to_string(leaf.size());
  EXPECT_THAT(error_of(leaf + "\n"),
              StartsWith("there are bytes that belong to no certificate (byte " + size));
  EXPECT_EQ(error_of(leaf + leaf.substr(0, 40)),
            "certificate 2 (byte " + size + ") is cut short; fetch the file anew");
  EXPECT_THAT(error_of(leaf + std::string("\x30\x00", 2)),
              StartsWith("certificate 2 (byte " + size + ") cannot be used"));
}

TEST_F(BundleText, ReadsPkcs7InEveryArmour) {
  const base::Bytes list = test_support::revocation_list(demo_.root, kNow);
  const std::string der = test_support::pkcs7({&demo_.leaf, &demo_.intermediate}, {list});
  for (const std::string& content :
       {der, test_support::with_indefinite_lengths(der), test_support::armoured("PKCS7", der),
        test_support::armoured("CMS", der), test_support::armoured("PKCS #7 SIGNED DATA", der),
        test_support::armoured("CERTIFICATE", der), test_support::base64_lines(der)}) {
    const auto bundle = parse_bundle(base::as_bytes(content));
    ASSERT_TRUE(bundle) << bundle.error().message << "\n" << content.substr(0, 40);
    // A set has no order of its own in DER: OpenSSL writes it sorted.
    EXPECT_THAT(fingerprints(bundle->certificates),
                testing::UnorderedElementsAreArray(fingerprints(expected_)));
    ASSERT_EQ(bundle->revocation_lists.size(), 1U);
    EXPECT_EQ(bundle->revocation_lists[0]->der, list);
  }
  const std::string mixed =
      demo_.root.certificate_pem + test_support::armoured("PKCS7", test_support::pkcs7({&demo_.leaf}));
  expect_same(parse(mixed), test_support::chain_of({&demo_.root, &demo_.leaf}));
}

TEST_F(BundleText, SaysWhatIsWrongWithPkcs7) {
  const std::string der = test_support::pkcs7({&demo_.leaf});
  EXPECT_THAT(error_of(test_support::pkcs7({})),
              StartsWith("the PKCS#7 content holds no certificate; make it"));
  EXPECT_THAT(error_of(der.substr(0, der.size() - 9)),
              StartsWith("the PKCS#7 content is broken or cut short"));
  EXPECT_THAT(error_of(der + "x"), StartsWith("the PKCS#7 content is followed by other bytes"));
  // ContentInfo { pkcs7-data, OCTET STRING "x" }.
  const std::string data("\x30\x10\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x03\x04\x01x", 18);
  EXPECT_THAT(error_of(data),
              StartsWith("the PKCS#7 content is of a type that carries no certificates (pkcs7-data)"));
}

TEST_F(BundleText, ReadsBase64WithoutItsArmour) {
  const std::string der = test_support::der_of(demo_.leaf);
  expect_same(parse(test_support::base64_lines(der)), test_support::chain_of({&demo_.leaf}));
  // A Secret's value that was encoded twice.
  expect_same(parse(test_support::base64_lines(test_support::pem_of({&demo_.leaf, &demo_.intermediate}))),
              expected_);
  EXPECT_THAT(error_of(test_support::base64_lines("nothing that anyone would take for a certificate")),
              StartsWith("the content is base64 text without BEGIN and END lines"));
}

TEST_F(BundleText, KeepsOrderAndDuplicatesOfHundreds) {
  std::string pem;
  Chain expected;
  for (int i = 0; i < 300; ++i) {
    const Minted& minted = i % 3 == 0 ? demo_.root : i % 3 == 1 ? demo_.leaf : demo_.intermediate;
    pem += "# number " + std::to_string(i) + "\n" + minted.certificate_pem;
    expected.push_back(minted.certificate);
  }
  expect_same(parse(pem), expected);
}

TEST_F(BundleText, SaysWhatTheContentIsInsteadOfCertificates) {
  const std::string key = "the content is a private key; refer to the certificate instead";
  EXPECT_EQ(error_of(demo_.leaf.key_pem), key);
  EXPECT_EQ(error_of(demo_.leaf.private_key()->pkcs8_der().reveal()), key);
  EXPECT_EQ(error_of(""), "the content is empty; put the certificates into it");
  EXPECT_EQ(error_of(" \r\n\t"), "the content is empty; put the certificates into it");
  EXPECT_EQ(
      error_of("hello"),
      "there is no certificate in the content; put it there as PEM, DER, PKCS#7, PKCS#12, JKS or JCEKS");
  EXPECT_THAT(error_of(std::string("\xff\xfe-\0-\0", 6)), HasSubstr("UTF-16"));
  EXPECT_THAT(error_of(std::string("PK\3\4\x14\0", 6)), HasSubstr("name the .pem, .p7b or .jks in it"));
  EXPECT_THAT(error_of("\x1f\x8b\x08"), HasSubstr("gzip"));
  EXPECT_THAT(error_of("\n<!DOCTYPE html><p>Not found"), HasSubstr("a web page"));
  EXPECT_THAT(error_of("<HTML lang=en>"), HasSubstr("a web page"));
  EXPECT_THAT(error_of("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
              HasSubstr("a web page"));
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"),
              HasSubstr("git lfs pull"));
  EXPECT_THAT(error_of("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"),
              HasSubstr("certificate request"));
  EXPECT_EQ(error_of("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"),
            "there is no certificate in the content, only DH PARAMETERS");
}

TEST_F(BundleText, IsBounded) {
  EXPECT_EQ(error_of(std::string(4UL * 1024 * 1024 + 1, 'x')), "the bundle is larger than 4 MiB");
  const std::string endless = "-----BEGIN " + std::string(1024UL * 1024, 'x') + "-----\nAAAA\n";
  EXPECT_LT(error_of(endless).size(), 400U);
  std::string many;
  for (int i = 0; i < 4097; ++i)
    many += test_support::der_of(demo_.leaf);
  EXPECT_THAT(error_of(many), HasSubstr("more than 4096 certificates"));
}

}  // namespace
}  // namespace tlswarden::pki
