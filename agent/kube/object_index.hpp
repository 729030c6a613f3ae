#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kube/object.hpp"
#include "kube/object_handler.hpp"

namespace tlswarden::kube {

/// Which versions of which objects were told to a handler: turns listings and events, which repeat themselves
/// and skip what came and went, into changes. A deletion and a creation of one name that collapsed into a
/// modification are told apart by the uid. What it does not pass on is wiped. Not thread-safe.
class ObjectIndex {
 public:
  /// `handler` must outlive this object.
  explicit ObjectIndex(ObjectHandler& handler) : handler_(handler) {}

  void begin_listing();
  void list(Object object);
  void end_listing();

  void put(Object object);
  void remove(const ObjectId& id);

  std::size_t size() const { return known_.size(); }
  std::size_t listed() const { return listed_.size(); }

 private:
  struct Version {
    std::string uid, resource_version;
    bool operator==(const Version&) const = default;
  };
  using Key = std::pair<std::string, std::string>;  ///< namespace and name
  using Versions = std::map<Key, Version>;

  ObjectHandler& handler_;
  Versions known_, listed_;
  bool listing_ = false;
};

}  // namespace tlswarden::kube
