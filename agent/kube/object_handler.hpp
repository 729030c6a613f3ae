#pragma once

#include <vector>

#include "kube/object.hpp"

namespace tlswarden::kube {

/// Keeps what a reflector tells. Called from the reflector's thread alone; should return soon. An object that
/// is known already in the same version is not told again.
class ObjectHandler {
 public:
  ObjectHandler() = default;
  ObjectHandler(const ObjectHandler&) = delete;
  ObjectHandler& operator=(const ObjectHandler&) = delete;
  virtual ~ObjectHandler() = default;

  /// Part of a listing: new, or another version of what is known. Takes effect with replace(), not before.
  virtual void stage(Object object) = 0;
  /// The listing broke off: what was staged is void.
  virtual void discard_staged() = 0;
  /// The listing is whole: `gone` do not exist any more, what was staged does, and the rest stands. The first
  /// call is the first sync. Of two objects of one name `gone` holds the old one: apply it first.
  virtual void replace(std::vector<ObjectId> gone) = 0;
  /// New, or another version. One of the same name and another uid was removed before.
  virtual void upsert(Object object) = 0;
  virtual void remove(ObjectId id) = 0;
};

}  // namespace tlswarden::kube
