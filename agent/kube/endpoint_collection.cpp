#include "kube/endpoint_collection.hpp"

#include <memory>
#include <optional>

#include "reconcile/refusal.hpp"
#include "resource/api_object.hpp"

namespace tlswarden::kube {
namespace {

/// The same spec under the same labels: nothing that anyone could tell apart.
bool same_declaration(const resource::Metadata& a, const resource::Metadata& b) {
  return a.uid == b.uid && a.generation == b.generation && a.labels == b.labels &&
         a.annotations == b.annotations;
}

void take_over(resource::ApiObject object, KnownEndpoint& known) {
  if (object.endpoint) {
    known.endpoint = std::make_shared<const resource::DatabaseEndpoint>(std::move(*object.endpoint));
    return;
  }
  known.refused = std::make_shared<const RefusedEndpoint>(RefusedEndpoint{
      .metadata = std::move(object.metadata), .sentence = reconcile::refusal_sentence(object.problems)});
}

}  // namespace

KnownEndpoint EndpointCollection::read(const Object& object) const {
  std::optional<KnownEndpoint> before = register_.find(object.id.ns, object.id.name);
  // An own write: the answer to it was here first.
  if (before && before->resource_version == object.resource_version &&
      before->metadata().uid == object.id.uid)
    return std::move(*before);
  KnownEndpoint known{nullptr, nullptr, object.resource_version, status_text_of(object.document)};
  if (before && same_declaration(before->metadata(), resource::metadata_of_object(object.document))) {
    known.endpoint = before->endpoint;
    known.refused = before->refused;
  } else {
    take_over(resource::read_api_object(object.document), known);
  }
  return known;
}

void EndpointCollection::stage(Object object) {
  staged_.push_back(read(object));
}

void EndpointCollection::discard_staged() {
  staged_.clear();
}

void EndpointCollection::replace(std::vector<ObjectId> gone) {
  bool changed = !synced_.load();
  for (const ObjectId& id : gone)
    changed = register_.remove(id) || changed;
  for (KnownEndpoint& known : std::exchange(staged_, {}))
    changed = register_.put(std::move(known)) || changed;
  synced_ = true;
  if (changed) changed_();
}

void EndpointCollection::upsert(Object object) {
  if (register_.put(read(object))) changed_();
}

void EndpointCollection::remove(ObjectId id) {
  if (register_.remove(id)) changed_();
}

}  // namespace tlswarden::kube
