#pragma once

#include <string>
#include <vector>

#include "resource/status.hpp"

/// Rotations as several members make them one after the other. All of it is told from the members as statuses
/// hold them.
namespace tlswarden::verdict {

/// One certificate takes the place of another. It begins when the first member serves the new one, and is
/// finished once no member serves the old one any more; of members with certificates of their own each is a
/// rotation by itself.
struct MemberRotation {
  std::string old_sha256, new_sha256;
  std::vector<std::string> serving;  ///< the members that serve the new one, by name
  std::vector<std::string> waiting;  ///< those that have served nothing but the old one
};
using MemberRotations = std::vector<MemberRotation>;
using Members = std::vector<resource::MemberStatus>;

/// Those that some member still has to follow.
MemberRotations rotations_under_way(const Members& members);
/// Those that began between two statuses and are not finished, and those that are finished since.
MemberRotations rotations_begun(const Members& before, const Members& now);
MemberRotations rotations_finished(const Members& before, const Members& now);

/// "member 10.0.0.8:5432 (1 of 3)", "members 10.0.0.7:5432, 10.0.0.8:5432 (2 of 3)"; names five at most.
std::string members_named(const std::vector<std::string>& names, std::size_t total);
/// A member's name in a sentence: its own and the port, else its address.
std::string name_of(const resource::MemberStatus& member);

/// "the new certificate 3f21a9b0c4d5e6f7 is served by member … (1 of 3), not yet by members … (2 of 3), which
/// serve 9ab0…"; empty where nothing is under way.
std::string describe_under_way(const Members& members);

}  // namespace tlswarden::verdict
