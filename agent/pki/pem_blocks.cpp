#include "pki/pem_blocks.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/pem_layout.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

using TextPtr = std::unique_ptr<char, Releaser<release_openssl_memory>>;
using DataPtr = std::unique_ptr<unsigned char, Releaser<release_openssl_memory>>;

}  // namespace

std::optional<PemText> PemTexts::next() {
  while (position_ < text_.size()) {
    const std::size_t start = position_;
    const std::size_t begin = take_line().find(kBegin);
    if (begin != std::string_view::npos) return read_block(start + begin);
  }
  return std::nullopt;
}

std::string_view PemTexts::peek_line() const {
  return text_.substr(position_, text_.find('\n', position_) - position_);
}

std::string_view PemTexts::take_line() {
  const std::string_view line = peek_line();
  position_ = std::min(position_ + line.size() + 1, text_.size());
  ++line_;
  return line;
}

/// `begin` is where the BEGIN stands whose line was just taken.
PemText PemTexts::read_block(std::size_t begin) {
  PemText block;
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

base::Result<base::Bytes> decode_pem(const PemText& block) {
  const std::string text = std::string(block.text) + "\n";
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  ERR_clear_error();
  const bool done = PEM_read_bio_ex(in.get(), &label, &header, &data, &size, PEM_FLAG_EAY_COMPATIBLE) == 1;
  const TextPtr label_owner(label);
  const TextPtr header_owner(header);
  const DataPtr data_owner(data);
  if (done) return base::Bytes(data, data + size);
  const std::string reason = openssl_reason("the content is not base64");
  if (block.text.find(kEnd) == std::string_view::npos) return base::fail("its END line is missing");
  if (auto fault = layout_fault(block.text)) return base::fail(*std::move(fault));
  return base::fail(reason);
}

}  // namespace tlswarden::pki
