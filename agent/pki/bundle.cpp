#include "pki/bundle.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "pki/bundle_forms.hpp"
#include "pki/content_kind.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxBundleSize = 4UL * 1024 * 1024;
constexpr std::size_t kMaxPassword = 4096;  // each iteration of a key derivation may hash all of it

/// Content that lost its armour, or was made text twice; nothing if it is not base64 after all.
std::optional<base::Secret> from_base64(base::ByteView content) {
  base::Bytes text;
  std::copy_if(content.begin(), content.end(), std::back_inserter(text),
               [](std::uint8_t c) { return c > ' ' && c < 0x7F; });
  if (text.size() % 4 != 0) return std::nullopt;
  base::Bytes decoded(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(decoded.data(), text.data(), static_cast<int>(text.size()));
  ERR_clear_error();
  if (size < 0) return std::nullopt;
  // It counts the padding as bytes.
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
    ++padding;
  decoded.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
  return base::Secret(std::move(decoded));
}

/// Says what is there in place of trust material, and what to do.
std::string explain(ContentKind kind) {
  switch (kind) {
    case ContentKind::kEmpty:
      return "the content is empty; put the certificates into it";
    case ContentKind::kDerPrivateKey:
    case ContentKind::kDerEncryptedKey:
      return "the content is a private key; refer to the certificate instead";
    case ContentKind::kUtf16:
      return "the content is UTF-16 text; save it as plain ASCII or UTF-8";
    case ContentKind::kZip:
      return "the content is a zip archive; unpack it and name the .pem, .p7b or .jks in it";
    case ContentKind::kGzip:
      return "the content is compressed by gzip; unpack it and name the certificate file in it";
    case ContentKind::kMarkup:
      return "the content is a web page (HTML or XML) rather than a certificate; open the address in a "
             "browser to "
             "see what it says, and fetch the file anew";
    case ContentKind::kGitLfsPointer:
      return "the content is a Git LFS pointer in place of the file; fetch the file with: git lfs pull";
    case ContentKind::kBase64:
      return "the content is base64 text without BEGIN and END lines, and what it stands for is no "
             "certificate; "
             "fetch the file anew";
    default:
      return "there is no certificate in the content; put it there as PEM, DER, PKCS#7, PKCS#12, JKS or "
             "JCEKS";
  }
}

base::Result<Bundle, BundleError> read(base::ByteView content, const base::Secret* password, bool decoded) {
  const ContentKind kind = recognise_content(content);
  switch (kind) {
    case ContentKind::kPem:
      return parse_pem_bundle(content);
    case ContentKind::kDerCertificate:
    case ContentKind::kDerRevocationList:
      return parse_der_bundle(content);
    case ContentKind::kDerPkcs7: {
      BundleBuilder builder;
      const Added added = read_pkcs7(content, "the PKCS#7 content", builder);
      if (!added) return tl::unexpected<BundleError>(added.error());
      return std::move(builder).finish("the PKCS#7 content");
    }
    case ContentKind::kPkcs12:
      return parse_pkcs12(content, password);
    case ContentKind::kJavaKeystore:
      return parse_java_keystore(content, password);
    case ContentKind::kBase64:
      if (const auto inner = decoded ? std::nullopt : from_base64(content)) {
        const ContentKind inside = recognise_content(inner->bytes());
        if (inside != ContentKind::kUnknown && inside != ContentKind::kEmpty)
          return read(inner->bytes(), password, true);
      }
      break;
    default:
      break;
  }
  return invalid_bundle(explain(kind));
}

}  // namespace

base::Result<Bundle, BundleError> parse_bundle(base::ByteView content, const base::Secret* password) {
  if (content.size() > kMaxBundleSize) return invalid_bundle("the bundle is larger than 4 MiB");
  if (password != nullptr && password->bytes().size() > kMaxPassword) {
    return tl::unexpected<BundleError>(
        BundleError{BundleError::Kind::kPasswordIncorrect,
                    "the password is longer than 4096 bytes; declare the password "
                    "of the key store alone"});
  }
  return read(content, password, false);
}

}  // namespace tlswarden::pki
