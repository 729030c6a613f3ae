#include "kube/object_index.hpp"

#include "kube/wiped_text.hpp"

namespace tlswarden::kube {

void ObjectIndex::begin_listing() {
  if (listing_) handler_.discard_staged();
  listed_.clear();
  listing_ = true;
}

void ObjectIndex::list(Object object) {
  Version version{object.id.uid, object.resource_version};
  const Key key{object.id.ns, object.id.name};
  const auto known = known_.find(key);
  const bool told = known != known_.end() && known->second == version;
  listed_[key] = std::move(version);
  if (told) {
    wipe_texts(object.document);
  } else {
    handler_.stage(std::move(object));
  }
}

void ObjectIndex::end_listing() {
  std::vector<ObjectId> gone;
  for (const auto& [key, version] : known_) {
    const auto still = listed_.find(key);
    if (still == listed_.end() || still->second.uid != version.uid) {
      gone.push_back({key.first, key.second, version.uid});
    }
  }
  known_ = std::exchange(listed_, {});
  listing_ = false;
  handler_.replace(std::move(gone));
}

void ObjectIndex::put(Object object) {
  const Version version{object.id.uid, object.resource_version};
  const auto [place, fresh] = known_.try_emplace({object.id.ns, object.id.name}, version);
  if (!fresh) {
    if (place->second == version) {
      wipe_texts(object.document);
      return;
    }
    if (place->second.uid != version.uid) handler_.remove({object.id.ns, object.id.name, place->second.uid});
    place->second = version;
  }
  handler_.upsert(std::move(object));
}

void ObjectIndex::remove(const ObjectId& id) {
  const auto known = known_.find({id.ns, id.name});
  // The end of an object whose successor is known already is no news.
  if (known == known_.end() || known->second.uid != id.uid) return;
  known_.erase(known);
  handler_.remove(id);
}

}  // namespace tlswarden::kube
