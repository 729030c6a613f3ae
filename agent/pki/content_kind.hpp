#pragma once

#include "base/bytes.hpp"

namespace tlswarden::pki {

/// What a file holds, told by its first bytes and ASN.1 shape. For messages: nothing is decoded further.
enum class ContentKind {
  kEmpty,
  kPem,  ///< at least one BEGIN line
  kDerCertificate,
  kDerPrivateKey,    ///< PKCS#8, PKCS#1 or SEC1, plain
  kDerEncryptedKey,  ///< PKCS#8 EncryptedPrivateKeyInfo
  kDerPkcs7,
  kPkcs12,
  kJavaKeystore,  ///< JKS or JCEKS
  kUtf16,         ///< text saved by a Windows editor
  kUnknown,
};
ContentKind recognise_content(base::ByteView content);

}  // namespace tlswarden::pki
