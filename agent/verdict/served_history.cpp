#include "verdict/served_history.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "verdict/finding.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using resource::CertificateStatus;
using resource::ConditionStatus;

constexpr int kChecks = 3;
constexpr std::size_t kPrefix = 16;

/// What the last status holds about the leaf; every pointer may be null.
struct Past {
  const CertificateStatus* leaf = nullptr;
  const resource::Condition* verdict = nullptr;
  const resource::SeenRotation* change = nullptr;
  bool change_is_recent = false;

  bool said(const char* reason) const { return verdict != nullptr && verdict->reason == reason; }
};

Past look_back(const JudgeInput& input) {
  Past past;
  if (!input.history.previous) return past;
  const resource::EndpointStatus& last = *input.history.previous;
  if (last.tls && !last.tls->chain.empty()) past.leaf = &last.tls->chain.front();
  past.verdict = last.find(resource::condition::kServedCertificateMatched);
  if (last.rotation && last.rotation->leaf_change) past.change = &*last.rotation->leaf_change;
  const resource::EndpointSpec& spec = input.endpoint.spec;
  const base::Seconds window = std::max(spec.rotation.reload_grace, kChecks * spec.check_interval);
  past.change_is_recent = past.change != nullptr && input.now - past.change->time < window;
  return past;
}

bool at_another_address(const JudgeInput& input) {
  const auto& before = input.history.previous->server.address;
  const auto& now = input.observation.address;
  return before && now && *before != now->ip;
}

bool is_older(const pki::CertificateFacts& leaf, const CertificateStatus& before) {
  if (leaf.not_before != before.not_before) return leaf.not_before < before.not_before;
  return leaf.not_after < before.not_after;
}

std::string went_back(const pki::CertificateFacts& leaf, const Past& past) {
  std::string sentence = "the server went back to an older certificate: it serves " + described(leaf);
  if (past.leaf != nullptr) {
    sentence += ", after " +
                described(past.leaf->sha256, past.leaf->issuer, past.leaf->not_before, past.leaf->not_after);
  }
  return sentence;
}

ServedHistory several(ServedCourse course, const pki::CertificateFacts& leaf) {
  return {course, "servers with different certificates answer in turn, the last one with " + described(leaf)};
}

/// The verdicts that outlive the check that reached them.
ServedHistory carried_on(const pki::CertificateFacts& leaf, const Past& past, bool changed) {
  if (past.said(reason::kCertificateReverted) && !changed)
    return {ServedCourse::kReverted, leading_sentence(past.verdict->message)};
  if (!past.said(reason::kMembersDiffer) || !past.change_is_recent) return {};
  const bool known = leaf.sha256 == past.change->old_sha256 || leaf.sha256 == past.change->new_sha256;
  if (!known) return {};
  if (changed || past.verdict->status == ConditionStatus::kFalse)
    return several(ServedCourse::kSeveral, leaf);
  return {ServedCourse::kSettling, leading_sentence(past.verdict->message)};
}

}  // namespace

bool is_newer(const pki::CertificateFacts& a, const pki::CertificateFacts& b) {
  if (a.not_before != b.not_before) return a.not_before > b.not_before;
  return a.not_after > b.not_after;
}

std::string described(const std::string& sha256, const std::string& issuer, base::WallTime not_before,
                      base::WallTime not_after) {
  return sha256.substr(0, kPrefix) + " of '" + issuer + "', valid from " + base::format_date(not_before) +
         " to " + base::format_date(not_after);
}

std::string described(const pki::CertificateFacts& facts) {
  return described(facts.sha256, facts.issuer, facts.not_before, facts.not_after);
}

ServedHistory judge_served_history(const JudgeInput& input) {
  const auto& tls = input.observation.tls;
  if (!input.history.previous || !tls || tls->chain.empty()) return {};
  const pki::CertificateFacts& leaf = tls->chain.front()->facts;
  const Past past = look_back(input);
  const bool changed = past.leaf != nullptr && past.leaf->sha256 != leaf.sha256;
  const bool alone = input.observation.members.empty();
  if (ServedHistory kept = carried_on(leaf, past, changed); alone && kept.course != ServedCourse::kSteady)
    return kept;
  // With `addresses: all` each address is judged by itself.
  if (changed && at_another_address(input))
    return alone ? several(ServedCourse::kElsewhere, leaf) : ServedHistory{};
  const bool returned = past.change != nullptr && leaf.sha256 == past.change->old_sha256;
  if (alone && changed && returned && past.change_is_recent && past.said(reason::kCertificateReverted)) {
    return {ServedCourse::kSettling, "the server took up the newer certificate again, " + described(leaf) +
                                         "; another change would mean that several servers answer in turn"};
  }
  const bool gone_back = changed ? is_older(leaf, *past.leaf) : returned && past.leaf == nullptr;
  if (gone_back) return {ServedCourse::kReverted, went_back(leaf, past)};
  return {};
}

}  // namespace tlswarden::verdict
