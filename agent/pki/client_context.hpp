#pragma once

#include "base/result.hpp"
#include "pki/material.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::pki {

/// Makes `context` present this certificate, its chain and its key when a server asks. The OpenSSL objects
/// are made inside `library`, to which `context` must belong (null: the default library context). Fails where
/// the context's security level refuses the key, and for a key and certificate that do not match; nothing
/// secret is in the Error.
base::Result<void> install_client_identity(SSL_CTX& context, OSSL_LIB_CTX* library,
                                           const ClientIdentity& identity);

}  // namespace tlswarden::pki
