#include "reconcile/stored_certificates.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "reconcile/dates.hpp"
#include "resource/codec.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::reconcile {
namespace {

using nlohmann::ordered_json;

/// Nobody shows more of it.
constexpr std::size_t kLongestSubject = 256;

/// Advice and rungs are the most of a status; making objects of them would be most of the work.
ordered_json parse_what_matters(const std::string& status) {
  const auto wanted = [](int depth, ordered_json::parse_event_t event, ordered_json& parsed) {
    if (depth != 1 || event != ordered_json::parse_event_t::key) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    return key == "tls" || key == "conditions" || key == "expiry";
  };
  return ordered_json::parse(status, wanted, /*allow_exceptions=*/false);
}

/// Whether the path ended in the trust store without a fault, or with none but dates: then what the
/// certificates say of themselves can be believed.
bool was_verified(const resource::EndpointStatus& status) {
  if (!status.tls || status.tls->from_trust_store.empty()) return false;
  const resource::Condition* valid = status.find(resource::condition::kCertificateValid);
  if (valid == nullptr) return false;
  namespace reason = verdict::reason;
  constexpr std::array<std::string_view, 4> kDates{reason::kCertificateExpired,
                                                   reason::kCertificateNotYetValid,
                                                   reason::kIntermediateExpired, reason::kCaExpired};
  return valid->status == resource::ConditionStatus::kTrue ||
         std::find(kDates.begin(), kDates.end(), valid->reason) != kDates.end();
}

}  // namespace

StoredCertificates::Entries StoredCertificates::update(const std::vector<StoredEndpoint>& endpoints) {
  Entries now;
  now.reserve(endpoints.size());
  auto before = known_.begin();
  for (const StoredEndpoint& stored : endpoints) {
    const std::string key = stored.endpoint->key();
    while (before != known_.end() && before->endpoint->key() < key)
      ++before;
    const bool same =
        before != known_.end() && before->endpoint == stored.endpoint && before->status == stored.status;
    now.push_back(same ? *before : Entry{stored.endpoint, stored.status, read(stored)});
  }
  known_ = now;
  if (pool_.size() >= drop_at_) drop_unused();
  return now;
}

std::shared_ptr<const Dependences> StoredCertificates::read(const StoredEndpoint& stored) {
  auto dependences = std::make_shared<Dependences>();
  if (!stored.status) return dependences;
  const auto status = resource::status_from_json(parse_what_matters(*stored.status));
  if (!status) return dependences;
  verdict::PathCertificates certificates = verdict::certificates_in_path(*status);
  std::erase_if(certificates, [](const auto& one) { return one.sha256.empty(); });
  const bool verified = was_verified(*status);
  const auto deadlines = rotation_deadlines(stored.endpoint->spec.rotation, certificates);
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    certificates[i].verified = certificates[i].verified || verified;
    dependences->push_back({shared(std::move(certificates[i])), deadlines[i].due, deadlines[i].critical});
  }
  dependences->shrink_to_fit();
  return dependences;
}

std::shared_ptr<const verdict::PathCertificate> StoredCertificates::shared(verdict::PathCertificate one) {
  one.issuer.clear();
  one.subject.resize(std::min(one.subject.size(), kLongestSubject));
  std::weak_ptr<const verdict::PathCertificate>& slot =
      pool_[one.role + (one.verified ? '+' : '-') + one.sha256];
  auto known = slot.lock();
  // Of which a status tells something else is kept beside it.
  if (known && *known == one) return known;
  auto made = std::make_shared<const verdict::PathCertificate>(std::move(one));
  if (!known) slot = made;
  return made;
}

void StoredCertificates::drop_unused() {
  for (auto slot = pool_.begin(); slot != pool_.end();)
    slot = slot->second.expired() ? pool_.erase(slot) : std::next(slot);
  drop_at_ = 2 * pool_.size() + 1024;
}

}  // namespace tlswarden::reconcile
