#pragma once

#include "cli/explain_page.hpp"
#include "resource/engine.hpp"

namespace tlswarden::cli {

/// Everything that is known of one engine: ports, defaults, what prefer does, how its own client and its
/// drivers spell each mode, how TLS is switched on and a new certificate taken up, what account suffices.
void explain_engine(const resource::EngineFacts& facts, ExplainPage& page);

}  // namespace tlswarden::cli
