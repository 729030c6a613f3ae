#include <gmock/gmock.h>

#include <array>

#include "base/time_text.hpp"
#include "pki/certificate_interner.hpp"
#include "pki/client_context.hpp"
#include "pki/material.hpp"
#include "pki/openssl.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using test_support::chain_of;
using test_support::mint;
using test_support::Minted;
using testing::HasSubstr;
using Kind = MaterialProblem::Kind;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

X509Ptr handle(const Minted& minted) {
  const unsigned char* der = minted.certificate->der.data();
  return X509Ptr(d2i_X509(nullptr, &der, static_cast<long>(minted.certificate->der.size())));
}

class Identity : public testing::Test {
 protected:
  const test_support::DemoPki demo_ = test_support::demo_pki(kNow);
};

TEST_F(Identity, PairsAChainWithItsKey) {
  const auto identity =
      make_client_identity(chain_of({&demo_.leaf, &demo_.intermediate}), demo_.leaf.private_key());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->chain.size(), 2U);
}

TEST_F(Identity, PairsACertificateThatEncodesTheSameKeyInAnotherWay) {
  const Minted compressed =
      mint({.common_name = "x", .not_before = kNow, .not_after = kNow, .adjust = [](X509* certificate) {
              const PkeyPtr key(EVP_PKEY_dup(X509_get0_pubkey(certificate)));
              EVP_PKEY_set_utf8_string_param(key.get(), "point-format", "compressed");
              X509_set_pubkey(certificate, key.get());
            }});
  ASSERT_NE(compressed.certificate->facts.spki_sha256, compressed.private_key()->spki_sha256());
  EXPECT_TRUE(make_client_identity(chain_of({&compressed}), compressed.private_key()));
}

TEST_F(Identity, RefusesAKeyOfAnotherCertificate) {
  const auto identity = make_client_identity(chain_of({&demo_.leaf}), demo_.root.private_key());
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().kind, Kind::kKeyMismatch);
  EXPECT_EQ(identity.error().field, "spec.tls.clientKey");
  EXPECT_THAT(identity.error().message, HasSubstr("CN=localhost"));
}

TEST_F(Identity, SaysWhenTheChainIsInTheWrongOrder) {
  const auto identity =
      make_client_identity(chain_of({&demo_.intermediate, &demo_.leaf}), demo_.leaf.private_key());
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().kind, Kind::kKeyMismatch);
  EXPECT_THAT(identity.error().message, HasSubstr("certificate 2 of the client certificate's file"));
}

TEST_F(Identity, RefusesHalfAnIdentity) {
  EXPECT_EQ(make_client_identity({}, demo_.leaf.private_key()).error().field, "spec.tls.clientCertificate");
  EXPECT_EQ(make_client_identity(chain_of({&demo_.leaf}), nullptr).error().field, "spec.tls.clientKey");
}

TEST(KeyProblems, KeepTheKindOfTheError) {
  const auto kind = [](KeyError::Kind error) { return make_key_problem({error, "words"}, "f").kind; };
  EXPECT_EQ(kind(KeyError::Kind::kNotAKey), Kind::kReferenceInvalid);
  EXPECT_EQ(kind(KeyError::Kind::kEncrypted), Kind::kKeyEncrypted);
  EXPECT_EQ(kind(KeyError::Kind::kPassphraseIncorrect), Kind::kPassphraseIncorrect);
  EXPECT_EQ(kind(KeyError::Kind::kUnsupportedCipher), Kind::kReferenceInvalid);
  EXPECT_EQ(make_key_problem({KeyError::Kind::kNotAKey, "words"}, "f").message, "words");
}

/// A handshake in memory: what the server sees of the client, and the client of the server.
class Handshake {
 public:
  Handshake(SSL_CTX& client, SSL_CTX& server) : client_(SSL_new(&client)), server_(SSL_new(&server)) {
    BIO* left = nullptr;
    BIO* right = nullptr;
    BIO_new_bio_pair(&left, 0, &right, 0);
    SSL_set_bio(client_.get(), left, left);
    SSL_set_bio(server_.get(), right, right);
    SSL_set_connect_state(client_.get());
    SSL_set_accept_state(server_.get());
    for (int round = 0; round < 10; ++round) {
      const int client_done = SSL_do_handshake(client_.get());
      const int server_done = SSL_do_handshake(server_.get());
      if (client_done == 1 && server_done == 1) break;
    }
  }
  SSL* client() { return client_.get(); }
  SSL* server() { return server_.get(); }

 private:
  SslPtr client_, server_;
};

class ClientContext : public Identity {
 protected:
  ClientContext() {
    SSL_CTX_use_certificate(server_.get(), handle(demo_.leaf).get());
    SSL_CTX_use_PrivateKey(server_.get(), demo_.leaf.key.get());
    SSL_CTX_add0_chain_cert(server_.get(), handle(demo_.intermediate).release());
    SSL_CTX_set_verify(server_.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  }

  const LibraryContextPtr library_{OSSL_LIB_CTX_new()};
  const SslContextPtr client_{SSL_CTX_new_ex(library_.get(), nullptr, TLS_client_method())};
  const SslContextPtr server_{SSL_CTX_new(TLS_server_method())};
};

TEST_F(ClientContext, PresentsTheWholeChainInItsOwnLibraryContext) {
  const Minted client =
      mint({.common_name = "client", .not_before = kNow, .not_after = kNow}, &demo_.intermediate);
  const auto identity = make_client_identity(chain_of({&client, &demo_.intermediate}), client.private_key());
  ASSERT_TRUE(install_client_identity(*client_, library_.get(), *identity));
  ASSERT_TRUE(install_client_identity(*client_, library_.get(), *identity))
      << "a second time replaces the first";
  Handshake handshake(*client_, *server_);
  ASSERT_TRUE(SSL_is_init_finished(handshake.server()));
  CertificateInterner interner;
  const X509Ptr leaf(SSL_get1_peer_certificate(handshake.server()));
  ASSERT_NE(leaf, nullptr);
  const auto rest = interner.intern(SSL_get_peer_cert_chain(handshake.server()));
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0]->facts.sha256, demo_.intermediate.certificate->facts.sha256);
}

TEST_F(ClientContext, RefusesAKeyThatDoesNotMatch) {
  const auto result =
      install_client_identity(*client_, library_.get(), {chain_of({&demo_.leaf}), demo_.root.private_key()});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("the client key cannot be used"));
  EXPECT_FALSE(install_client_identity(*client_, library_.get(), {{}, nullptr}));
}

TEST_F(ClientContext, SaysWhenTheSecurityLevelRefusesTheCertificate) {
  const Minted weak = mint({.common_name = "weak", .not_before = kNow, .not_after = kNow, .key = "RSA-1024"});
  const ClientIdentity identity{chain_of({&weak}), weak.private_key()};
  SSL_CTX_set_security_level(client_.get(), 2);
  const auto refused = install_client_identity(*client_, library_.get(), identity);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("ee key too small"));
  SSL_CTX_set_security_level(client_.get(), 0);
  EXPECT_TRUE(install_client_identity(*client_, library_.get(), identity));
}

TEST_F(ClientContext, InternsTheServedChainLeafFirst) {
  SSL_CTX_set_verify(client_.get(), SSL_VERIFY_NONE, nullptr);
  Handshake handshake(*client_, *server_);
  CertificateInterner interner;
  const auto first = interner.intern(SSL_get_peer_cert_chain(handshake.client()));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0]->facts.sha256, demo_.leaf.certificate->facts.sha256);
  EXPECT_EQ((*first)[0]->der, demo_.leaf.certificate->der);
  EXPECT_EQ(interner.parsed(), 2U);
  const auto second = interner.intern(SSL_get_peer_cert_chain(handshake.client()));
  EXPECT_EQ(*first, *second) << "the very same objects";
  EXPECT_EQ(interner.parsed(), 2U);
}

TEST(Interner, GivesAnEmptyChainForNothing) {
  CertificateInterner interner;
  EXPECT_TRUE(interner.intern(static_cast<const STACK_OF(X509)*>(nullptr))->empty());
}

TEST(Interner, IsBounded) {
  const Minted a = mint({.common_name = "a", .not_before = kNow, .not_after = kNow});
  const Minted b = mint({.common_name = "b", .not_before = kNow, .not_after = kNow});
  CertificateInterner interner(1);
  for (const Minted* minted : {&a, &a, &b, &a})
    ASSERT_TRUE(interner.intern(minted->certificate->der));
  EXPECT_EQ(interner.parsed(), 3U);

  const X509StackPtr many(sk_X509_new_null());
  for (int i = 0; i < 65; ++i)
    sk_X509_push(many.get(), handle(a).release());
  const auto refused = interner.intern(many.get());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("65 certificates"));
}

TEST(Interner, NamesThePlaceOfACertificateThatCannotBeRead) {
  const Minted good = mint({.common_name = "x", .not_before = kNow, .not_after = kNow});
  const X509StackPtr served(sk_X509_new_null());
  sk_X509_push(served.get(), handle(good).release());
  X509Ptr broken = handle(good);
  ASN1_STRING_set(X509_getm_notAfter(broken.get()), "never", 5);
  X509_sign(broken.get(), good.key.get(), EVP_sha256());
  sk_X509_push(served.get(), broken.release());
  CertificateInterner interner;
  const auto chain = interner.intern(served.get());
  ASSERT_FALSE(chain);
  // From OpenSSL 3.5 on the library itself refuses such a date.
  EXPECT_THAT(chain.error().message, testing::StartsWith("certificate 2 of the served chain: "));
  EXPECT_EQ(interner.parsed(), 1U) << "the good one is kept, the bad one is not";
}

}  // namespace
}  // namespace tlswarden::pki
