#pragma once

// The one place that includes OpenSSL: everything else reaches it through this gate, so that assumptions
// about the library stand together and no raw handle is owned by hand.
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

static_assert(OPENSSL_VERSION_MAJOR >= 3, "OpenSSL 3.0 or newer is needed");

namespace tlswarden::pki {

/// Calls a C release function; makes a unique_ptr of a handle no larger than a pointer.
template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* handle) const {
    Release(handle);
  }
};

inline void release_x509_stack(STACK_OF(X509) * stack) {
  sk_X509_pop_free(stack, X509_free);
}
inline void release_openssl_memory(void* memory) {
  OPENSSL_free(memory);
}

using BioPtr = std::unique_ptr<BIO, Releaser<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Releaser<X509_free>>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), Releaser<release_x509_stack>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Releaser<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Releaser<X509_STORE_CTX_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Releaser<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Releaser<SSL_free>>;
using RevocationListHandle = std::unique_ptr<X509_CRL, Releaser<X509_CRL_free>>;
using OcspResponsePtr = std::unique_ptr<OCSP_RESPONSE, Releaser<OCSP_RESPONSE_free>>;
using OcspBasicResponsePtr = std::unique_ptr<OCSP_BASICRESP, Releaser<OCSP_BASICRESP_free>>;
using OcspCertificateIdPtr = std::unique_ptr<OCSP_CERTID, Releaser<OCSP_CERTID_free>>;
using LibraryContextPtr = std::unique_ptr<OSSL_LIB_CTX, Releaser<OSSL_LIB_CTX_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, Releaser<GENERAL_NAMES_free>>;

}  // namespace tlswarden::pki
