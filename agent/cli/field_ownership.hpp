#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace tlswarden::cli {

/// The field manager of `tlswarden apply`.
inline constexpr const char* kApplyManager = "tlswarden-cli";

/// The JSON patch (RFC 6902) that makes the fields which client-side `kubectl apply` wrote into `object`
/// those of `tlswarden apply`, as if it had applied them: else each later change of one would be a conflict,
/// and what is taken out of the manifest would stay. Nothing where kubectl wrote none. The patch holds for
/// this version of the object alone.
std::optional<nlohmann::ordered_json> takeover_from_kubectl(const nlohmann::ordered_json& object);

}  // namespace tlswarden::cli
