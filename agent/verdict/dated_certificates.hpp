#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/status.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"
#include "verdict/rotation_plan.hpp"

namespace tlswarden::verdict {

/// A certificate that a connection depends on.
struct DatedCertificate {
  std::string role;  ///< leaf, intermediate, root, client
  std::string subject;
  std::optional<base::WallTime> not_before;  ///< unknown for what only an old status tells of
  base::WallTime not_after{};
  std::string sha256{};        ///< empty for what only an old status tells of
  bool behind_client = false;  ///< of role client, but sent behind the client's certificate

  Validity validity() const { return {not_before, not_after}; }
};

/// Everything whose end ends the connection: the verified path (not whatever else the server sends), or the
/// chain as served where no path was found; the declared CA where no path reaches it; the declared client
/// certificate. Where this observation saw no certificate, what the last status knew: an outage must not hide
/// an expiry.
std::vector<DatedCertificate> dated_certificates(const JudgeInput& input, const Identity* identity);

}  // namespace tlswarden::verdict
