#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "resource/object_contents.hpp"

namespace tlswarden::kube {

/// A Secret or ConfigMap that an endpoint refers to.
struct ReferencedObject {
  enum class Kind { kSecret, kConfigMap };
  Kind kind = Kind::kSecret;
  std::string ns, name;
  auto operator<=>(const ReferencedObject&) const = default;
};

using ObjectContentsPtr = std::shared_ptr<const resource::ObjectContents>;

/// Keeps the content of the Secrets and ConfigMaps that are asked for, and of no others. Safe from any
/// thread.
class ReferencedObjects {
 public:
  ReferencedObjects() = default;
  ReferencedObjects(const ReferencedObjects&) = delete;
  ReferencedObjects& operator=(const ReferencedObjects&) = delete;
  virtual ~ReferencedObjects() = default;

  /// From now on these and no others. Returns at once.
  virtual void follow(std::set<ReferencedObject> wanted) = 0;
  /// Whether it is known what there is: its content, that it does not exist, or that it cannot be read.
  virtual bool settled(const ReferencedObject& object) const = 0;
  /// What is known now. Immutable.
  virtual ObjectContentsPtr contents() const = 0;

  using Listener = std::function<void(const std::set<ReferencedObject>& changed)>;
  /// Calls `listener` with those whose content changed or that became settled, several at once where they
  /// come in a burst: from a thread of the implementation, never two calls at a time. To be called once,
  /// before follow(). `listener` may call settled(), contents() and follow().
  virtual void watch(Listener listener) = 0;
  /// When it returns, the listener is not called any more. Idempotent.
  virtual void stop() = 0;
};

}  // namespace tlswarden::kube
