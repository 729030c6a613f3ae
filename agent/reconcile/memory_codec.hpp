#pragma once

#include <string>

#include "base/result.hpp"
#include "reconcile/store.hpp"

namespace tlswarden::reconcile {

/// JSON text of what must outlive the process, for any store. Text of a peer is escaped on the way.
std::string memory_to_text(const Memory& memory);
/// Reads what memory_to_text wrote; unknown fields and unknown names of stages or causes are passed over,
/// anything that is no JSON object is an Error.
base::Result<Memory> memory_from_text(const std::string& text);

}  // namespace tlswarden::reconcile
