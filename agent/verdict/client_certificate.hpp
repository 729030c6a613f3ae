#pragma once

#include <optional>
#include <string>

#include "verdict/finding.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// The reason that stands for a piece of material that cannot be used.
const char* reason_for(pki::MaterialProblem::Kind kind);
Finding describe(const pki::MaterialProblem& problem);

/// The problem that keeps spec.tls.ca from being used; null when there is none, or when the last good bundle
/// is used meanwhile.
const pki::MaterialProblem* ca_problem(const pki::Material& material);

/// Whether the problem is about something that the spec declares. That the machine has no trust store of its
/// own is not: it matters only to modes that verify, and their rungs say so.
bool is_declared(const pki::MaterialProblem& problem, const pki::Material& material);

/// What the server said to the client's certificate, or to there being none, if it refused the session for
/// that: in the handshake, in the step after it, or at the login.
std::optional<probe::Failure> client_certificate_refusal(const probe::Observation& observation);

/// What is wrong with the declared client certificate as such, whatever the server says: its dates and
/// purpose.
std::optional<Finding> client_certificate_fault(const pki::Material& material, base::WallTime now);

}  // namespace tlswarden::verdict
