#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "resource/engine.hpp"

namespace tlswarden::resource {

enum class ConditionStatus { kTrue, kFalse, kUnknown };
std::string_view to_string(ConditionStatus status);  ///< "True", "False", "Unknown"

/// metav1.Condition. `message` is never empty.
struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  base::WallTime last_transition{};
  std::int64_t observed_generation = 0;
};

namespace condition {
inline constexpr const char* kReady = "Ready";
inline constexpr const char* kReachable = "Reachable";
inline constexpr const char* kModeSatisfied = "ModeSatisfied";
inline constexpr const char* kCertificateValid = "CertificateValid";
inline constexpr const char* kClientCertificateValid = "ClientCertificateValid";
inline constexpr const char* kServedCertificateMatched = "ServedCertificateMatched";
inline constexpr const char* kNextCaReady = "NextCAReady";
inline constexpr const char* kServerVersionMatched = "ServerVersionMatched";
inline constexpr const char* kSessionEncrypted = "SessionEncrypted";
inline constexpr const char* kRotationRecommended = "RotationRecommended";
inline constexpr const char* kModeChangeRecommended = "ModeChangeRecommended";
inline constexpr const char* kReconciling = "Reconciling";
inline constexpr const char* kStalled = "Stalled";
}  // namespace condition

/// Every condition type, in the order in which status lists them.
inline constexpr std::array kAllConditions{condition::kReady,
                                           condition::kReachable,
                                           condition::kModeSatisfied,
                                           condition::kCertificateValid,
                                           condition::kClientCertificateValid,
                                           condition::kServedCertificateMatched,
                                           condition::kNextCaReady,
                                           condition::kServerVersionMatched,
                                           condition::kSessionEncrypted,
                                           condition::kRotationRecommended,
                                           condition::kModeChangeRecommended,
                                           condition::kReconciling,
                                           condition::kStalled};

/// True for the types whose True means trouble or work (RotationRecommended, ModeChangeRecommended,
/// Reconciling, Stalled).
bool abnormal_when_true(std::string_view condition_type);

struct CertificateStatus {
  std::string role;  ///< leaf, intermediate, root, client
  std::string subject, issuer, serial_number;
  base::WallTime not_before{}, not_after{};
  std::string sha256;
  std::vector<std::string> dns_names, ip_addresses;
  std::string key;  ///< "EC-256", "RSA-2048", "Ed25519"
  std::string signature;
};

enum class RevocationAnswer { kGood, kRevoked, kUnknown };
std::string_view to_string(RevocationAnswer answer);  ///< "Good", "Revoked", "Unknown"

/// The OCSP response that came with the certificate (RFC 6066 section 8).
struct StapleStatus {
  RevocationAnswer answer = RevocationAnswer::kUnknown;
  base::WallTime this_update{};
  std::optional<base::WallTime> next_update{};

  bool operator==(const StapleStatus&) const = default;
};

struct TlsStatus {
  std::string version, cipher;
  std::vector<CertificateStatus> chain;  ///< as served, in the server's order
  /// What the verified path takes from the trust store: intermediates that were not served, then the root,
  /// even where the server sends it too. Empty where no path ends there.
  std::vector<CertificateStatus> from_trust_store{};
  /// Protocol versions below spec.tls.minVersion that the server accepts as well, newest first.
  std::vector<std::string> legacy_versions{};
  std::optional<StapleStatus> staple{};
};

struct ServerStatus {
  std::optional<std::string> version;
  std::optional<std::string> address;
  std::optional<bool> encrypted_session;
  std::optional<std::string> session_protocol;
};

enum class RungOutcome { kWorks, kRejected, kUnknown };
std::string_view to_string(RungOutcome outcome);  ///< "Works", "Rejected", "Unknown"

/// One rung of the ladder: what the engine's own client would get today in this mode with the declared
/// material.
struct ModeRung {
  TlsMode mode{};
  RungOutcome outcome = RungOutcome::kUnknown;
  std::string reason;  ///< may be empty when it works without remark
  std::string message;
};

struct TimeWindow {
  base::WallTime start{}, end{};
};

struct Expiry {
  base::WallTime not_after{};
  std::string role;  ///< of the certificate that expires first: leaf, intermediate, root, client
  std::string subject;
  std::optional<base::WallTime> rotate_by;
  std::optional<TimeWindow> window;
};

/// How far the rotation of what expires first has come.
enum class RotationProgress {
  kPlanned,           ///< not due yet, or due where no maintenance windows are declared
  kWaitingForWindow,  ///< due, and a maintenance window lies ahead or is open
  kOverdue,           ///< rotateBy has passed
  kDone,              ///< a new certificate was seen, and nothing is due
};
std::string_view to_string(RotationProgress progress);  ///< "Planned", "WaitingForWindow", "Overdue", "Done"

/// A certificate that was seen to take the place of another.
struct SeenRotation {
  base::WallTime time{};
  std::string role;  ///< leaf, client
  std::string old_sha256, new_sha256;

  bool operator==(const SeenRotation&) const = default;
};

struct RotationStatus {
  RotationProgress progress = RotationProgress::kPlanned;
  std::optional<SeenRotation> last{};
  /// The last time that the served certificate changed, whichever way: also back to an older one, and by
  /// another server behind the same name. Of several members each has its own.
  std::optional<SeenRotation> leaf_change{};
  std::optional<std::string> client_sha256{};  ///< of the declared client certificate, as last read

  bool operator==(const RotationStatus&) const = default;
};

/// What spec.servedCertificate declares.
struct DeclaredCertificateStatus {
  std::string sha256;
  base::WallTime not_after{};
  base::WallTime first_seen{};  ///< as declared

  bool operator==(const DeclaredCertificateStatus&) const = default;
};

/// Most urgent first.
enum class Urgency { kNow, kSoon, kPlanned, kConsider };
std::string_view to_string(Urgency urgency);  ///< "Now", "Soon", "Planned", "Consider"

struct Advice {
  std::string action;  ///< CamelCase: RotateServerCertificate
  Urgency urgency = Urgency::kConsider;
  std::optional<base::WallTime> by;
  std::string reason;  ///< a reason of schema/reasons.yaml
  std::string message;
  std::vector<std::string> steps;
};

/// How a member came by the certificate that it serves.
enum class MemberTurn {
  kRotated,      ///< one that is no older took the place of the one before
  kWentBack,     ///< it is older than the one before
  kReturned,     ///< soon after it went back it took up the newer one again
  kAlternating,  ///< it changed again soon after that: several servers answer at this address
};
std::string_view to_string(MemberTurn turn);  ///< "Rotated", "WentBack", "Returned", "Alternating"

/// The last time that a member's certificate changed.
struct MemberChange {
  base::WallTime time{};
  MemberTurn turn = MemberTurn::kRotated;
  std::string old_sha256;

  bool operator==(const MemberChange&) const = default;
};

/// One of several servers behind the endpoint's name.
struct MemberStatus {
  std::string address;  ///< "10.0.0.7:5432"; "HOST:PORT" where the name of a member does not resolve
  std::string host;     ///< of a member that a seed list named; else empty
  RungOutcome outcome = RungOutcome::kUnknown;  ///< what a client gets there in the declared mode
  std::string reason, message;                  ///< why; empty where it works without remark
  std::optional<std::string> version;           ///< of the server
  std::string sha256;                           ///< of its certificate as last seen; empty where none was
  std::optional<base::WallTime> not_after;      ///< of its certificate
  std::optional<base::WallTime> not_before{};   ///< of its certificate
  std::optional<MemberChange> change{};         ///< nothing while it was seen with this one only

  bool operator==(const MemberStatus&) const = default;
};

struct EndpointStatus {
  std::int64_t observed_generation = -1;
  std::vector<Condition> conditions;
  std::optional<base::WallTime> last_check_time;
  /// When a check last got through; of the last written status, so older by up to the heartbeat.
  std::optional<base::WallTime> last_reached_time;
  ServerStatus server;
  std::optional<TlsStatus> tls;
  std::optional<TlsMode> mode;  ///< the declared mode that was judged, the engine's default included
  std::vector<ModeRung> modes;  ///< weakest mode first
  std::optional<TlsMode> strongest_mode;
  std::optional<Expiry> expiry;
  std::optional<RotationStatus> rotation;
  std::optional<DeclaredCertificateStatus> served_certificate;
  std::vector<Advice> advice;
  std::vector<MemberStatus> members;  ///< with addresses: all, or a seed list; the first is `server`

  const Condition* find(std::string_view type) const;
};

/// Conditions of `next` with lastTransitionTime carried over from `previous` wherever the status value did
/// not flip; the others are dated `now`.
std::vector<Condition> carry_transitions(const std::vector<Condition>& previous, std::vector<Condition> next,
                                         base::WallTime now);

/// Whether two statuses differ in anything but `last_check_time`, `last_reached_time` and transition times:
/// what is worth writing.
bool same_meaning(const EndpointStatus& a, const EndpointStatus& b);

}  // namespace tlswarden::resource
