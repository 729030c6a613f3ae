#include "kube/publication.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "resource/manifest_references.hpp"

namespace tlswarden::kube {
namespace {

bool intersect(const std::set<ReferencedObject>& a, const std::set<ReferencedObject>& b) {
  return std::any_of(a.begin(), a.end(), [&](const ReferencedObject& object) { return b.contains(object); });
}

}  // namespace

std::set<ReferencedObject> references_of(const resource::DatabaseEndpoint& endpoint) {
  using From = resource::Reference::Kind;
  std::set<ReferencedObject> objects;
  resource::for_each_reference(endpoint.spec, [&](const std::string&, const resource::Reference& reference) {
    if (reference.kind != From::kSecretKey && reference.kind != From::kConfigMapKey) return;
    const auto kind = reference.kind == From::kSecretKey ? ReferencedObject::Kind::kSecret
                                                         : ReferencedObject::Kind::kConfigMap;
    objects.insert({kind, endpoint.metadata.ns, reference.name});
  });
  return objects;
}

Publication::Next Publication::next(const std::set<ReferencedObject>& changed) {
  Next next;
  const std::vector<Candidate> all = candidates(next);
  next.lost = lost(all);
  follow(all);
  auto set = std::make_shared<reconcile::EndpointSet>();
  std::map<std::string, Shown> shown;
  bool same = begun_;
  for (const Candidate& candidate : all) {
    Shown chosen = choose(candidate, changed);
    if (!chosen.source) continue;
    const std::string key = candidate.endpoint->key();
    const auto before = shown_.find(key);
    same = same && before != shown_.end() && before->second.shown == chosen.shown;
    set->endpoints.emplace_hint(set->endpoints.end(), key, chosen.shown);
    shown.emplace_hint(shown.end(), key, std::move(chosen));
  }
  same = same && shown.size() == shown_.size();
  shown_ = std::move(shown);
  next.again = !same && followed_ != needed(all);
  begun_ = true;
  // After what is settled was asked for, so that it is in there.
  ObjectContentsPtr contents = references_.contents();
  if (contents != contents_) next.contents = contents_ = std::move(contents);
  if (!same) next.set = std::move(set);
  return next;
}

std::vector<Publication::Candidate> Publication::candidates(Next& next) {
  std::vector<Candidate> candidates;
  std::map<std::string, std::int64_t> refused;
  for (EndpointRegister::Entry& entry : endpoints_.entries()) {
    const resource::Metadata& metadata = entry.endpoint ? entry.endpoint->metadata : entry.refused->metadata;
    if (!ownership_.owns(metadata.uid)) continue;
    if (entry.refused) {
      refused[metadata.uid] = metadata.generation;
      const auto told = refused_.find(metadata.uid);
      if (told == refused_.end() || told->second != metadata.generation)
        next.refused.push_back(entry.refused);
      continue;
    }
    Candidate candidate{entry.endpoint, references_of(*entry.endpoint), {}};
    const Shown* before = shown_before(*entry.endpoint);
    if (before != nullptr && before->source != entry.endpoint)
      candidate.references_before = references_of(*before->source);
    candidates.push_back(std::move(candidate));
  }
  refused_ = std::move(refused);
  return candidates;
}

void Publication::follow(const std::vector<Candidate>& candidates) {
  std::set<ReferencedObject> wanted;
  std::unordered_set<const resource::DatabaseEndpoint*> still;
  for (const Candidate& candidate : candidates) {
    wanted.insert(candidate.references.begin(), candidate.references.end());
    still.insert(candidate.endpoint.get());
  }
  for (const auto& [key, before] : shown_)
    if (!still.contains(before.source.get())) wanted.merge(references_of(*before.source));
  if (begun_ && wanted == followed_) return;
  followed_ = wanted;
  references_.follow(std::move(wanted));
}

/// What the set that is shown now and the candidates refer to.
std::set<ReferencedObject> Publication::needed(const std::vector<Candidate>& candidates) const {
  std::set<ReferencedObject> needed;
  for (const Candidate& candidate : candidates) {
    needed.insert(candidate.references.begin(), candidate.references.end());
    const Shown* shown = shown_before(*candidate.endpoint);
    if (shown != nullptr && shown->source != candidate.endpoint)
      needed.insert(candidate.references_before.begin(), candidate.references_before.end());
  }
  return needed;
}

std::vector<std::string> Publication::lost(const std::vector<Candidate>& candidates) const {
  std::unordered_set<std::string_view> owned;
  for (const Candidate& candidate : candidates)
    owned.insert(candidate.endpoint->metadata.uid);
  std::vector<std::string> lost;
  for (const auto& [key, shown] : shown_)
    if (const std::string& uid = shown.source->metadata.uid; !owned.contains(uid)) lost.push_back(uid);
  return lost;
}

bool Publication::settled(const std::set<ReferencedObject>& references) const {
  return std::all_of(references.begin(), references.end(),
                     [this](const ReferencedObject& object) { return references_.settled(object); });
}

Publication::Shown Publication::choose(const Candidate& candidate,
                                       const std::set<ReferencedObject>& changed) const {
  const Shown* before = shown_before(*candidate.endpoint);
  const bool known = before != nullptr && before->source == candidate.endpoint;
  if (!known && settled(candidate.references)) return {candidate.endpoint, candidate.endpoint};
  if (before == nullptr) return {};
  if (!intersect(known ? candidate.references : candidate.references_before, changed)) return *before;
  return {before->source, std::make_shared<const resource::DatabaseEndpoint>(*before->source)};
}

const Publication::Shown* Publication::shown_before(const resource::DatabaseEndpoint& endpoint) const {
  const auto found = shown_.find(endpoint.key());
  if (found == shown_.end() || found->second.source->metadata.uid != endpoint.metadata.uid) return nullptr;
  return &found->second;
}

}  // namespace tlswarden::kube
