#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace tlswarden::kube {

/// Reads one JSON document from a peer; nothing when it is none, or is nested deeper than any resource. The
/// caller bounds its size.
std::optional<nlohmann::ordered_json> parse_json(std::string_view text);

/// The text at `path` of nested members; empty where there is none.
std::string text_at(const nlohmann::ordered_json& document, std::initializer_list<const char*> path);

}  // namespace tlswarden::kube
