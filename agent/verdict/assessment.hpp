#pragma once

#include <optional>
#include <string>

#include "resource/engine.hpp"
#include "verdict/client_preflight.hpp"
#include "verdict/drift.hpp"
#include "verdict/expiry.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"
#include "verdict/ladder.hpp"
#include "verdict/plaintext.hpp"
#include "verdict/rehearsal.hpp"
#include "verdict/server_version.hpp"

namespace tlswarden::verdict {

/// The separate judgements about one observation, from which conditions and advice are put together. Refers
/// to its input, which must outlive it.
struct Assessment {
  const JudgeInput& input;
  const resource::EngineFacts& facts;
  const probe::Failure* obstacle = nullptr;  ///< why the endpoint was not reached; null when it was
  const probe::Failure* setback =
      nullptr;  ///< the obstacle, or how the handshake broke off before it told anything
  const resource::EndpointStatus* last = nullptr;  ///< the last written status; null when there is none
  /// Set back, but not often enough in a row for that to count: what was True stays True.
  bool held = false;
  std::optional<Identity> identity;  ///< nothing when no certificate was seen
  ClientPreflight client;
  PlaintextVerdict plaintext;
  Ladder ladder;
  VersionVerdict version;
  RotationVerdict rotation;
  DriftVerdict drift;
  RehearsalVerdict rehearsal;

  resource::TlsMode mode() const { return input.endpoint.spec.tls.mode; }
  const Rung& declared() const { return ladder.at(mode()); }
  bool reached() const { return setback == nullptr; }
  const resource::Condition* previous(std::string_view type) const {
    return last != nullptr ? last->find(type) : nullptr;
  }
};

/// The name that the certificate has to be for: the declared one, else that of the member, else the host.
const std::string& verified_name(const JudgeInput& input);

Assessment assess(const JudgeInput& input, pki::VerificationCache& cache);

}  // namespace tlswarden::verdict
