#include "pki/content_kind.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "pki/der.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMarkupDepth = 1024;  // how far in a page's first tag is looked for

/// Whether what a CA signed is a list rather than a certificate: its issuer is followed by a time, a
/// certificate's by the two of its validity (RFC 5280 sections 4.1 and 5.1).
bool is_revocation_list(base::ByteView to_be_signed) {
  std::optional<DerElement> element = take_der_element(to_be_signed);
  if (element && element->tag == kInteger) element = take_der_element(to_be_signed);
  if (!element || element->tag != kSequence) return false;
  const std::optional<DerElement> issuer = take_der_element(to_be_signed);
  const std::optional<DerElement> time = take_der_element(to_be_signed);
  return issuer && issuer->tag == kSequence && time &&
         (time->tag == kUtcTime || time->tag == kGeneralizedTime);
}

/// The outer SEQUENCE of every form looks the same; the first two elements in it tell them apart.
ContentKind recognise_sequence(base::ByteView content) {
  const std::optional<DerElement> outer = take_der_element(content);
  if (!outer) return ContentKind::kUnknown;
  base::ByteView inside = outer->content;
  const std::optional<DerElement> first = take_der_element(inside);
  const std::optional<DerElement> second = take_der_element(inside);
  if (!first || !second) return ContentKind::kUnknown;
  if (first->tag == kObjectIdentifier) return ContentKind::kDerPkcs7;
  if (first->tag == kInteger && first->content.size() == 1) {
    // PFX ::= version 3, ContentInfo. A PKCS#8 or SEC1 key has version 0 or 1, PKCS#1 goes on with an
    // INTEGER.
    if (first->content[0] == 3 && second->tag == kSequence) return ContentKind::kPkcs12;
    if (second->tag == kSequence || second->tag == kInteger || second->tag == kOctetString) {
      return ContentKind::kDerPrivateKey;
    }
  }
  if (first->tag == kSequence && second->tag == kOctetString) return ContentKind::kDerEncryptedKey;
  if (first->tag == kSequence && second->tag == kSequence) {
    return is_revocation_list(first->content) ? ContentKind::kDerRevocationList
                                              : ContentKind::kDerCertificate;
  }
  return ContentKind::kUnknown;
}

bool starts_with(base::ByteView content, std::initializer_list<std::uint8_t> prefix) {
  return content.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), content.begin());
}

bool is_markup(std::string_view text) {
  if (!text.starts_with('<')) return false;
  const std::string head = base::lower_ascii(text.substr(0, kMarkupDepth));
  return head.starts_with("<?xml") || head.starts_with("<!doctype") ||
         head.find("<html") != std::string::npos;
}

bool is_base64(std::string_view text) {
  constexpr std::size_t kLeast = 16;
  return text.size() >= kLeast && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/' || c == '=' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
         });
}

ContentKind recognise_text(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = base::trimmed(text);
  if (text.find("-----BEGIN ") != std::string_view::npos) return ContentKind::kPem;
  if (is_markup(text)) return ContentKind::kMarkup;
  if (text.starts_with("version https://git-lfs.github.com/spec/")) return ContentKind::kGitLfsPointer;
  return is_base64(text) ? ContentKind::kBase64 : ContentKind::kUnknown;
}

}  // namespace

ContentKind recognise_content(base::ByteView content) {
  if (base::trimmed(base::as_text(content)).empty()) return ContentKind::kEmpty;
  if (starts_with(content, {0xFE, 0xED, 0xFE, 0xED}) || starts_with(content, {0xCE, 0xCE, 0xCE, 0xCE})) {
    return ContentKind::kJavaKeystore;
  }
  if (starts_with(content, {'P', 'K', 3, 4}) || starts_with(content, {'P', 'K', 5, 6}))
    return ContentKind::kZip;
  if (starts_with(content, {0x1F, 0x8B})) return ContentKind::kGzip;
  if (starts_with(content, {0xFF, 0xFE}) || starts_with(content, {0xFE, 0xFF})) return ContentKind::kUtf16;
  if (content[0] == kSequence) {
    const ContentKind kind = recognise_sequence(content);
    if (kind != ContentKind::kUnknown) return kind;
  }
  return recognise_text(base::as_text(content));
}

}  // namespace tlswarden::pki
