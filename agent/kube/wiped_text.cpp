#include "kube/wiped_text.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace tlswarden::kube {

void wipe_text(std::string& text) noexcept {
  base::wipe_memory(text.data(), text.size());
  std::string().swap(text);
}

void append_wiping(std::string& text, std::string_view part) {
  const std::size_t needed = text.size() + part.size();
  if (needed > text.capacity()) {
    std::string larger;
    larger.reserve(std::max(needed, 2 * text.capacity()));
    larger.append(text);
    wipe_text(text);
    text.swap(larger);
  }
  text.append(part);
}

void wipe_texts(nlohmann::ordered_json& document) noexcept {
  if (document.is_string()) {
    auto& text = document.get_ref<std::string&>();
    base::wipe_memory(text.data(), text.size());
  }
  if (!document.is_structured()) return;
  for (nlohmann::ordered_json& part : document)
    wipe_texts(part);
}

}  // namespace tlswarden::kube
