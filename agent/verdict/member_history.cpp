#include "verdict/member_history.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "verdict/condition_text.hpp"
#include "verdict/members.hpp"
#include "verdict/served_history.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;
using probe::Observation;
using resource::MemberChange;
using resource::MemberStatus;
using resource::MemberTurn;

using Members = std::vector<MemberStatus>;

const CertificateFacts* leaf_of(const Observation& seen) {
  return seen.tls && !seen.tls->chain.empty() ? &seen.tls->chain.front()->facts : nullptr;
}

const Members& known_members(const JudgeInput& input) {
  static const Members none;
  return input.history.previous ? input.history.previous->members : none;
}

/// The same server as the last status knew it; null for a newcomer.
const MemberStatus* find_known(const MemberStatus& member, const Members& known) {
  const auto same_address = std::find_if(known.begin(), known.end(), [&](const MemberStatus& other) {
    return other.address == member.address && other.host == member.host;
  });
  if (same_address != known.end()) return &*same_address;
  const auto same_host = [&](const MemberStatus& other) {
    return !member.host.empty() && other.host == member.host;
  };
  // A name with several addresses does not tell which of them it is.
  const bool one = std::count_if(known.begin(), known.end(), same_host) == 1;
  return one ? &*std::find_if(known.begin(), known.end(), same_host) : nullptr;
}

/// The member whose certificate all of them serve; null where there is no such.
const MemberStatus* common(const Members& known) {
  if (known.empty() || known.front().sha256.empty()) return nullptr;
  const bool same = std::all_of(known.begin(), known.end(), [&](const MemberStatus& other) {
    return other.sha256 == known.front().sha256;
  });
  return same ? &known.front() : nullptr;
}

bool is_before(const CertificateFacts& leaf, const MemberStatus& before) {
  return is_older(leaf, *before.not_before, *before.not_after);
}

MemberChange change_from(const MemberStatus& before, const CertificateFacts& leaf, const JudgeInput& input) {
  MemberChange change{input.observation.at, MemberTurn::kRotated, before.sha256};
  const bool again = before.change && is_recent(*before.change, input);
  const MemberTurn last = before.change ? before.change->turn : MemberTurn::kRotated;
  if (again && (last == MemberTurn::kReturned || last == MemberTurn::kAlternating)) {
    change.turn = MemberTurn::kAlternating;
  } else if (is_before(leaf, before)) {
    change.turn = MemberTurn::kWentBack;
  } else if (again && last == MemberTurn::kWentBack && leaf.sha256 == before.change->old_sha256) {
    change.turn = MemberTurn::kReturned;
  }
  return change;
}

/// Where only some of the addresses behind the name are told at a time, the same members come and go.
bool is_known_to_last_rotation(const std::string& sha256, const JudgeInput& input) {
  const auto& rotation = input.history.previous->rotation;
  return rotation && rotation->last &&
         (rotation->last->new_sha256 == sha256 || rotation->last->old_sha256 == sha256);
}

std::optional<MemberChange> change_of_newcomer(const CertificateFacts& leaf, const JudgeInput& input) {
  const MemberStatus* before = common(known_members(input));
  if (before == nullptr || !before->not_before || !before->not_after || before->sha256 == leaf.sha256)
    return std::nullopt;
  if (is_before(leaf, *before) || is_known_to_last_rotation(leaf.sha256, input)) return std::nullopt;
  return MemberChange{input.observation.at, MemberTurn::kRotated, before->sha256};
}

std::optional<MemberChange> change_of(const MemberStatus* before, const CertificateFacts& leaf,
                                      const JudgeInput& input) {
  if (!input.history.previous) return std::nullopt;
  if (input.history.previous->observed_generation != input.endpoint.metadata.generation) return std::nullopt;
  if (before == nullptr) return change_of_newcomer(leaf, input);
  if (before->sha256 == leaf.sha256) return before->change;
  if (before->sha256.empty() || !before->not_before || !before->not_after) return std::nullopt;
  return change_from(*before, leaf, input);
}

MemberStatus remembered(const Observation& seen, const JudgeInput& input) {
  MemberStatus member;
  member.address = member_address(seen, input.endpoint.spec);
  member.host = seen.member_host;
  const MemberStatus* before = find_known(member, known_members(input));
  if (const CertificateFacts* leaf = leaf_of(seen)) {
    member.sha256 = leaf->sha256;
    member.not_before = leaf->not_before;
    member.not_after = leaf->not_after;
    member.change = change_of(before, *leaf, input);
  } else if (before != nullptr) {
    member.sha256 = before->sha256;
    member.not_before = before->not_before;
    member.not_after = before->not_after;
    member.change = before->change;
  }
  return member;
}

/// What member_address() wrote; nothing for anything else.
std::optional<net::Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  net::Address address{text.substr(0, colon), 0};
  if (address.ip.starts_with('[') && address.ip.ends_with(']'))
    address.ip = address.ip.substr(1, address.ip.size() - 2);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  return error == std::errc{} && rest == end ? std::optional(address) : std::nullopt;
}

}  // namespace

bool is_fleet(const JudgeInput& input) {
  const resource::EndpointSpec& spec = input.endpoint.spec;
  if (!input.observation.members.empty()) return true;
  const bool wanted = spec.addresses == resource::AddressSelection::kAll || spec.srv;
  return wanted && !known_members(input).empty();
}

std::string member_address(const Observation& seen, const resource::EndpointSpec& spec) {
  return seen.address ? shown(*seen.address) : member_name(seen, spec);
}

Members remembered_members(const JudgeInput& input) {
  Members members{remembered(input.observation, input)};
  for (const Observation& seen : input.observation.members)
    members.push_back(remembered(seen, input));
  return members;
}

bool is_recent(const MemberChange& change, const JudgeInput& input) {
  return input.now - change.time < settling_time(input.endpoint.spec);
}

std::optional<Observation> with_unseen_members(const JudgeInput& input) {
  const Observation& seen = input.observation;
  if (seen.address || !seen.members.empty() || !seen.failure || !is_fleet(input)) return std::nullopt;
  std::vector<Observation> unseen;
  for (const MemberStatus& member : known_members(input)) {
    Observation one;
    one.at = seen.at;
    one.failure = seen.failure;
    one.member_host = member.host;
    one.address = parse_address(member.address);
    if (one.address) unseen.push_back(std::move(one));
  }
  if (unseen.empty()) return std::nullopt;
  Observation all = seen;
  all.address = unseen.front().address;
  all.member_host = unseen.front().member_host;
  all.members.assign(std::make_move_iterator(unseen.begin() + 1), std::make_move_iterator(unseen.end()));
  return all;
}

History history_of(const MemberStatus& member, int failure_threshold) {
  // The tolerance for a few failures was exercised by the whole.
  History history{failure_threshold, std::nullopt};
  if (member.sha256.empty() || !member.not_before || !member.not_after) return history;
  resource::CertificateStatus leaf;
  leaf.role = "leaf";
  leaf.sha256 = member.sha256;
  leaf.not_before = *member.not_before;
  leaf.not_after = *member.not_after;
  history.previous.emplace().tls.emplace().chain.push_back(std::move(leaf));
  return history;
}

}  // namespace tlswarden::verdict
