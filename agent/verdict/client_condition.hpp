#pragma once

#include "verdict/assessment.hpp"
#include "verdict/condition_text.hpp"

namespace tlswarden::verdict {

/// ClientCertificateValid: what is wrong with the client's own files, told whether or not a server answers;
/// else what the server said to them.
Answer judge_client_certificate(const Assessment& assessment);

}  // namespace tlswarden::verdict
