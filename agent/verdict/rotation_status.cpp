#include "verdict/rotation_status.hpp"

#include <algorithm>

#include "verdict/member_history.hpp"
#include "verdict/member_rotations.hpp"
#include "verdict/served_history.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;
using resource::RotationProgress;
using resource::RotationStatus;
using resource::SeenRotation;

/// How far back CAs date a new certificate to allow for slow clocks.
constexpr base::Seconds kBackdating{86400};

bool known_to(const std::optional<SeenRotation>& last, const std::string& sha256) {
  return last && (last->old_sha256 == sha256 || last->new_sha256 == sha256);
}

bool is_another_member(const Assessment& a) {
  const probe::Observation& seen = a.input.observation;
  if (!seen.address || !a.last->server.address || seen.address->ip == *a.last->server.address) return false;
  return std::any_of(seen.addresses.begin(), seen.addresses.end(),
                     [&](const net::Address& each) { return each.ip == *a.last->server.address; });
}

std::optional<SeenRotation> leaf_rotation(const Assessment& a, const std::optional<SeenRotation>& last) {
  const auto& tls = a.input.observation.tls;
  if (a.last == nullptr || !a.last->tls || a.last->tls->chain.empty() || !tls || tls->chain.empty())
    return std::nullopt;
  if (a.last->observed_generation != a.input.endpoint.metadata.generation) return std::nullopt;
  const resource::CertificateStatus& before = a.last->tls->chain.front();
  const CertificateFacts& now = tls->chain.front()->facts;
  if (before.sha256 == now.sha256 || before.sha256.empty() ||
      is_older(now, before.not_before, before.not_after))
    return std::nullopt;
  const bool was_there_before = last && last->role == "leaf" && now.not_before + kBackdating < last->time;
  if (known_to(last, now.sha256) || was_there_before || is_another_member(a)) return std::nullopt;
  return SeenRotation{a.input.observation.at, "leaf", before.sha256, now.sha256};
}

/// Whatever it means: what came before is needed to tell a way back from a rotation.
std::optional<SeenRotation> leaf_change(const Assessment& a) {
  if (a.last == nullptr) return std::nullopt;
  const auto& before = a.last->rotation ? a.last->rotation->leaf_change : std::optional<SeenRotation>();
  const auto& tls = a.input.observation.tls;
  if (!a.last->tls || a.last->tls->chain.empty() || !tls || tls->chain.empty()) return before;
  const std::string& old_sha256 = a.last->tls->chain.front().sha256;
  const std::string& new_sha256 = tls->chain.front()->facts.sha256;
  if (old_sha256 == new_sha256 || old_sha256.empty()) return before;
  return SeenRotation{a.input.observation.at, "leaf", old_sha256, new_sha256};
}

std::optional<std::string> client_sha256(const Assessment& a) {
  const pki::Chain& declared = a.input.material.client_certificates;
  if (!declared.empty()) return declared.front()->facts.sha256;
  // Declared, but it cannot be read now.
  const bool unreadable = a.input.endpoint.spec.tls.client_certificate && a.last != nullptr;
  return unreadable && a.last->rotation ? a.last->rotation->client_sha256 : std::nullopt;
}

std::optional<SeenRotation> client_rotation(const Assessment& a, const RotationStatus& next) {
  if (a.last == nullptr || !a.last->rotation || !a.last->rotation->client_sha256 || !next.client_sha256)
    return std::nullopt;
  const std::string& before = *a.last->rotation->client_sha256;
  if (before == *next.client_sha256 || known_to(next.last, *next.client_sha256)) return std::nullopt;
  return SeenRotation{a.input.observation.at, "client", before, *next.client_sha256};
}

/// Of several members, whose rotation is one when the last of them has made it.
std::optional<SeenRotation> finished_by_all(const Assessment& a, const Members& members) {
  if (a.last == nullptr) return std::nullopt;
  const MemberRotations finished = rotations_finished(a.last->members, members);
  if (finished.empty()) return std::nullopt;
  const MemberRotation& first = finished.front();
  return SeenRotation{a.input.observation.at, "leaf", first.old_sha256, first.new_sha256};
}

void follow_server(const Assessment& a, RotationStatus& status) {
  status.leaf_change = leaf_change(a);
  if (auto seen = leaf_rotation(a, status.last)) status.last = std::move(seen);
}

/// Whether some members still have to follow the others.
bool follow_members(const Assessment& a, RotationStatus& status) {
  // A check that does not count leaves the members as they were, so it cannot be what they did.
  const Members members = a.held ? a.last->members : remembered_members(a.input);
  if (auto seen = finished_by_all(a, members)) status.last = std::move(seen);
  return !rotations_under_way(members).empty();
}

}  // namespace

std::optional<RotationStatus> rotation_status(const Assessment& a) {
  RotationStatus status;
  if (a.last != nullptr && a.last->rotation) status.last = a.last->rotation->last;
  status.client_sha256 = client_sha256(a);
  if (auto seen = client_rotation(a, status)) status.last = std::move(seen);
  bool under_way = false;
  if (is_fleet(a.input)) {
    under_way = follow_members(a, status);
  } else {
    follow_server(a, status);
  }
  if (a.rotation.all.empty()) {
    return status.last || status.leaf_change || status.client_sha256 ? std::optional(status) : std::nullopt;
  }
  status.progress = a.rotation.all.front().progress;
  if (status.last && a.rotation.due.empty() && !under_way) status.progress = RotationProgress::kDone;
  return status;
}

}  // namespace tlswarden::verdict
