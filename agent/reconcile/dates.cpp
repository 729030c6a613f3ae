#include "reconcile/dates.hpp"

#include <algorithm>

#include "verdict/expiry.hpp"

namespace tlswarden::reconcile {
namespace {

constexpr base::Seconds kLongestUnjudged{600};

void keep_earlier(std::vector<CertificateDates>& dates, CertificateDates candidate) {
  const auto same = std::find_if(dates.begin(), dates.end(),
                                 [&](const auto& known) { return known.role == candidate.role; });
  if (same == dates.end()) {
    dates.push_back(std::move(candidate));
  } else if (candidate.not_after < same->not_after) {
    *same = std::move(candidate);
  }
}

}  // namespace

std::vector<CertificateDates> certificate_dates(const verdict::PathCertificates& certificates) {
  std::vector<CertificateDates> dates;
  for (const verdict::PathCertificate& one : certificates)
    keep_earlier(dates, {one.role, one.not_before, one.not_after});
  return dates;
}

std::vector<RotationDeadline> rotation_deadlines(const resource::RotationSpec& rotation,
                                                 const verdict::PathCertificates& certificates) {
  std::vector<RotationDeadline> deadlines;
  for (const verdict::PathCertificate& one : certificates) {
    deadlines.push_back(
        {one.role, one.sha256, verdict::due_from(rotation, one), verdict::critical_from(rotation, one)});
  }
  return deadlines;
}

verdict::PathCertificates known_certificates(const probe::Observation& observation,
                                             const pki::Material& material,
                                             const verdict::PathCertificates& known,
                                             const std::vector<resource::MemberStatus>& members,
                                             base::WallTime now, pki::VerificationCache& cache) {
  verdict::PathCertificates certificates = verdict::certificates_in_path(observation, material, now, cache);
  const auto of_server = [](const verdict::PathCertificate& one) { return one.role == "leaf"; };
  const bool some = std::any_of(certificates.begin(), certificates.end(), of_server);
  const auto of_member = [&](const verdict::PathCertificate& one) {
    return of_server(one) && std::any_of(members.begin(), members.end(),
                                         [&](const auto& member) { return member.sha256 == one.sha256; });
  };
  for (const verdict::PathCertificate& one : known) {
    if (one.role == "client" || (some && !of_member(one))) continue;
    const bool told = std::any_of(certificates.begin(), certificates.end(), [&](const auto& other) {
      return other.role == one.role && other.sha256 == one.sha256;
    });
    if (!told) certificates.push_back(one);
  }
  return certificates;
}

base::WallTime next_judgement(const resource::EndpointStatus& status,
                              const std::vector<CertificateDates>& dates, base::WallTime now,
                              const std::vector<base::WallTime>& revocation_dates) {
  base::WallTime next = now + kLongestUnjudged;
  const auto consider = [&](base::WallTime date) {
    if (date > now) next = std::min(next, date);
  };
  // A certificate is valid through its last second, so the verdict turns one second later.
  for (const CertificateDates& one : dates) {
    consider(one.not_before);
    consider(one.not_after + base::Seconds(1));
  }
  for (const base::WallTime date : revocation_dates)
    consider(date);
  if (status.expiry) {
    consider(status.expiry->not_after + base::Seconds(1));
    if (status.expiry->rotate_by) consider(*status.expiry->rotate_by);
    if (status.expiry->window) {
      consider(status.expiry->window->start);
      consider(status.expiry->window->end);
    }
  }
  for (const resource::Advice& advice : status.advice) {
    if (advice.by) consider(*advice.by);
  }
  return next;
}

}  // namespace tlswarden::reconcile
