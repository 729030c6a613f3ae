#include "reconcile/dates.hpp"

#include <algorithm>

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

std::vector<CertificateDates> certificate_dates(const resource::EndpointStatus& status,
                                                const pki::Chain& client) {
  std::vector<CertificateDates> dates;
  if (status.tls) {
    for (const resource::CertificateStatus& served : status.tls->chain)
      keep_earlier(dates, {served.role, served.not_before, served.not_after});
    for (const resource::CertificateStatus& known : status.tls->from_trust_store) {
      const char* role = known.role == "root" ? "ca" : "intermediate";
      keep_earlier(dates, {role, known.not_before, known.not_after});
    }
  }
  if (!client.empty())
    dates.push_back({"client", client.front()->facts.not_before, client.front()->facts.not_after});
  return dates;
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
