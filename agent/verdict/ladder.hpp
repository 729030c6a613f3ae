#pragma once

#include <array>
#include <optional>

#include "resource/engine.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/finding.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"
#include "verdict/plaintext.hpp"

namespace tlswarden::verdict {

/// One rung before it is put into words for the status.
struct Rung {
  resource::TlsMode mode{};
  resource::RungOutcome outcome = resource::RungOutcome::kUnknown;
  Finding
      finding;  ///< why it is refused or unknown, or the remark on one that works; the reason may be empty
};

struct Ladder {
  std::array<Rung, resource::kAllModes.size()> rungs;  ///< index = TlsMode

  const Rung& at(resource::TlsMode mode) const { return rungs.at(static_cast<std::size_t>(mode)); }
  /// The strongest rung that works.
  std::optional<resource::TlsMode> strongest() const;
};

/// What the engine's own client would get today in each of the five modes with the declared material, from
/// one TLS observation and what is known of plaintext:
///
/// - disable is `plaintext`.
/// - prefer and require accept any certificate, unless the client verifies the chain once a CA is declared
///   (EngineFacts::prefer_verifies_with_ca, require_verifies_with_ca: libpq).
/// - verify-ca verifies the chain against the declared CA or the system's; verify-full the name as well, by
/// the
///   client's own rules. Where the client has no name check (redis-cli) the rung still says what a client
///   with one would do, because that is what the mode promises, and the message says that this client is
///   looser.
/// - prefer, where its client falls back, is what plaintext is once TLS fails: libpq after a no to
/// SSLRequest,
///   after any failure of the handshake short of silence and after the server's refusal inside TLS, but not
///   after the alert by which TLS 1.3 refuses a client certificate nor after an error in answer to
///   SSLRequest; the two-pass clients only after an error of TLS or of the handshake of the protocol, never
///   after one of the network or of authentication.
///
/// `identity` is null when no certificate was seen. When the server was not reached every rung is Unknown.
Ladder build_ladder(const JudgeInput& input, const Identity* identity, const PlaintextVerdict& plaintext);

/// The rung as it stands in the status, its message ending in what it means for clients.
resource::ModeRung to_status(const Rung& rung, const resource::EngineFacts& facts);

/// Whether the client verifies the chain in this mode.
bool verifies_chain(resource::TlsMode mode, const resource::EngineFacts& facts,
                    const pki::Material& material);

}  // namespace tlswarden::verdict
