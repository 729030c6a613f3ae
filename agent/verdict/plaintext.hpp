#pragma once

#include "resource/engine.hpp"
#include "verdict/finding.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// Whether a client without TLS gets a session, and how that is known.
struct PlaintextVerdict {
  resource::RungOutcome outcome = resource::RungOutcome::kUnknown;
  Finding finding;  ///< the reason is empty when it works and nothing needs to be said
};

/// From, in this order: a login that the server itself called unencrypted or refused for want of TLS; the
/// plaintext attempt, if it was made for the declared user; the server's policy for that account; the attempt
/// for a made-up user. Whatever could not be told stays Unknown: MySQL and MariaDB decide only after
/// authentication.
PlaintextVerdict judge_plaintext(const JudgeInput& input);

}  // namespace tlswarden::verdict
