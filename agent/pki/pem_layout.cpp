#include "pki/pem_layout.hpp"

#include "base/text.hpp"
#include "pki/pem_blocks.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr const char* kLost =
    "its line breaks are lost; put the BEGIN line, the END line and the text between them on lines of their "
    "own";

std::string_view line_at(std::string_view text, std::size_t position) {
  return text.substr(position, text.find('\n', position) - position);
}

/// `rest` is what follows the BEGIN on its line.
std::optional<std::string> fault_behind_begin(std::string_view rest) {
  if (base::trimmed(rest).empty()) return std::nullopt;
  if (rest.starts_with("\\n") || rest.starts_with("\\r"))
    return "its line breaks are written as \\n; write each as a real line break";
  if (rest.starts_with('\r')) return "its lines end in carriage returns alone; save it with Unix line ends";
  return kLost;
}

std::optional<std::string> fault_around_end(std::string_view block, std::size_t end) {
  const std::size_t line_break = block.rfind('\n', end);
  const std::size_t start = line_break == std::string_view::npos ? 0 : line_break + 1;
  const std::string_view before = block.substr(start, end - start);
  if (!base::trimmed(before).empty()) return kLost;
  if (!before.empty()) return "its lines are indented; remove the blanks in front of them";
  if (line_at(block, end).find(kBegin) != std::string_view::npos)
    return "its END line goes on with the next BEGIN; put a line break between the two";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> layout_fault(std::string_view block) {
  const std::string_view first = line_at(block, 0);
  const std::size_t dashes = first.find(kDashes, kBegin.size());
  if (dashes == std::string_view::npos) return std::nullopt;
  if (auto fault = fault_behind_begin(first.substr(dashes + kDashes.size()))) return fault;
  const std::size_t end = block.find(kEnd);
  return end == std::string_view::npos ? std::nullopt : fault_around_end(block, end);
}

std::optional<std::string> first_layout_fault(std::string_view text) {
  PemTexts blocks(text);
  while (const std::optional<PemText> block = blocks.next()) {
    if (auto fault = layout_fault(block->text)) return fault;
  }
  return std::nullopt;
}

}  // namespace tlswarden::pki
