#include "pki/client_context.hpp"

#include <string>

#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

tl::unexpected<base::Error> refused(const char* what) {
  return base::fail(std::string(what) + " (" + openssl_reason() + ")");
}

}  // namespace

base::Result<void> install_client_identity(SSL_CTX& context, OSSL_LIB_CTX* library,
                                           const ClientIdentity& identity) {
  ERR_clear_error();
  if (identity.chain.empty() || !identity.key)
    return base::fail("the client certificate or its key is missing");
  const X509Ptr leaf = to_x509(*identity.chain.front(), library);
  if (!leaf || SSL_CTX_use_certificate(&context, leaf.get()) != 1) {
    return refused("the client certificate cannot be used");
  }
  SSL_CTX_clear_chain_certs(&context);
  for (std::size_t i = 1; i < identity.chain.size(); ++i) {
    const X509Ptr link = to_x509(*identity.chain[i], library);
    if (!link || SSL_CTX_add1_chain_cert(&context, link.get()) != 1) {
      return refused("a certificate of the client certificate's chain cannot be used");
    }
  }
  const base::ByteView der = identity.key->pkcs8_der().bytes();
  const unsigned char* position = der.data();
  const PkeyPtr key(
      d2i_AutoPrivateKey_ex(nullptr, &position, static_cast<long>(der.size()), library, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(&context, key.get()) != 1 || SSL_CTX_check_private_key(&context) != 1) {
    return refused("the client key cannot be used");
  }
  return {};
}

}  // namespace tlswarden::pki
