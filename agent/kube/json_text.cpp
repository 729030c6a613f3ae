#include "kube/json_text.hpp"

#include <utility>

namespace tlswarden::kube {
namespace {

constexpr std::size_t kDeepest = 200;

/// Everything that walks a document recurses, so depth is looked at before anything is built.
bool too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<nlohmann::ordered_json> parse_json(std::string_view text) {
  if (too_deep(text)) return std::nullopt;
  auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  return document;
}

std::string text_at(const nlohmann::ordered_json& document, std::initializer_list<const char*> path) {
  const nlohmann::ordered_json* place = &document;
  for (const char* key : path) {
    if (!place->is_object()) return {};
    const auto found = place->find(key);
    if (found == place->end()) return {};
    place = &*found;
  }
  return place->is_string() ? place->get<std::string>() : std::string();
}

}  // namespace tlswarden::kube
