#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// For texts that came from the API server or a kubeconfig and may hold secrets: none of it stays in memory
/// that is given back, as far as this program holds it itself.
namespace tlswarden::kube {

/// Overwrites it, empties it and gives its memory back.
void wipe_text(std::string& text) noexcept;
/// As append(), but memory that becomes too small is overwritten.
void append_wiping(std::string& text, std::string_view part);
/// Overwrites every text value in the document; its keys stay.
void wipe_texts(nlohmann::ordered_json& document) noexcept;

}  // namespace tlswarden::kube
