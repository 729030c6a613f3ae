#pragma once

#include "base/bytes.hpp"

namespace tlswarden::pki {

/// What a file holds, told by its first bytes and ASN.1 shape. Nothing is decoded further.
enum class ContentKind {
  kEmpty,
  kPem,             ///< at least one BEGIN line
  kDerCertificate,  ///< or several, one behind the other
  kDerRevocationList,
  kDerPrivateKey,    ///< PKCS#8, PKCS#1 or SEC1, plain
  kDerEncryptedKey,  ///< PKCS#8 EncryptedPrivateKeyInfo
  kDerPkcs7,
  kPkcs12,
  kJavaKeystore,   ///< JKS or JCEKS
  kUtf16,          ///< text saved by a Windows editor
  kZip,            ///< the archive that a provider hands out
  kGzip,           ///< also a compressed tar
  kMarkup,         ///< HTML or XML: a page saved in place of the file
  kGitLfsPointer,  ///< what Git LFS puts in place of a large file
  kBase64,         ///< base64 and nothing else: PEM that lost its BEGIN and END lines, or DER made text
  kUnknown,
};
ContentKind recognise_content(base::ByteView content);

}  // namespace tlswarden::pki
