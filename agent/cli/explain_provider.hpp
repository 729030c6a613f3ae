#pragma once

#include <string_view>

#include "cli/explain_page.hpp"
#include "resource/provider.hpp"

namespace tlswarden::cli {

inline constexpr std::string_view kProviderPrefix = "provider/";

/// Services are asked for as provider/NAME; the bare name is understood as well. Null when `topic` is none.
const resource::ProviderFacts* provider_topic(std::string_view topic);

void explain_provider(const resource::ProviderFacts& service, ExplainPage& page);

}  // namespace tlswarden::cli
