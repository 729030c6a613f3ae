#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/time_text.hpp"
#include "keytool_stores.hpp"
#include "pki/bundle.hpp"
#include "pki/openssl.hpp"
#include "tests/support/keystore_writer.hpp"
#include "tests/support/mint.hpp"

/// Key stores: what opens, what does not, and what is said of it. The stores are made by the test's own
/// writer, by OpenSSL, and (where Java alone knows) by keytool.
namespace tlswarden::pki {
namespace {

using base::Secret;
using test_support::JavaStoreSpec;
using test_support::Minted;
using test_support::Pkcs12Spec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = BundleError::Kind;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();
constexpr std::string_view kPassword = "tencentdb";

using Read = base::Result<Bundle, BundleError>;

Read open(std::string_view content, std::string_view password) {
  const Secret secret(password);
  return parse_bundle(base::as_bytes(content), &secret);
}
Read open(std::string_view content) {
  return parse_bundle(base::as_bytes(content));
}

std::vector<std::string> names(const Read& bundle) {
  if (!bundle) return {bundle.error().message};
  std::vector<std::string> all;
  for (const CertificatePtr& certificate : bundle->certificates)
    all.push_back(certificate->facts.common_name);
  return all;
}

Kind kind_of(const Read& bundle) {
  if (bundle) ADD_FAILURE() << "it opened";
  return bundle ? Kind::kInvalid : bundle.error().kind;
}

std::string message_of(const Read& bundle) {
  return bundle ? "(opened)" : bundle.error().message;
}

class KeyStore : public testing::Test {
 protected:
  const test_support::DemoPki demo_ = test_support::demo_pki(kNow);
};

using Pkcs12 = KeyStore;

TEST_F(Pkcs12, OpensWhateverCipherItWasMadeWith) {
  for (const int cipher : {NID_aes_256_cbc, NID_des_ede3_cbc, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                           NID_pbe_WithSHA1And40BitRC2_CBC, NID_pbe_WithSHA1And128BitRC4, -1}) {
    SCOPED_TRACE(cipher);
    const std::string store =
        test_support::pkcs12({.certificates = {&demo_.root, &demo_.leaf},
                              .lists = {test_support::revocation_list(demo_.root, kNow)},
                              .keys = {&demo_.leaf},
                              .cipher = cipher});
    for (const std::string& content : {store, test_support::base64_lines(store)}) {
      const Read bundle = open(content, kPassword);
      EXPECT_THAT(names(bundle), ElementsAre("localhost", "Demo Root CA"));
      ASSERT_TRUE(bundle);
      EXPECT_EQ(bundle->revocation_lists.size(), 1U);
      ASSERT_NE(bundle->key, nullptr);
      EXPECT_EQ(bundle->key->spki_sha256(), demo_.leaf.certificate->facts.spki_sha256);
    }
    EXPECT_EQ(kind_of(open(store, "wrong")), Kind::kPasswordIncorrect);
    EXPECT_EQ(kind_of(open(store, "")), Kind::kPasswordIncorrect);
    EXPECT_EQ(kind_of(open(store)), Kind::kPasswordRequired);
  }
}

TEST_F(Pkcs12, TakesAbsentAndEmptyPasswordsForOneAnother) {
  for (const char* password : {static_cast<const char*>(nullptr), ""}) {
    for (const bool mac : {true, false}) {
      const std::string store =
          test_support::pkcs12({.certificates = {&demo_.root}, .password = password, .mac = mac});
      EXPECT_THAT(names(open(store)), ElementsAre("Demo Root CA"));
      EXPECT_THAT(names(open(store, "")), ElementsAre("Demo Root CA"));
      EXPECT_EQ(kind_of(open(store, "x")), Kind::kPasswordIncorrect);
    }
  }
}

TEST_F(Pkcs12, WithoutMacOpensByItsCipherAlone) {
  const Pkcs12Spec spec{.certificates = {&demo_.root}, .mac = false};
  EXPECT_THAT(names(open(test_support::pkcs12(spec), kPassword)), ElementsAre("Demo Root CA"));
  EXPECT_EQ(kind_of(open(test_support::pkcs12(spec), "wrong")), Kind::kPasswordIncorrect);
  EXPECT_EQ(kind_of(open(test_support::pkcs12(spec))), Kind::kPasswordRequired);
  const Pkcs12Spec plain{.certificates = {&demo_.root}, .cipher = -1, .mac = false};
  EXPECT_THAT(names(open(test_support::pkcs12(plain))), ElementsAre("Demo Root CA"));
}

TEST_F(Pkcs12, NoticesWhatWasAltered) {
  std::string store = test_support::pkcs12({.certificates = {&demo_.root}, .cipher = -1});
  const std::size_t at = store.find("Demo Root CA");
  ASSERT_NE(at, std::string::npos);
  store[at] = 'X';
  EXPECT_EQ(kind_of(open(store, kPassword)), Kind::kPasswordIncorrect);
  EXPECT_THAT(message_of(open(store, kPassword)), HasSubstr("or the file was altered"));
}

TEST_F(Pkcs12, KeepsTheOneKeyThatHasItsCertificate) {
  const Read two = open(
      test_support::pkcs12({.certificates = {&demo_.root, &demo_.leaf}, .keys = {&demo_.leaf, &demo_.root}}),
      kPassword);
  EXPECT_THAT(names(two), ElementsAre("Demo Root CA", "localhost"));
  EXPECT_EQ(two->key, nullptr);
  const Read stray =
      open(test_support::pkcs12({.certificates = {&demo_.root}, .keys = {&demo_.leaf}}), kPassword);
  EXPECT_THAT(names(stray), ElementsAre("Demo Root CA"));
  EXPECT_EQ(stray->key, nullptr);
  EXPECT_THAT(message_of(open(test_support::pkcs12({.keys = {&demo_.leaf}}), kPassword)),
              StartsWith("the PKCS#12 store holds 1 private key but no certificate"));
}

/// The first `from` turned into `to`, of the same length.
std::string patched(std::string content, const std::string& from, const std::string& to) {
  const std::size_t at = content.find(from);
  if (at == std::string::npos) ADD_FAILURE() << "there is nothing to patch";
  return content.replace(at, from.size(), to);
}

TEST_F(Pkcs12, IsNotMadeToHashForHours) {
  // 65,536 rounds turned into 8,388,607: minting the real thing would take as long as opening it.
  const std::string few("\x02\x03\x01\x00\x00", 5);
  const std::string many("\x02\x03\x7f\xff\xff", 5);
  for (const Pkcs12Spec& spec :
       {Pkcs12Spec{.certificates = {&demo_.root}, .iterations = 65536, .mac = false},
        Pkcs12Spec{.certificates = {&demo_.root},
                   .cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                   .iterations = 65536,
                   .mac = false},
        Pkcs12Spec{.certificates = {&demo_.root}, .cipher = -1, .mac_iterations = 65536}}) {
    const std::string store = test_support::pkcs12(spec);
    EXPECT_TRUE(open(store, kPassword));
    const Read refused = open(patched(store, few, many), kPassword);
    EXPECT_EQ(kind_of(refused), Kind::kInvalid);
    EXPECT_THAT(message_of(refused), HasSubstr("the limit is 5000000 iterations"));
  }
}

TEST_F(Pkcs12, SaysWhereItsMacNeedsANewerOpenSsl) {
  const std::string sha256("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", 11);
  const std::string pbmac1("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e", 11);
  const Pkcs12Spec spec{.certificates = {&demo_.root}, .cipher = -1};
  const Read bundle = open(patched(test_support::pkcs12(spec), sha256, pbmac1), kPassword);
  ASSERT_FALSE(bundle);
  // Newer ones know it, and miss its parameters here.
  const bool known = OPENSSL_version_major() == 3 && OPENSSL_version_minor() >= 4;
  if (!known) {
    EXPECT_THAT(bundle.error().message, HasSubstr("PBMAC1, which needs OpenSSL 3.4"));
  }
}

TEST_F(Pkcs12, SaysWhenTheLegacyProviderIsMissing) {
  const std::string store =
      test_support::pkcs12({.certificates = {&demo_.root}, .cipher = NID_pbe_WithSHA1And40BitRC2_CBC});
  ASSERT_EQ(setenv("OPENSSL_MODULES", "/nonexistent", 1), 0);
  const Read bundle = open(store, kPassword);
  unsetenv("OPENSSL_MODULES");
  EXPECT_EQ(kind_of(bundle), Kind::kInvalid);
  EXPECT_THAT(message_of(bundle), HasSubstr("openssl-provider-legacy"));
  EXPECT_TRUE(open(store, kPassword));
}

TEST_F(Pkcs12, SaysWhatIsBroken) {
  const std::string store = test_support::pkcs12({.certificates = {&demo_.root}});
  EXPECT_THAT(message_of(open(store.substr(0, store.size() - 40), kPassword)),
              StartsWith("the PKCS#12 store is broken or cut short"));
  EXPECT_THAT(message_of(open(store + "x", kPassword)),
              StartsWith("the PKCS#12 store is followed by other bytes"));
  EXPECT_THAT(
      message_of(open(test_support::pkcs12(
                          {.certificates = {}, .lists = {test_support::revocation_list(demo_.root, kNow)}}),
                      kPassword)),
      StartsWith("the PKCS#12 store holds revocation lists but no certificate"));
}

class Java : public KeyStore {
 protected:
  JavaStoreSpec two(bool jceks = false, std::uint32_t version = 2) const {
    return {.entries = {{"root", {demo_.root.certificate->der}},
                        {"rds-ca", {demo_.intermediate.certificate->der}}},
            .jceks = jceks,
            .version = version};
  }
};

TEST_F(Java, OpensJksAndJceksOfBothVersions) {
  for (const bool jceks : {false, true}) {
    for (const std::uint32_t version : {1U, 2U}) {
      const std::string store = test_support::java_keystore(two(jceks, version));
      EXPECT_THAT(names(open(store, kPassword)), ElementsAre("Demo Root CA", "Demo Intermediate CA"));
      // Nothing in it is encrypted, and without a password nothing is checked.
      EXPECT_THAT(names(open(store)), ElementsAre("Demo Root CA", "Demo Intermediate CA"));
      const Read wrong = open(store, "wrong");
      EXPECT_EQ(kind_of(wrong), Kind::kPasswordIncorrect);
      EXPECT_THAT(wrong.error().message, StartsWith(jceks ? "the JCEKS store" : "the JKS store"));
      EXPECT_EQ(wrong.error().message.find("wrong;"), std::string::npos);
    }
  }
}

TEST_F(Java, OpensWhatKeytoolMade) {
  for (const KeytoolStore& made : {kKeytoolJks, kKeytoolJceks}) {
    const Read bundle = open(made.base64, kPassword);
    EXPECT_THAT(names(bundle), ElementsAre("fixture", "Fixture CA"));
    ASSERT_TRUE(bundle);
    ASSERT_NE(bundle->key, nullptr);
    EXPECT_EQ(bundle->key->spki_sha256(), made.key_spki_sha256);
    EXPECT_EQ(bundle->certificates[0]->facts.spki_sha256, made.key_spki_sha256);
    const Read unchecked = open(made.base64);
    EXPECT_EQ(names(unchecked).size(), 2U);
    EXPECT_EQ(unchecked->key, nullptr);
    EXPECT_EQ(kind_of(open(made.base64, "Tencentdb")), Kind::kPasswordIncorrect);
  }
}

TEST_F(Java, LeavesOutAKeyOfAnotherPassword) {
  JavaStoreSpec spec = two();
  spec.entries.push_back({"key", {demo_.leaf.certificate->der}, base::Bytes(80, 0x30)});
  const Read bundle = open(test_support::java_keystore(spec), kPassword);
  EXPECT_EQ(names(bundle).size(), 3U);
  EXPECT_EQ(bundle->key, nullptr);
}

/// The store with its digest made anew for this password, given as the bytes that Java hashes: spelt out in
/// place of trusting the code under test.
std::string resealed(const std::string& store, const std::string& utf16) {
  const std::string body = store.substr(0, store.size() - 20);
  const std::string hashed = utf16 + "Mighty Aphrodite" + body;
  std::array<unsigned char, 20> digest{};
  EXPECT_EQ(EVP_Digest(hashed.data(), hashed.size(), digest.data(), nullptr, EVP_sha1(), nullptr), 1);
  return body + std::string(base::as_text(digest));
}

TEST_F(Java, PasswordsMayBeInAnyScript) {
  const std::string store =
      resealed(test_support::java_keystore(two()), std::string("\0p\0\xe4\xd8\x3d\xdd\x11", 8));
  EXPECT_EQ(names(open(store, "p\xc3\xa4\xf0\x9f\x94\x91")).size(), 2U);
  EXPECT_EQ(kind_of(open(store, "p")), Kind::kPasswordIncorrect);
}

TEST_F(Java, LeavesOutAKeyThatWantsHoursOfHashing) {
  std::string text(kKeytoolJceks.base64);
  base::Bytes decoded(text.size());
  const int size =
      EVP_DecodeBlock(decoded.data(), base::as_bytes(text).data(), static_cast<int>(text.size()));
  ASSERT_GT(size, 0);
  text.assign(decoded.begin(), decoded.begin() + size - std::count(text.begin(), text.end(), '='));
  // keytool's 200,000 rounds become 8,388,607; the number is part of the entry, and the digest covers it.
  text = patched(text, std::string("\x02\x03\x03\x0d\x40", 5), std::string("\x02\x03\x7f\xff\xff", 5));
  std::string utf16;
  for (const char c : kPassword)
    utf16 += std::string(1, '\0') + c;
  const std::clock_t start = std::clock();  // of our own processor time: others may be busy
  const Read bundle = open(resealed(text, utf16), kPassword);
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC) << "it was hashed all the same";
  EXPECT_EQ(names(bundle).size(), 2U);
  EXPECT_EQ(bundle->key, nullptr);
}

TEST_F(Java, SaysWhichEntryIsBroken) {
  const std::string store = test_support::java_keystore(two());
  const std::string cut = store.substr(0, store.size() - 60);
  EXPECT_THAT(message_of(open(cut, kPassword)),
              StartsWith("the JKS store is cut short: entry 2 ('rds-ca') ends at byte " +
                         std::to_string(cut.size())));
  EXPECT_THAT(message_of(open(store.substr(0, store.size() - 1))), HasSubstr("cut short: entry 2"));
  EXPECT_THAT(message_of(open(store + "x")), HasSubstr("or followed by other bytes"));
  EXPECT_THAT(message_of(open(store.substr(0, 30))), HasSubstr("cut short in its header"));
  JavaStoreSpec broken = two();
  broken.entries[1].certificates[0].assign(5, 0x30);
  EXPECT_THAT(message_of(open(test_support::java_keystore(broken), kPassword)),
              StartsWith("entry 2 ('rds-ca') cannot be used"));
  EXPECT_THAT(message_of(open(test_support::java_keystore({.entries = {}, .version = 3}))),
              HasSubstr("of version 3"));
  EXPECT_THAT(message_of(open(test_support::java_keystore({}), kPassword)),
              StartsWith("the JKS store holds no certificate"));
}

TEST_F(Java, SaysThatASecretKeyIsInTheWay) {
  EXPECT_THAT(message_of(open(kKeytoolSecretKey, kPassword)),
              StartsWith("entry 1 ('secret') of the JCEKS store is a secret key"));
}

TEST_F(Java, DoesNotBelieveItsCounts) {
  std::string store = test_support::java_keystore(two());
  store.replace(8, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(message_of(open(store)), HasSubstr("claims to hold 4294967295 entries"));
  store.replace(8, 4, std::string("\0\0\x0f\xff", 4));
  EXPECT_THAT(message_of(open(store)), HasSubstr("cut short"));
}

TEST_F(KeyStore, RefusesAPasswordOfUnreasonableLength) {
  EXPECT_EQ(kind_of(open(test_support::pkcs12({.certificates = {&demo_.root}}), std::string(4097, 'x'))),
            Kind::kPasswordIncorrect);
}

TEST_F(KeyStore, APasswordThatIsNotNeededIsNotLookedAt) {
  EXPECT_EQ(names(open(demo_.root.certificate_pem, "any")).size(), 1U);
}

}  // namespace
}  // namespace tlswarden::pki
