#include <string>
#include <vector>

#include "base/text.hpp"
#include "pki/bundle_forms.hpp"
#include "pki/content_kind.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/pem_blocks.hpp"

namespace tlswarden::pki {
namespace {

bool is_certificate_label(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD || label == PEM_STRING_X509_TRUSTED;
}

bool is_pkcs7_label(std::string_view label) {
  return label == PEM_STRING_PKCS7 || label == PEM_STRING_PKCS7_SIGNED || label == PEM_STRING_CMS;
}

/// A certificate without the trust settings that TRUSTED CERTIFICATE appends.
base::Result<base::Bytes> without_trust_settings(const base::Bytes& content) {
  const unsigned char* position = content.data();
  ERR_clear_error();
  const X509Ptr certificate(d2i_X509_AUX(nullptr, &position, static_cast<long>(content.size())));
  if (!certificate) return base::fail(openssl_reason());
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(certificate.get(), &encoded);
  if (size <= 0) return base::fail(openssl_reason());
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(encoded);
  return base::Bytes(encoded, encoded + size);
}

/// Says what a PEM file without certificates holds instead.
std::string without_certificates(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    if (label.ends_with("PRIVATE KEY"))
      return "the content is a private key; refer to the certificate instead";
    if (label.ends_with("CERTIFICATE REQUEST")) {
      return "the content is a certificate request; use the certificate that the CA issued for it";
    }
  }
  return "there is no certificate in the content, only " + base::printable(base::join(labels, ", "), 200);
}

/// Reads the blocks of one file.
class PemBundle {
 public:
  explicit PemBundle(std::string_view text) : texts_(text) {}

  base::Result<Bundle, BundleError> read() && {
    while (const std::optional<PemText> block = texts_.next()) {
      const Added added = add(*block);
      if (!added) return tl::unexpected<BundleError>(added.error());
    }
    const bool nothing = builder_.certificates() + builder_.lists() == 0;
    if (nothing && !other_labels_.empty()) return invalid_bundle(without_certificates(other_labels_));
    return std::move(builder_).finish("the PEM text");
  }

 private:
  static std::string named(const char* what, std::size_t number, const PemText& block) {
    return std::string(what) + " " + std::to_string(number) + " (line " + std::to_string(block.line) + ")";
  }

  Added add(const PemText& block) {
    if (is_certificate_label(block.label)) return add_certificate(block);
    if (block.label == PEM_STRING_X509_CRL) {
      const std::string name = named("revocation list", builder_.lists() + 1, block);
      const auto der = decode_pem(block);
      if (!der) return broken(name, der.error());
      return builder_.add_list(*der, name);
    }
    if (is_pkcs7_label(block.label)) {
      const std::string name = named("PKCS#7 block", ++pkcs7_blocks_, block);
      const auto content = decode_pem(block);
      if (!content) return broken(name, content.error());
      return read_pkcs7(*content, name, builder_);
    }
    if (other_labels_.size() < 8) other_labels_.emplace_back(block.label);
    return {};
  }

  Added add_certificate(const PemText& block) {
    const std::string name = named("certificate", builder_.certificates() + 1, block);
    const auto content = decode_pem(block);
    if (!content) return broken(name, content.error());
    // Some tools of Windows write PKCS#7 under this label.
    if (recognise_content(*content) == ContentKind::kDerPkcs7) return read_pkcs7(*content, name, builder_);
    const auto der = without_trust_settings(*content);
    if (!der) return broken(name, der.error());
    return builder_.add_certificate(*der, name);
  }

  static tl::unexpected<BundleError> broken(const std::string& name, const base::Error& error) {
    const bool names_remedy = error.message.find(';') != std::string::npos;
    return invalid_bundle(name + " is broken: " + error.message +
                          (names_remedy ? "" : "; fetch the file anew"));
  }

  PemTexts texts_;
  BundleBuilder builder_;
  std::size_t pkcs7_blocks_ = 0;
  std::vector<std::string> other_labels_;
};

}  // namespace

base::Result<Bundle, BundleError> parse_pem_bundle(base::ByteView content) {
  return PemBundle(base::as_text(content)).read();
}

}  // namespace tlswarden::pki
