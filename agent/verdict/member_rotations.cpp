#include "verdict/member_rotations.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tlswarden::verdict {
namespace {

using resource::MemberStatus;
using resource::MemberTurn;

bool has_turn(const MemberStatus& member, MemberTurn turn) {
  return member.change && member.change->turn == turn;
}

bool serves(const Members& members, const std::string& sha256) {
  return std::any_of(members.begin(), members.end(), [&](const auto& one) { return one.sha256 == sha256; });
}

bool is_of(const MemberRotations& rotations, const std::string& old_sha256) {
  return std::any_of(rotations.begin(), rotations.end(),
                     [&](const auto& one) { return one.old_sha256 == old_sha256; });
}

/// Every certificate that some member took another one in the place of, however long ago.
MemberRotations rotations_among(const Members& members) {
  MemberRotations rotations;
  for (const MemberStatus& first : members) {
    if (!has_turn(first, MemberTurn::kRotated) || is_of(rotations, first.change->old_sha256)) continue;
    MemberRotation rotation{first.change->old_sha256, first.sha256, {}, {}};
    for (const MemberStatus& member : members) {
      const bool turned =
          has_turn(member, MemberTurn::kWentBack) || has_turn(member, MemberTurn::kAlternating);
      if (member.sha256 == rotation.new_sha256) rotation.serving.push_back(name_of(member));
      if (member.sha256 == rotation.old_sha256 && !turned) rotation.waiting.push_back(name_of(member));
    }
    rotations.push_back(std::move(rotation));
  }
  return rotations;
}

/// Whether each member that served the certificate before and is still there has rotated: one that answers
/// with two in turn finishes nothing.
bool all_rotated(const std::string& old_sha256, const Members& before, const Members& now) {
  return std::all_of(before.begin(), before.end(), [&](const MemberStatus& one) {
    if (one.sha256 != old_sha256) return true;
    const auto same = std::find_if(now.begin(), now.end(), [&](const MemberStatus& other) {
      return other.address == one.address && other.host == one.host;
    });
    return same == now.end() || has_turn(*same, MemberTurn::kRotated);
  });
}

}  // namespace

MemberRotations rotations_under_way(const Members& members) {
  MemberRotations rotations = rotations_among(members);
  std::erase_if(rotations, [](const MemberRotation& one) { return one.waiting.empty(); });
  return rotations;
}

MemberRotations rotations_begun(const Members& before, const Members& now) {
  const MemberRotations known = rotations_among(before);
  MemberRotations rotations = rotations_under_way(now);
  std::erase_if(rotations, [&](const MemberRotation& one) { return is_of(known, one.old_sha256); });
  return rotations;
}

MemberRotations rotations_finished(const Members& before, const Members& now) {
  MemberRotations rotations = rotations_among(now);
  std::erase_if(rotations, [&](const MemberRotation& one) {
    return serves(now, one.old_sha256) || !serves(before, one.old_sha256) ||
           !all_rotated(one.old_sha256, before, now);
  });
  return rotations;
}

std::string members_named(const std::vector<std::string>& names, std::size_t total) {
  constexpr std::size_t kShown = 5;
  const bool more = names.size() > kShown;
  const std::vector<std::string> shown(names.begin(), more ? names.begin() + kShown : names.end());
  return (names.size() == 1 ? "member " : "members ") + base::join(shown, ", ") + (more ? " and more" : "") +
         " (" + std::to_string(names.size()) + " of " + std::to_string(total) + ")";
}

std::string name_of(const MemberStatus& member) {
  if (member.host.empty()) return member.address;
  const std::size_t colon = member.address.rfind(':');
  const std::string port = colon == std::string::npos ? std::string() : member.address.substr(colon);
  return base::printable(member.host, 255) + port;
}

std::string describe_under_way(const Members& members) {
  constexpr std::size_t kPrefix = 16;
  std::vector<std::string> sentences;
  for (const MemberRotation& one : rotations_under_way(members)) {
    sentences.push_back("the new certificate " + one.new_sha256.substr(0, kPrefix) + " is served by " +
                        members_named(one.serving, members.size()) + ", not yet by " +
                        members_named(one.waiting, members.size()) +
                        (one.waiting.size() == 1 ? ", which serves " : ", which serve ") +
                        one.old_sha256.substr(0, kPrefix));
  }
  return base::join(sentences, "; ");
}

}  // namespace tlswarden::verdict
