#include "verdict/served_history.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "verdict/finding.hpp"
#include "verdict/member_history.hpp"
#include "verdict/member_rotations.hpp"
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
  const base::Seconds window = settling_time(input.endpoint.spec);
  past.change_is_recent = past.change != nullptr && input.now - past.change->time < window;
  return past;
}

bool at_another_address(const JudgeInput& input) {
  const auto& before = input.history.previous->server.address;
  const auto& now = input.observation.address;
  return before && now && *before != now->ip;
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

/// "it serves 3f21a9b0c4d5e6f7, valid from … to …, after 9ab0c4d5e6f73f21".
std::string serves_after(const resource::MemberStatus& member) {
  return "serves " + member.sha256.substr(0, kPrefix) + ", valid from " +
         base::format_date(*member.not_before) + " to " + base::format_date(*member.not_after) + ", after " +
         member.change->old_sha256.substr(0, kPrefix);
}

/// The members whose last change is of one kind.
std::vector<const resource::MemberStatus*> turned(const std::vector<resource::MemberStatus>& members,
                                                  resource::MemberTurn turn) {
  std::vector<const resource::MemberStatus*> found;
  for (const resource::MemberStatus& member : members) {
    if (member.change && member.change->turn == turn && member.not_before && member.not_after)
      found.push_back(&member);
  }
  return found;
}

std::string named(const std::vector<const resource::MemberStatus*>& meant, std::size_t total) {
  std::vector<std::string> names;
  names.reserve(meant.size());
  for (const resource::MemberStatus* member : meant)
    names.push_back(name_of(*member));
  return members_named(names, total);
}

/// What is worst among the members: one that answers with two certificates in turn, one that went back, one
/// that has only just come forth again.
ServedHistory judge_members(const JudgeInput& input) {
  using resource::MemberTurn;
  const auto members = remembered_members(input);
  const auto recent = [&](std::vector<const resource::MemberStatus*> found) {
    std::erase_if(found, [&](const auto* member) { return !is_recent(*member->change, input); });
    return found;
  };
  if (const auto found = recent(turned(members, MemberTurn::kAlternating)); !found.empty()) {
    return {ServedCourse::kSeveral, "servers with different certificates answer in turn at " +
                                        named(found, members.size()) + "; the last one " +
                                        serves_after(*found.front())};
  }
  if (const auto found = turned(members, MemberTurn::kWentBack); !found.empty()) {
    return {ServedCourse::kReverted,
            named(found, members.size()) +
                (found.size() == 1 ? " went back to an older certificate: it "
                                   : " went back to older certificates: the first ") +
                serves_after(*found.front())};
  }
  if (const auto found = recent(turned(members, MemberTurn::kReturned)); !found.empty()) {
    return {ServedCourse::kSettling,
            named(found, members.size()) + " took up the newer certificate again; " +
                "another change would mean that several servers answer there in turn"};
  }
  return {};
}

}  // namespace

base::Seconds settling_time(const resource::EndpointSpec& spec) {
  return std::max(spec.rotation.reload_grace, kChecks * spec.check_interval);
}

bool is_older(const pki::CertificateFacts& leaf, base::WallTime not_before, base::WallTime not_after) {
  if (leaf.not_before != not_before) return leaf.not_before < not_before;
  return leaf.not_after < not_after;
}

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
  if (!input.history.previous) return {};
  if (is_fleet(input)) return judge_members(input);
  if (!tls || tls->chain.empty()) return {};
  const pki::CertificateFacts& leaf = tls->chain.front()->facts;
  const Past past = look_back(input);
  const bool changed = past.leaf != nullptr && past.leaf->sha256 != leaf.sha256;
  if (ServedHistory kept = carried_on(leaf, past, changed); kept.course != ServedCourse::kSteady) return kept;
  if (changed && at_another_address(input)) return several(ServedCourse::kElsewhere, leaf);
  const bool returned = past.change != nullptr && leaf.sha256 == past.change->old_sha256;
  if (changed && returned && past.change_is_recent && past.said(reason::kCertificateReverted)) {
    return {ServedCourse::kSettling, "the server took up the newer certificate again, " + described(leaf) +
                                         "; another change would mean that several servers answer in turn"};
  }
  const bool gone_back = changed ? is_older(leaf, past.leaf->not_before, past.leaf->not_after)
                                 : returned && past.leaf == nullptr;
  if (gone_back) return {ServedCourse::kReverted, went_back(leaf, past)};
  return {};
}

}  // namespace tlswarden::verdict
