#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resource/engine.hpp"

namespace tlswarden::resource {

/// Reads a text in the form of schema/engines.yaml. Every engine of kAllEngines must be there, complete, and
/// nothing else; the Error names the engine and the field. The result is in the order of kAllEngines.
base::Result<std::vector<EngineFacts>> parse_engine_catalogue(std::string_view yaml);

}  // namespace tlswarden::resource
