#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resource/provider.hpp"

namespace tlswarden::resource {

/// Reads a text in the form of schema/providers.yaml. The Error names the entry and the field.
base::Result<std::vector<ProviderFacts>> parse_provider_catalogue(std::string_view yaml);

}  // namespace tlswarden::resource
