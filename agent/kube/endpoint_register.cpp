#include "kube/endpoint_register.hpp"

#include <utility>

namespace tlswarden::kube {
namespace {

/// The pointer of what says the same already.
const StatusText& same_or_new(const StatusText& held, const StatusText& fresh) {
  return held && fresh && *held == *fresh ? held : fresh;
}

}  // namespace

std::optional<KnownEndpoint> EndpointRegister::find(const std::string& ns, const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(key_of(ns, name));
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

bool EndpointRegister::put(KnownEndpoint known) {
  const std::scoped_lock lock(mutex_);
  const resource::Metadata& metadata = known.metadata();
  KnownEndpoint& held = known_[key_of(metadata.ns, metadata.name)];
  const bool changed = held.endpoint != known.endpoint || held.refused != known.refused;
  known.status = same_or_new(held.status, known.status);
  held = std::move(known);
  return changed;
}

bool EndpointRegister::remove(const ObjectId& id) {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(key_of(id.ns, id.name));
  if (found == known_.end() || found->second.metadata().uid != id.uid) return false;
  known_.erase(found);
  return true;
}

void EndpointRegister::update(const ObjectId& id, const std::string& resource_version,
                              const StatusText& status) {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(key_of(id.ns, id.name));
  if (found == known_.end() || found->second.metadata().uid != id.uid) return;
  found->second.resource_version = resource_version;
  found->second.status = same_or_new(found->second.status, status);
}

std::size_t EndpointRegister::size() const {
  const std::scoped_lock lock(mutex_);
  return known_.size();
}

std::vector<EndpointRegister::Entry> EndpointRegister::entries() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Entry> entries;
  entries.reserve(known_.size());
  for (const auto& [key, known] : known_)
    entries.push_back({known.endpoint, known.refused});
  return entries;
}

std::vector<reconcile::StoredEndpoint> EndpointRegister::fleet() const {
  const std::scoped_lock lock(mutex_);
  std::vector<reconcile::StoredEndpoint> fleet;
  fleet.reserve(known_.size());
  for (const auto& [key, known] : known_)
    if (known.endpoint) fleet.push_back({known.endpoint, known.status});
  return fleet;
}

}  // namespace tlswarden::kube
