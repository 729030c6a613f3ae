#pragma once

#include <optional>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// Another mode than the declared one is advised.
struct ModeChange {
  resource::TlsMode to{};
  Finding why;
  bool interim = false;  ///< a step down until the cause is fixed
};

/// - a stronger mode works: that one;
/// - disable is declared and the server demands TLS: the strongest that works;
/// - prefer is declared and slips to plaintext: require, though TLS must be repaired first;
/// - verify-full fails by the name alone: verify-ca, as an interim step.
///
/// In every other failure the cause is to be fixed and no weaker mode is named.
std::optional<ModeChange> judge_mode_change(const Assessment& assessment);

}  // namespace tlswarden::verdict
