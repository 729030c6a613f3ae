#include "verdict/expiry.hpp"

#include <algorithm>

#include "verdict/reason_names.hpp"
#include "verdict/rotation_plan.hpp"

namespace tlswarden::verdict {
namespace {

using base::Seconds;
using pki::CertificateFacts;

constexpr Seconds kDay{86400};
constexpr Seconds kWarnDays = 28 * kDay;
constexpr Seconds kCriticalDays = 14 * kDay;

DatedCertificate dated(std::string role, const CertificateFacts& facts) {
  return {std::move(role), facts.subject, facts.not_before, facts.not_after};
}

std::string role_in_chain(const CertificateFacts& facts, std::size_t index) {
  if (index == 0) return "leaf";
  return facts.self_issued ? "root" : "intermediate";
}

void append_path(const Identity& identity, std::vector<DatedCertificate>& certificates) {
  for (std::size_t i = 0; i < identity.path.size(); ++i) {
    const CertificateFacts& facts = identity.path[i]->facts;
    const bool anchor = identity.anchored && i > 0 && i + 1 == identity.path.size();
    certificates.push_back(dated(anchor ? "root" : role_in_chain(facts, i), facts));
  }
}

/// While one certificate of a bundle lives, the bundle may still serve: the last to expire speaks for it.
void append_bundle(const pki::Material& material, std::vector<DatedCertificate>& certificates) {
  if (!material.ca_declared || !material.trust || material.trust->anchors.empty()) return;
  const auto& anchors = material.trust->anchors;
  const auto last = std::max_element(anchors.begin(), anchors.end(), [](const auto& a, const auto& b) {
    return a->facts.not_after < b->facts.not_after;
  });
  certificates.push_back(dated("root", (*last)->facts));
}

void append_remembered(const resource::EndpointStatus& previous,
                       std::vector<DatedCertificate>& certificates) {
  if (previous.tls) {
    for (const resource::CertificateStatus& seen : previous.tls->chain) {
      certificates.push_back({seen.role, seen.subject, seen.not_before, seen.not_after});
    }
  }
  // The anchor of the path is not in the served chain, but may have been what expires first.
  if (previous.expiry && previous.expiry->role == "root") {
    certificates.push_back({"root", previous.expiry->subject, std::nullopt, previous.expiry->not_after});
  }
}

Seconds threshold(const std::optional<resource::Threshold>& declared, const DatedCertificate& certificate,
                  int share, Seconds most) {
  const std::optional<Seconds> lifetime =
      certificate.not_before ? std::optional(certificate.not_after - *certificate.not_before) : std::nullopt;
  if (declared && declared->span) return *declared->span;
  if (declared && declared->percent && lifetime) return *lifetime * *declared->percent / 100;
  return lifetime ? std::min(*lifetime / share, most) : most;
}

struct RoleReasons {
  const char* expired;
  const char* expiring;
  const char* noun;
};

RoleReasons reasons_of(const std::string& role) {
  if (role == "client")
    return {reason::kClientCertificateExpired, reason::kClientCertificateExpiring, "client certificate"};
  if (role == "root") return {reason::kCaExpired, reason::kCaExpiring, "CA certificate"};
  if (role == "intermediate")
    return {reason::kIntermediateExpired, reason::kIntermediateExpiring, "intermediate certificate"};
  return {reason::kCertificateExpired, reason::kCertificateExpiring, "certificate"};
}

Finding describe_due(const RotationVerdict::Due& due, base::WallTime now) {
  const RoleReasons words = reasons_of(due.certificate.role);
  const bool expired = due.state == RotationState::kExpired;
  std::string sentence = words.noun;
  // The server's own certificate needs no naming.
  if (due.certificate.role != "leaf" && !due.certificate.subject.empty())
    sentence += " '" + due.certificate.subject + "'";
  sentence += (expired ? " expired " : " expires ") + when(now, due.certificate.not_after);
  if (!expired && due.no_window_left) sentence += ", and no maintenance window is left before that";
  return {expired ? words.expired : words.expiring, std::move(sentence), {}};
}

RotationState state_of(const DatedCertificate& certificate, const resource::RotationSpec& rotation,
                       base::WallTime now, bool last_chance) {
  const Seconds left = certificate.not_after - now;
  if (left < Seconds(0)) return RotationState::kExpired;
  if (left <= critical_before(rotation, certificate)) return RotationState::kCritical;
  if (left <= warn_before(rotation, certificate) || last_chance) return RotationState::kDue;
  return RotationState::kNotDue;
}

void add_certificate(const DatedCertificate& certificate, const resource::RotationSpec& rotation,
                     base::WallTime now, RotationVerdict& verdict) {
  RotationVerdict::Due due{certificate,  {},    certificate.not_after - rotation.lead_time,
                           std::nullopt, false, {}};
  bool last_chance = false;
  if (const auto plan = plan_rotation(rotation, certificate.not_after, now)) {
    due.rotate_by = plan->rotate_by;
    due.window = plan->window;
    due.no_window_left = plan->no_window_left;
    last_chance = plan->no_window_left || plan->last_window;
  } else {
    verdict.plan_fault = Finding{reason::kMaintenanceWindowInvalid, as_clause(plan.error().message), {}};
  }
  due.state = state_of(certificate, rotation, now, last_chance);
  if (!verdict.expiry || certificate.not_after < verdict.expiry->not_after) {
    verdict.expiry = resource::Expiry{certificate.not_after, certificate.role, certificate.subject,
                                      due.rotate_by, due.window};
  }
  if (due.state != RotationState::kNotDue) verdict.due.push_back(std::move(due));
}

}  // namespace

Seconds warn_before(const resource::RotationSpec& rotation, const DatedCertificate& certificate) {
  return threshold(rotation.warn_before, certificate, 3, kWarnDays);
}

Seconds critical_before(const resource::RotationSpec& rotation, const DatedCertificate& certificate) {
  return threshold(rotation.critical_before, certificate, 6, kCriticalDays);
}

base::WallTime critical_from(const resource::RotationSpec& rotation, const DatedCertificate& certificate) {
  return certificate.not_after - critical_before(rotation, certificate);
}

base::WallTime due_from(const resource::RotationSpec& rotation, const DatedCertificate& certificate) {
  const base::WallTime warned = certificate.not_after - warn_before(rotation, certificate);
  const base::WallTime due = std::min(warned, critical_from(rotation, certificate));
  const auto last_chance = last_chance_from(rotation, certificate.not_after);
  return last_chance ? std::min(due, *last_chance) : due;
}

std::vector<DatedCertificate> dated_certificates(const JudgeInput& input, const Identity* identity) {
  std::vector<DatedCertificate> certificates;
  if (identity != nullptr) {
    append_path(*identity, certificates);
  } else if (input.history.previous) {
    append_remembered(*input.history.previous, certificates);
  }
  if (identity == nullptr || !identity->anchored) append_bundle(input.material, certificates);
  for (const pki::CertificatePtr& certificate : input.material.client_certificates) {
    certificates.push_back(dated("client", certificate->facts));
  }
  return certificates;
}

RotationVerdict judge_rotation(const std::vector<DatedCertificate>& certificates,
                               const resource::RotationSpec& rotation, base::WallTime now) {
  RotationVerdict verdict;
  for (const DatedCertificate& certificate : certificates)
    add_certificate(certificate, rotation, now, verdict);
  std::stable_sort(verdict.due.begin(), verdict.due.end(), [](const auto& a, const auto& b) {
    if (a.state != b.state) return a.state > b.state;
    return a.certificate.not_after < b.certificate.not_after;
  });
  for (RotationVerdict::Due& due : verdict.due)
    due.finding = describe_due(due, now);
  if (!verdict.due.empty()) verdict.state = verdict.due.front().state;
  return verdict;
}

std::vector<resource::CertificateStatus> describe_chain(const pki::Chain& served) {
  std::vector<resource::CertificateStatus> chain;
  for (std::size_t i = 0; i < served.size(); ++i) {
    const CertificateFacts& facts = served[i]->facts;
    chain.push_back({.role = role_in_chain(facts, i),
                     .subject = facts.subject,
                     .issuer = facts.issuer,
                     .serial_number = facts.serial_number,
                     .not_before = facts.not_before,
                     .not_after = facts.not_after,
                     .sha256 = facts.sha256,
                     .dns_names = facts.dns_names,
                     .ip_addresses = facts.ip_addresses,
                     .key = facts.key,
                     .signature = facts.signature});
  }
  return chain;
}

}  // namespace tlswarden::verdict
