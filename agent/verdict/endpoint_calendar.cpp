#include "verdict/endpoint_calendar.hpp"

#include <algorithm>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {
namespace {

bool same_certificate(const PathCertificate& a, const PathCertificate& b) {
  return a.sha256 == b.sha256 && a.subject == b.subject && a.not_after == b.not_after;
}

void add_note(const std::string& sentence, std::vector<std::string>& notes) {
  std::string note = compose(sentence);
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
}

void add_member(const JudgeInput& input, pki::VerificationCache& cache, EndpointCalendar& calendar) {
  const Assessment assessment = assess(input, cache);
  const RotationVerdict& rotation = assessment.rotation;
  calendar.server_seen = calendar.server_seen || assessment.identity.has_value();
  for (const RotationVerdict::Due& each : rotation.all) {
    const bool known =
        std::any_of(calendar.certificates.begin(), calendar.certificates.end(),
                    [&](const auto& other) { return same_certificate(other.certificate, each.certificate); });
    if (!known) calendar.certificates.push_back(each);
  }
  if (rotation.plan_fault) add_note(rotation.plan_fault->sentence, calendar.notes);
  if (rotation.misfit) add_note(rotation.misfit->sentence, calendar.notes);
  for (const std::string& remark : rotation.remarks)
    add_note(remark, calendar.notes);
}

}  // namespace

EndpointCalendar endpoint_calendar(const JudgeInput& input, pki::VerificationCache& cache) {
  EndpointCalendar calendar;
  add_member(input, cache, calendar);
  for (const probe::Observation& seen : input.observation.members) {
    const JudgeInput member{input.endpoint, input.material, seen, input.history, input.now};
    add_member(member, cache, calendar);
  }
  std::stable_sort(
      calendar.certificates.begin(), calendar.certificates.end(),
      [](const auto& a, const auto& b) { return a.certificate.not_after < b.certificate.not_after; });
  return calendar;
}

}  // namespace tlswarden::verdict
