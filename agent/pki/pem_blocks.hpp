#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tlswarden::pki {

/// One PEM block (RFC 7468) as it stands in the file.
struct PemText {
  std::string_view label;
  std::string_view text;  ///< from BEGIN to END, both included; to the end of the file where END is missing
  std::size_t line = 0;   ///< of BEGIN, counted from 1
};

/// Walks over a text line by line and hands out its PEM blocks. The text must outlive it and the blocks.
class PemTexts {
 public:
  explicit PemTexts(std::string_view text) : text_(text) {}

  std::optional<PemText> next();

 private:
  std::string_view peek_line() const;
  std::string_view take_line();
  PemText read_block(std::size_t begin);

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 0;
};

/// What the block's base64 stands for. Not for keys: nothing is wiped. Error: what is wrong and, behind a
/// semicolon, what to do where that is not to fetch the file anew.
base::Result<base::Bytes> decode_pem(const PemText& block);

}  // namespace tlswarden::pki
