#pragma once

#include <string>

#include "pki/certificate.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// How the served certificate came about, as far as the last status tells.
enum class ServedCourse {
  kSteady,     ///< the same as before, a newer one, or nothing is known
  kReverted,   ///< this very server went back to an older certificate
  kSettling,   ///< the newer one is back; a change in the hour to come means that several servers answer
  kSeveral,    ///< servers with different certificates answer in turn
  kElsewhere,  ///< another address answered than last time, with another certificate
};

struct ServedHistory {
  ServedCourse course = ServedCourse::kSteady;
  std::string sentence;  ///< about any course but kSteady
};

/// Judges the leaf that the endpoint serves, of several members each by itself. What an answer from another
/// address serves says nothing about a return to an older certificate. A server that flips between two
/// certificates is several servers behind one address: after the second flip within rotation.reloadGrace (but
/// at least three checks) that is the verdict, and it stays until as much time has passed without another.
ServedHistory judge_served_history(const JudgeInput& input);

/// Valid from a later moment on, or from the same until a later one.
bool is_newer(const pki::CertificateFacts& a, const pki::CertificateFacts& b);
/// Valid from an earlier moment on than a certificate with these dates, or from the same until an earlier
/// one. Two with the same dates are neither.
bool is_older(const pki::CertificateFacts& leaf, base::WallTime not_before, base::WallTime not_after);

/// For how long after a change of the served certificate another one is held against it.
base::Seconds settling_time(const resource::EndpointSpec& spec);

/// A certificate in a sentence, by the beginning of its fingerprint: "3f21a9b0c4d5e6f7 of 'CN=CA', valid from
/// 2026-10-01 to 2026-12-30".
std::string described(const std::string& sha256, const std::string& issuer, base::WallTime not_before,
                      base::WallTime not_after);
std::string described(const pki::CertificateFacts& facts);

}  // namespace tlswarden::verdict
