#include "pki/content_kind.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kObjectIdentifier = 0x06;
constexpr std::uint8_t kOctetString = 0x04;

struct Element {
  std::uint8_t tag = 0;
  base::ByteView content;  ///< cut short where the input is
};

/// Takes one DER or BER element off the front (X.690 section 8.1); indefinite lengths reach to the end.
std::optional<Element> take_element(base::ByteView& input) {
  if (input.size() < 2) return std::nullopt;
  const std::uint8_t tag = input[0];
  std::size_t length = input[1];
  std::size_t header = 2;
  if (length == 0x80) {
    length = input.size() - header;
  } else if (length > 0x80) {
    const std::size_t count = length - 0x80;
    if (count > 4 || input.size() < header + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i)
      length = (length << 8U) | input[header + i];
    header += count;
  }
  length = std::min(length, input.size() - header);
  const Element element{tag, input.subspan(header, length)};
  input = input.subspan(header + length);
  return element;
}

/// The outer SEQUENCE of every form looks the same; the first two elements in it tell them apart.
ContentKind recognise_sequence(base::ByteView content) {
  const std::optional<Element> outer = take_element(content);
  if (!outer) return ContentKind::kUnknown;
  base::ByteView inside = outer->content;
  const std::optional<Element> first = take_element(inside);
  const std::optional<Element> second = take_element(inside);
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
  if (first->tag == kSequence && second->tag == kSequence) return ContentKind::kDerCertificate;
  return ContentKind::kUnknown;
}

bool starts_with(base::ByteView content, std::initializer_list<std::uint8_t> prefix) {
  return content.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), content.begin());
}

}  // namespace

ContentKind recognise_content(base::ByteView content) {
  if (base::trimmed(base::as_text(content)).empty()) return ContentKind::kEmpty;
  if (starts_with(content, {0xFE, 0xED, 0xFE, 0xED}) || starts_with(content, {0xCE, 0xCE, 0xCE, 0xCE})) {
    return ContentKind::kJavaKeystore;
  }
  if (starts_with(content, {0xFF, 0xFE}) || starts_with(content, {0xFE, 0xFF})) return ContentKind::kUtf16;
  if (content[0] == kSequence) {
    const ContentKind kind = recognise_sequence(content);
    if (kind != ContentKind::kUnknown) return kind;
  }
  const bool pem = base::as_text(content).find("-----BEGIN ") != std::string_view::npos;
  return pem ? ContentKind::kPem : ContentKind::kUnknown;
}

}  // namespace tlswarden::pki
