#include "probe/transcript.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::size_t kShown = 512;
/// A peer that dribbles must not fill the memory through its transcript.
constexpr std::size_t kMostLines = 1000;

}  // namespace

void Transcript::note(Stage stage, std::string_view text) {
  if (!wanted_ || lines_.size() >= kMostLines) return;
  lines_.push_back(std::string(to_string(stage)) + ": " + std::string(text));
}

void Transcript::sent(Stage stage, base::ByteView bytes) {
  add(stage, "> ", bytes);
}
void Transcript::received(Stage stage, base::ByteView bytes) {
  add(stage, "< ", bytes);
}

void Transcript::add(Stage stage, std::string_view arrow, base::ByteView bytes) {
  if (!wanted_ || bytes.empty() || lines_.size() >= kMostLines) return;
  const base::ByteView shown = bytes.first(std::min(bytes.size(), kShown));
  std::string text(arrow);
  text += std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte: " : " bytes: ") + base::to_hex(shown);
  if (shown.size() < bytes.size()) text += "…";
  note(stage, text + "  \"" + base::printable(base::as_text(shown), 4 * kShown) + '"');
}

}  // namespace tlswarden::probe
