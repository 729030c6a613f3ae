#include "pki/private_key.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "base/time_text.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "tests/support/keystore_writer.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using base::Secret;
using testing::HasSubstr;
using Kind = KeyError::Kind;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();
constexpr std::string_view kPassphrase = "correct horse";

using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;
using EncryptedPtr = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, Releaser<EVP_CIPHER_free>>;

std::string text_of(const BioPtr& out) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string written(const std::function<int(BIO*)>& write) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (write(out.get()) != 1) ADD_FAILURE() << "OpenSSL cannot write this form: " << openssl_reason();
  return text_of(out);
}

/// Every cipher that OpenSSL knows, the retired ones included.
class AllCiphers {
 public:
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, Releaser<OSSL_PROVIDER_unload>>;

  LibraryContextPtr context_{OSSL_LIB_CTX_new()};
  ProviderPtr standard_{OSSL_PROVIDER_load(context_.get(), "default")};
  ProviderPtr legacy_{OSSL_PROVIDER_load(context_.get(), "legacy")};
};

struct Pkcs8Cipher {
  const char* name;
  int pbe;             ///< a PBES1 scheme, or -1 for PBES2
  const char* cipher;  ///< of PBES2
};

std::string encrypt_pkcs8(EVP_PKEY* key, const Pkcs8Cipher& scheme, bool pem) {
  const AllCiphers library;
  const KeyInfoPtr info(EVP_PKEY2PKCS8(key));
  const CipherPtr cipher(scheme.cipher != nullptr ? EVP_CIPHER_fetch(library.get(), scheme.cipher, nullptr)
                                                  : nullptr);
  const EncryptedPtr encrypted(PKCS8_encrypt_ex(scheme.pbe, cipher.get(), kPassphrase.data(),
                                                static_cast<int>(kPassphrase.size()), nullptr, 0, 0,
                                                info.get(), library.get(), nullptr));
  if (!encrypted) ADD_FAILURE() << scheme.name << ": " << openssl_reason();
  return written([&](BIO* out) {
    return pem ? PEM_write_bio_PKCS8(out, encrypted.get()) : i2d_PKCS8_bio(out, encrypted.get());
  });
}

class Encrypted : public testing::TestWithParam<Pkcs8Cipher> {
 protected:
  const test_support::Minted minted_ =
      test_support::mint({.common_name = "x", .not_before = kNow, .not_after = kNow});

  void expect_all_answers(const std::string& content) {
    const Secret right{kPassphrase};
    const Secret wrong("wrong");
    const Secret empty("");
    const auto key = parse_private_key(Secret(content), &right);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ((*key)->spki_sha256(), minted_.certificate->facts.spki_sha256);
    EXPECT_EQ((*key)->kind(), "EC-256");
    EXPECT_EQ(parse_private_key(Secret(content), nullptr).error().kind, Kind::kEncrypted);
    EXPECT_EQ(parse_private_key(Secret(content), &wrong).error().kind, Kind::kPassphraseIncorrect);
    EXPECT_EQ(parse_private_key(Secret(content), &empty).error().kind, Kind::kPassphraseIncorrect);
  }
};

TEST_P(Encrypted, Pkcs8OpensWithItsPassphraseOnly) {
  expect_all_answers(encrypt_pkcs8(minted_.key.get(), GetParam(), true));
  expect_all_answers(encrypt_pkcs8(minted_.key.get(), GetParam(), false));
}

INSTANTIATE_TEST_SUITE_P(
    Ciphers, Encrypted,
    testing::Values(Pkcs8Cipher{"Pbes2Aes256", -1, "AES-256-CBC"},
                    Pkcs8Cipher{"Pbes2TripleDes", -1, "DES-EDE3-CBC"},
                    Pkcs8Cipher{"Pbes1Sha1TripleDes", NID_pbe_WithSHA1And3_Key_TripleDES_CBC, nullptr},
                    Pkcs8Cipher{"Pbes1Md5Des", NID_pbeWithMD5AndDES_CBC, nullptr},
                    Pkcs8Cipher{"Pbes1Sha1Rc2", NID_pbe_WithSHA1And40BitRC2_CBC, nullptr},
                    Pkcs8Cipher{"Pbes2Des", -1, "DES-CBC"}, Pkcs8Cipher{"Pbes2Rc2", -1, "RC2-CBC"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(Encrypted, ScryptOpensWithItsPassphraseOnly) {
  const KeyInfoPtr info(EVP_PKEY2PKCS8(minted_.key.get()));
  constexpr std::uint64_t kRounds = 1024;
  X509_ALGOR* scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0, nullptr, kRounds, 8, 1);
  const EncryptedPtr encrypted(
      PKCS8_set0_pbe(kPassphrase.data(), static_cast<int>(kPassphrase.size()), info.get(), scheme));
  expect_all_answers(written([&](BIO* out) { return PEM_write_bio_PKCS8(out, encrypted.get()); }));
}

TEST_F(Encrypted, ScryptMayNotTakeAllMemoryOrTime) {
  const KeyInfoPtr info(EVP_PKEY2PKCS8(minted_.key.get()));
  const Secret right{kPassphrase};
  // What `openssl pkcs8 -scrypt` writes; OpenSSL itself would not go much further.
  X509_ALGOR* usual = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0, nullptr, 16384, 8, 1);
  const EncryptedPtr encrypted(
      PKCS8_set0_pbe(kPassphrase.data(), static_cast<int>(kPassphrase.size()), info.get(), usual));
  const std::string der = written([&](BIO* out) { return i2d_PKCS8_bio(out, encrypted.get()); });
  EXPECT_TRUE(parse_private_key(Secret(der), &right));
  // Of N 16384, r 8, p 1 the second grows, which takes memory, or the third, which takes time.
  const std::string cost("\x02\x02\x40\x00\x02\x01\x08\x02\x01\x01", 10);
  const std::size_t at = der.find(cost);
  ASSERT_NE(at, std::string::npos);
  for (const auto& [place, value] : {std::pair{6, '\x11'}, std::pair{9, '\x7f'}}) {
    std::string hostile = der;
    hostile[at + static_cast<std::size_t>(place)] = value;
    const auto refused = parse_private_key(Secret(hostile), &right);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::kNotAKey);
    EXPECT_THAT(refused.error().message, HasSubstr("would take too long"));
  }
}

TEST_F(Encrypted, IterationsAreBounded) {
  const AllCiphers library;
  const KeyInfoPtr info(EVP_PKEY2PKCS8(minted_.key.get()));
  const Secret right{kPassphrase};
  for (const int scheme : {-1, NID_pbe_WithSHA1And3_Key_TripleDES_CBC}) {
    const EncryptedPtr encrypted(PKCS8_encrypt_ex(scheme, EVP_aes_256_cbc(), kPassphrase.data(),
                                                  static_cast<int>(kPassphrase.size()), nullptr, 0, 65536,
                                                  info.get(), library.get(), nullptr));
    std::string der = written([&](BIO* out) { return i2d_PKCS8_bio(out, encrypted.get()); });
    EXPECT_TRUE(parse_private_key(Secret(der), &right));
    const std::size_t at = der.find(std::string("\x02\x03\x01\x00\x00", 5));
    ASSERT_NE(at, std::string::npos);
    der.replace(at, 5, std::string("\x02\x03\x7f\xff\xff", 5));
    const auto refused = parse_private_key(Secret(der), &right);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("the limit is 5000000 iterations"));
    // Negative, which some would take for endless and some for none.
    der.replace(at, 5, std::string("\x02\x03\x80\x00\x00", 5));
    EXPECT_FALSE(parse_private_key(Secret(der), &right));
  }
}

/// The PEM header form under any cipher: OpenSSL's own writer knows the default library context alone.
std::string pem_header_form(EVP_PKEY* key, const char* cipher_name) {
  const AllCiphers library;
  const CipherPtr cipher(EVP_CIPHER_fetch(library.get(), cipher_name, nullptr));
  base::Bytes vector(static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher.get())), 0xA5);
  unsigned char derived[EVP_MAX_KEY_LENGTH];
  EVP_BytesToKey(cipher.get(), EVP_md5(), vector.data(),
                 reinterpret_cast<const unsigned char*>(kPassphrase.data()),
                 static_cast<int>(kPassphrase.size()), 1, derived, nullptr);
  const std::string plain = written([&](BIO* out) { return i2d_PrivateKey_bio(out, key); });
  const std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + EVP_MAX_BLOCK_LENGTH, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  int size = 0;
  int rest = 0;
  EXPECT_EQ(EVP_EncryptInit_ex2(context.get(), cipher.get(), derived, vector.data(), nullptr), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context.get(), out, &size, base::as_bytes(plain).data(),
                              static_cast<int>(plain.size())),
            1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context.get(), out + size, &rest), 1);
  sealed.resize(static_cast<std::size_t>(size + rest));
  return "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: " + std::string(cipher_name) +
         "," + base::to_hex(vector) + "\n\n" + test_support::base64_lines(sealed) +
         "-----END EC PRIVATE KEY-----\n";
}

TEST_F(Encrypted, PemHeaderFormOpensWithItsPassphraseOnly) {
  for (const EVP_CIPHER* cipher :
       {EVP_aes_128_cbc(), EVP_aes_256_cbc(), EVP_des_ede3_cbc(), EVP_camellia_256_cbc()}) {
    SCOPED_TRACE(EVP_CIPHER_get0_name(cipher));
    expect_all_answers(written([&](BIO* out) {
      return PEM_write_bio_PrivateKey_traditional(out, minted_.key.get(), cipher,
                                                  reinterpret_cast<const unsigned char*>(kPassphrase.data()),
                                                  static_cast<int>(kPassphrase.size()), nullptr, nullptr);
    }));
  }
}

TEST_F(Encrypted, PemHeaderFormOpensUnderRetiredCiphersToo) {
  for (const char* cipher : {"DES-CBC", "RC2-CBC", "BF-CBC", "SEED-CBC", "AES-192-CBC"}) {
    SCOPED_TRACE(cipher);
    expect_all_answers(pem_header_form(minted_.key.get(), cipher));
  }
}

TEST(PrivateKeyErrors, RetiredCiphersOpenAsOpenSslWroteThem) {
  // openssl ec -des -provider legacy -provider default; the passphrase is "correct".
  const Secret content(R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: DES-CBC,53EE7DD052B79AB1

/p7Ac8uFfXJrwX137WoXOltksdB7X6MdiMRFTwRYQumsUJK7AMYncaieXVASPLbN
21JTrcZEdNBBdrslHPoQEnbXZAuM2xJVRPceEr5GOKfFX2ntjcLUg2K5Vy+KstSL
HDkNJauRiJ+qvrQzIadl0LChDhVeo5UGgl7BcB7GjSc=
-----END EC PRIVATE KEY-----
)");
  const Secret passphrase("correct");
  const auto key = parse_private_key(content, &passphrase);
  EXPECT_TRUE(key) << key.error().message;
  EXPECT_EQ(parse_private_key(content, nullptr).error().kind, Kind::kEncrypted);
}

TEST_F(Encrypted, SaysWhatIsWrongWithThePemHeader) {
  const std::string pem = pem_header_form(minted_.key.get(), "AES-256-CBC");
  const Secret right{kPassphrase};
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = pem;
    changed.replace(changed.find(from), from.size(), to);
    return parse_private_key(Secret(changed), &right).error();
  };
  EXPECT_EQ(with("AES-256-CBC", "ROT13-CBC").kind, Kind::kUnsupportedCipher);
  EXPECT_THAT(with("AES-256-CBC", "ROT13-CBC").message, HasSubstr("openssl pkcs8 -topk8"));
  EXPECT_EQ(with("AES-256-CBC", "AES-256-GCM").kind, Kind::kUnsupportedCipher);
  EXPECT_EQ(with("AES-256-CBC,a5", "AES-256-CBC,").kind, Kind::kNotAKey);
  EXPECT_EQ(with("AES-256-CBC,a5", "AES-256-CBC,zz").kind, Kind::kNotAKey);
  EXPECT_THAT(with("DEK-Info", "Dek-Info").message, HasSubstr("DEK-Info line is missing"));
}

TEST_F(Encrypted, SaysWhenTheLegacyProviderIsMissing) {
  const Secret right{kPassphrase};
  const std::string contents[] = {
      encrypt_pkcs8(minted_.key.get(), {"Des", NID_pbeWithMD5AndDES_CBC, nullptr}, true),
      pem_header_form(minted_.key.get(), "DES-CBC")};
  ASSERT_EQ(setenv("OPENSSL_MODULES", "/nonexistent", 1), 0);
  for (const std::string& content : contents) {
    const auto key = parse_private_key(Secret(content), &right);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, Kind::kUnsupportedCipher);
    EXPECT_THAT(key.error().message, HasSubstr("openssl-provider-legacy"));
  }
  unsetenv("OPENSSL_MODULES");
}

TEST_F(Encrypted, SaysWhenNoProviderKnowsTheCipher) {
  std::string der = encrypt_pkcs8(minted_.key.get(), {"Aes", -1, "AES-256-CBC"}, false);
  const std::string oid("\x60\x86\x48\x01\x65\x03\x04\x01\x2a", 9);
  const std::size_t at = der.find(oid);
  ASSERT_NE(at, std::string::npos);
  der[at + oid.size() - 1] = '\x7e';
  const Secret right{kPassphrase};
  EXPECT_EQ(parse_private_key(Secret(der), &right).error().kind, Kind::kUnsupportedCipher);
}

TEST_F(Encrypted, TreatsACorruptedKeyAsAWrongPassphrase) {
  std::string der = encrypt_pkcs8(minted_.key.get(), {"Aes", -1, "AES-256-CBC"}, false);
  der[der.size() - 20] = static_cast<char>(der[der.size() - 20] ^ 0x55);
  const Secret right{kPassphrase};
  EXPECT_EQ(parse_private_key(Secret(der), &right).error().kind, Kind::kPassphraseIncorrect);
}

TEST_F(Encrypted, DoesNotBelieveALabelThatHidesTheEncryption) {
  std::string pem = encrypt_pkcs8(minted_.key.get(), {"Aes", -1, "AES-256-CBC"}, true);
  for (std::size_t at = 0; (at = pem.find("ENCRYPTED ")) != std::string::npos;)
    pem.erase(at, 10);
  EXPECT_EQ(parse_private_key(Secret(pem), nullptr).error().kind, Kind::kNotAKey);
}

TEST_F(Encrypted, TellsAPassphraseTooLongForThePemHeaderFormFromAPrompt) {
  const std::string pem = written([&](BIO* out) {
    return PEM_write_bio_PrivateKey_traditional(out, minted_.key.get(), EVP_aes_256_cbc(),
                                                reinterpret_cast<const unsigned char*>(kPassphrase.data()),
                                                static_cast<int>(kPassphrase.size()), nullptr, nullptr);
  });
  const Secret endless(std::string(100000, 'x'));
  EXPECT_EQ(parse_private_key(Secret(pem), &endless).error().kind, Kind::kPassphraseIncorrect);
}

struct PlainKind {
  const char* key;
  const char* kind;
};

class PlainKeys : public testing::TestWithParam<PlainKind> {};

TEST_P(PlainKeys, AreReadInEveryForm) {
  const auto minted =
      test_support::mint({.common_name = "x", .not_before = kNow, .not_after = kNow, .key = GetParam().key});
  EVP_PKEY* key = minted.key.get();
  std::vector<std::string> forms = {
      minted.key_pem,
      written(
          [&](BIO* out) { return i2d_PKCS8PrivateKey_bio(out, key, nullptr, nullptr, 0, nullptr, nullptr); }),
      "Bag Attributes\n    friendlyName: x\n" + minted.certificate_pem + "\r\n" + minted.key_pem,
  };
  if (std::string_view(GetParam().key) != "Ed25519") {
    const std::string traditional = written([&](BIO* out) {
      return PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    forms.push_back(traditional);
    forms.push_back("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
                    traditional);
    forms.push_back(written([&](BIO* out) { return i2d_PrivateKey_bio(out, key); }));
  }
  const Secret needless("needless");
  for (const std::string& form : forms) {
    for (const Secret* passphrase : {static_cast<const Secret*>(nullptr), &needless}) {
      const auto parsed = parse_private_key(Secret(form), passphrase);
      ASSERT_TRUE(parsed) << parsed.error().message << "\n" << form;
      EXPECT_EQ((*parsed)->kind(), GetParam().kind);
      EXPECT_EQ((*parsed)->spki_sha256(), minted.certificate->facts.spki_sha256);
      EXPECT_EQ((*parsed)->pkcs8_der().bytes()[0], 0x30);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, PlainKeys,
                         testing::Values(PlainKind{"EC-256", "EC-256"}, PlainKind{"EC-384", "EC-384"},
                                         PlainKind{"RSA-2048", "RSA-2048"}, PlainKind{"Ed25519", "Ed25519"}),
                         [](const auto& tested) {
                           std::string name = tested.param.key;
                           std::erase(name, '-');
                           return name;
                         });

TEST(PrivateKeyErrors, SayWhatTheContentIsInstead) {
  const auto minted = test_support::mint({.common_name = "x", .not_before = kNow, .not_after = kNow});
  const base::Bytes& der = minted.certificate->der;
  const std::string certificate(base::as_text(der));
  const struct {
    std::string content, message;
  } cases[] = {
      {"", "the content is empty"},
      {" \r\n", "the content is empty"},
      {"hello", "there is no private key in the content"},
      {minted.certificate_pem, "the content is a certificate; refer to its private key instead"},
      {certificate, "the content is a certificate; refer to its private key instead"},
      {"-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n", "there is no private key in the content"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
       "ssh-keygen -p -m PKCS8"},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"},
      {"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", "PEM text is broken"},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n", "PEM text is broken"},
      {"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n",
       "PEM text is broken: its line breaks are written as \\n; write each as a real line break"},
      {"-----BEGIN PRIVATE KEY----- AAAA -----END PRIVATE KEY-----\n",
       "PEM text is broken: its line breaks are lost"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE----------BEGIN PRIVATE KEY-----\nAAAA\n"
       "-----END PRIVATE KEY-----\n",
       "its END line goes on with the next BEGIN; put a line break between the two"},
      {std::string("\xfe\xed\xfe\xed\0\0\0\2", 8), "Java keystore"},
      {std::string("\x30\x82\x10\x00\x02\x01\x03\x30\x82\x0f\xf0", 11), "PKCS#12"},
      {std::string("\xff\xfe-\0-\0", 6), "UTF-16"},
      {std::string(1024UL * 1024 + 1, 'x'), "larger than 1 MiB"},
  };
  const Secret passphrase("any");
  for (const auto& tested : cases) {
    for (const Secret* given : {static_cast<const Secret*>(nullptr), &passphrase}) {
      const auto key = parse_private_key(Secret(tested.content), given);
      ASSERT_FALSE(key) << tested.message;
      EXPECT_EQ(key.error().kind, Kind::kNotAKey) << tested.message;
      EXPECT_THAT(key.error().message, HasSubstr(tested.message));
    }
  }
}

TEST(PrivateKeyErrors, NeverHoldTheKeyOrThePassphrase) {
  const auto minted = test_support::mint({.common_name = "x", .not_before = kNow, .not_after = kNow});
  std::string broken = minted.key_pem;
  broken.erase(broken.size() / 2, 8);
  const Secret passphrase("hunter2hunter2");
  const auto key = parse_private_key(Secret(broken), &passphrase);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().message.find("hunter2"), std::string::npos);
  EXPECT_EQ(key.error().message.find(minted.key_pem.substr(40, 8)), std::string::npos);
}

TEST(PrivateKeyRobustness, SurvivesEveryDamagedByte) {
  const auto minted = test_support::mint({.common_name = "x", .not_before = kNow, .not_after = kNow});
  const std::string plain(parse_private_key(Secret(minted.key_pem), nullptr).value()->pkcs8_der().reveal());
  const Secret passphrase("any");
  for (std::size_t at = 0; at < plain.size(); ++at) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string damaged = plain;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      parse_private_key(Secret(damaged), &passphrase);
      parse_private_key(Secret(damaged.substr(0, at)), &passphrase);
    }
  }
}

}  // namespace
}  // namespace tlswarden::pki
