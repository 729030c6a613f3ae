#include "verdict/expiry.hpp"

#include <algorithm>
#include <iterator>

#include "base/duration.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using base::Seconds;
using resource::RotationProgress;

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
  if (due.certificate.behind_client) sentence += "'s issuer";
  // The server's own certificate needs no naming.
  if (due.certificate.role != "leaf" && !due.certificate.subject.empty())
    sentence += " '" + due.certificate.subject + "'";
  sentence += (expired ? " expired " : " expires ") + when(now, due.certificate.not_after);
  if (!expired && due.plan.no_window_left) sentence += ", and no maintenance window is left before that";
  return {expired ? words.expired : words.expiring, std::move(sentence), {}};
}

RotationState state_of(const PathCertificate& certificate, const Thresholds& thresholds,
                       const RotationPlan& plan, base::WallTime now) {
  const Seconds left = certificate.not_after - now;
  if (left < Seconds(0)) return RotationState::kExpired;
  if (left <= thresholds.critical) return RotationState::kCritical;
  const bool last_chance = plan.last_window || plan.no_window_left || now >= plan.rotate_by;
  if (left <= thresholds.warn || last_chance) return RotationState::kDue;
  return RotationState::kNotDue;
}

RotationProgress progress_of(RotationState state, const RotationPlan& plan, base::WallTime now) {
  if (now >= plan.rotate_by)
    return plan.window ? RotationProgress::kWaitingForWindow : RotationProgress::kOverdue;
  const bool waits = plan.window && state != RotationState::kNotDue;
  return waits ? RotationProgress::kWaitingForWindow : RotationProgress::kPlanned;
}

/// For how long, in whole minutes.
std::string lives(const PathCertificate& certificate) {
  return base::format_duration(
      std::chrono::round<std::chrono::minutes>(certificate.validity().lifetime().value_or(Seconds(0))));
}

std::string text_of(const resource::Threshold& declared) {
  return declared.span ? base::format_duration(*declared.span)
                       : std::to_string(declared.percent.value_or(0)) + "%";
}

/// Which of the declared thresholds `certificate` lives too shortly for, in words.
std::vector<std::string> remarks_on(const Thresholds& thresholds, const resource::RotationSpec& rotation,
                                    const PathCertificate& certificate) {
  std::vector<std::string> remarks;
  const auto remark = [&](bool replaced, const char* field, const auto& declared, Seconds instead) {
    if (!replaced) return;
    remarks.push_back(std::string(field) + " of " + text_of(*declared) +
                      " is too long for a certificate that lives " + lives(certificate) + ", so " +
                      base::format_duration(instead) + " applies");
  };
  remark(thresholds.warn_replaced, "rotation.warnBefore", rotation.warn_before, thresholds.warn);
  remark(thresholds.critical_replaced, "rotation.criticalBefore", rotation.critical_before,
         thresholds.critical);
  return remarks;
}

Finding describe_misfit(const PathCertificate& certificate, const resource::RotationSpec& rotation,
                        Seconds needed) {
  const Seconds lifetime = *certificate.validity().lifetime();
  const std::string life =
      "the " + std::string(reasons_of(certificate.role).noun) + " lives " + lives(certificate);
  if (lifetime <= rotation.lead_time) {
    return {reason::kRotationNeverFits,
            life + ", which is not longer than rotation.leadTime of " +
                base::format_duration(rotation.lead_time) + ", so every rotation is late",
            {}};
  }
  return {reason::kRotationNeverFits,
          life + ", but to be sure of a maintenance window it would have to live " +
              base::format_duration(needed) + ", rotation.leadTime included",
          {}};
}

void note_first(const RotationVerdict::Due& first, const Thresholds& thresholds,
                const resource::RotationSpec& rotation, RotationVerdict& verdict) {
  const PathCertificate& certificate = first.certificate;
  verdict.expiry = resource::Expiry{certificate.not_after, certificate.role, certificate.subject,
                                    first.plan.rotate_by, first.plan.window};
  verdict.remarks = remarks_on(thresholds, rotation, certificate);
}

void add_certificate(const PathCertificate& certificate, const resource::RotationSpec& rotation,
                     base::WallTime now, RotationVerdict& verdict) {
  RotationVerdict::Due due;
  due.certificate = certificate;
  due.plan.deadline = due.plan.rotate_by = certificate.not_after - rotation.lead_time;
  if (auto plan = plan_rotation(rotation, certificate.validity(), now)) {
    due.plan = *std::move(plan);
  } else {
    verdict.plan_fault = Finding{reason::kMaintenanceWindowInvalid, as_clause(plan.error().message), {}};
  }
  const Thresholds thresholds = thresholds_for(rotation, certificate.validity().lifetime());
  due.state = state_of(certificate, thresholds, due.plan, now);
  due.progress = progress_of(due.state, due.plan, now);
  if (due.state != RotationState::kNotDue) due.finding = describe_due(due, now);
  if (due.plan.shortest_life && !verdict.misfit)
    verdict.misfit = describe_misfit(certificate, rotation, *due.plan.shortest_life);
  if (!verdict.expiry || certificate.not_after < verdict.expiry->not_after)
    note_first(due, thresholds, rotation, verdict);
  verdict.all.push_back(std::move(due));
}

}  // namespace

Seconds warn_before(const resource::RotationSpec& rotation, const PathCertificate& certificate) {
  return thresholds_for(rotation, certificate.validity().lifetime()).warn;
}

Seconds critical_before(const resource::RotationSpec& rotation, const PathCertificate& certificate) {
  return thresholds_for(rotation, certificate.validity().lifetime()).critical;
}

base::WallTime critical_from(const resource::RotationSpec& rotation, const PathCertificate& certificate) {
  return certificate.not_after - critical_before(rotation, certificate);
}

base::WallTime due_from(const resource::RotationSpec& rotation, const PathCertificate& certificate) {
  const base::WallTime warned = certificate.not_after - warn_before(rotation, certificate);
  const base::WallTime due = std::min(warned, critical_from(rotation, certificate));
  const auto plan = plan_rotation(rotation, certificate.validity(), certificate.not_after);
  if (!plan) return due;
  return std::min({due, plan->rotate_by, plan->last_chance.value_or(due)});
}

RotationVerdict judge_rotation(const PathCertificates& certificates, const resource::RotationSpec& rotation,
                               base::WallTime now) {
  RotationVerdict verdict;
  for (const PathCertificate& certificate : certificates)
    add_certificate(certificate, rotation, now, verdict);
  std::stable_sort(verdict.all.begin(), verdict.all.end(), [](const auto& a, const auto& b) {
    return a.certificate.not_after < b.certificate.not_after;
  });
  std::copy_if(verdict.all.begin(), verdict.all.end(), std::back_inserter(verdict.due),
               [](const auto& each) { return each.state != RotationState::kNotDue; });
  std::stable_sort(verdict.due.begin(), verdict.due.end(),
                   [](const auto& a, const auto& b) { return a.state > b.state; });
  if (!verdict.due.empty()) verdict.state = verdict.due.front().state;
  return verdict;
}

}  // namespace tlswarden::verdict
