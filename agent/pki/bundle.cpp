#include "pki/bundle.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "pki/content_kind.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxBundleSize = 4UL * 1024 * 1024;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

/// One PEM block (RFC 7468) as it stands in the file.
struct Block {
  std::string_view label;
  std::string_view text;  ///< from BEGIN to END, both included; to the end of the file where END is missing
  std::size_t line = 0;   ///< of BEGIN, counted from 1
};

/// Walks over a text line by line and hands out its PEM blocks.
class BlockReader {
 public:
  explicit BlockReader(std::string_view text) : text_(text) {}

  std::optional<Block> next() {
    while (position_ < text_.size()) {
      const std::size_t start = position_;
      const std::size_t begin = take_line().find(kBegin);
      if (begin != std::string_view::npos) return read_block(start + begin);
    }
    return std::nullopt;
  }

 private:
  std::string_view peek_line() const {
    return text_.substr(position_, text_.find('\n', position_) - position_);
  }

  std::string_view take_line() {
    const std::string_view line = peek_line();
    position_ = std::min(position_ + line.size() + 1, text_.size());
    ++line_;
    return line;
  }

  /// `begin` is where the BEGIN stands whose line was just taken.
  Block read_block(std::size_t begin) {
    Block block;
    block.line = line_;
    block.label = text_.substr(begin + kBegin.size(), position_ - begin - kBegin.size());
    block.label = block.label.substr(0, block.label.find(kDashes));
    while (position_ < text_.size()) {
      // A second BEGIN inside a block belongs to the next one: this block's END was lost.
      if (base::trimmed(peek_line()).starts_with(kBegin)) break;
      if (base::trimmed(take_line()).starts_with(kEnd)) break;
    }
    block.text = text_.substr(begin, position_ - begin);
    return block;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 0;
};

bool is_certificate_label(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD || label == PEM_STRING_X509_TRUSTED;
}

/// The DER of a block's certificate; the trust settings of TRUSTED CERTIFICATE are left out.
base::Result<base::Bytes> decode_block(const Block& block) {
  const std::string text = std::string(block.text) + "\n";
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ERR_clear_error();
  const X509Ptr certificate(PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    if (block.text.find(kEnd) == std::string_view::npos) {
      ERR_clear_error();
      return base::fail("its END line is missing");
    }
    return base::fail(openssl_reason("the content is not base64"));
  }
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(certificate.get(), &encoded);
  if (size <= 0) return base::fail(openssl_reason());
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(encoded);
  const base::ByteView der(encoded, static_cast<std::size_t>(size));
  return base::Bytes(der.begin(), der.end());
}

std::string block_name(const Block& block, std::size_t number) {
  return "certificate " + std::to_string(number) + " (line " + std::to_string(block.line) + ")";
}

/// Says what a PEM file without certificates holds instead.
std::string without_certificates(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    if (label == "PKCS7" || label == "PKCS #7 SIGNED DATA" || label == "CMS") {
      return "the content is PKCS#7; convert it with: openssl pkcs7 -print_certs -in FILE -out ca.pem";
    }
    if (label.ends_with("PRIVATE KEY"))
      return "the content is a private key, but certificates are wanted here";
    if (label.ends_with("CERTIFICATE REQUEST")) {
      return "the content is a certificate request; use the certificate that the CA issued for it";
    }
  }
  if (labels.empty()) return "there is no certificate in the content; PEM text is wanted";
  return "there is no certificate in the content, only " + base::printable(base::join(labels, ", "), 200);
}

/// Says how to turn content that is not PEM into a bundle; nothing if it is PEM.
std::optional<std::string> other_form(ContentKind kind) {
  switch (kind) {
    case ContentKind::kPem:
      return std::nullopt;
    case ContentKind::kEmpty:
      return "the content is empty; PEM certificates are wanted";
    case ContentKind::kDerCertificate:
      return "the content is a certificate in DER form; convert it with: "
             "openssl x509 -inform DER -in FILE -out ca.pem";
    case ContentKind::kDerPkcs7:
      return "the content is PKCS#7; convert it with: "
             "openssl pkcs7 -inform DER -print_certs -in FILE -out ca.pem";
    case ContentKind::kPkcs12:
      return "the content is PKCS#12; convert it with: openssl pkcs12 -in FILE -nokeys -out ca.pem";
    case ContentKind::kJavaKeystore:
      return "the content is a Java keystore; convert it with: keytool -list -rfc -keystore FILE > ca.pem";
    case ContentKind::kDerPrivateKey:
    case ContentKind::kDerEncryptedKey:
      return "the content is a private key, but certificates are wanted here";
    case ContentKind::kUtf16:
      return "the content is UTF-16 text; save it as plain ASCII or UTF-8";
    case ContentKind::kUnknown:
      break;
  }
  return "there is no certificate in the content; PEM text is wanted";
}

tl::unexpected<BundleError> invalid(std::string message) {
  return tl::unexpected<BundleError>({BundleError::Kind::kInvalid, std::move(message)});
}

}  // namespace

base::Result<Bundle, BundleError> parse_bundle(base::ByteView content, const base::Secret* /*password*/) {
  if (content.size() > kMaxBundleSize) return invalid("the bundle is larger than 4 MiB");
  if (auto message = other_form(recognise_content(content))) return invalid(*std::move(message));

  BlockReader reader(base::as_text(content));
  Bundle bundle;
  Chain& chain = bundle.certificates;
  std::vector<std::string> other_labels;
  while (const std::optional<Block> block = reader.next()) {
    if (!is_certificate_label(block->label)) {
      if (other_labels.size() < 8) other_labels.emplace_back(block->label);
      continue;
    }
    const std::string name = block_name(*block, chain.size() + 1);
    const base::Result<base::Bytes> der = decode_block(*block);
    if (!der) return invalid(name + " is broken: " + der.error().message);
    base::Result<CertificatePtr> certificate = parse_certificate(*der);
    if (!certificate) return invalid(name + " cannot be used: " + certificate.error().message);
    chain.push_back(*std::move(certificate));
  }
  if (chain.empty()) return invalid(without_certificates(other_labels));
  return bundle;
}

}  // namespace tlswarden::pki
