#pragma once

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

#include "kube/endpoint_register.hpp"
#include "kube/object_handler.hpp"

namespace tlswarden::kube {

/// The DatabaseEndpoints that one reflector follows, read into a register as they come; their documents are
/// not kept. What has not changed but in its status is not read again: its generation tells.
class EndpointCollection final : public ObjectHandler {
 public:
  /// `endpoints` must outlive it. `changed` is called, from the reflector's thread, after endpoints appeared,
  /// changed or went, and after the first sync; not for a status.
  EndpointCollection(EndpointRegister& endpoints, std::function<void()> changed)
      : register_(endpoints), changed_(std::move(changed)) {}

  void stage(Object object) override;
  void discard_staged() override;
  void replace(std::vector<ObjectId> gone) override;
  void upsert(Object object) override;
  void remove(ObjectId id) override;

  /// Whether one whole listing has been told. From any thread.
  bool synced() const { return synced_.load(); }

 private:
  KnownEndpoint read(const Object& object) const;

  EndpointRegister& register_;
  const std::function<void()> changed_;
  std::vector<KnownEndpoint> staged_;
  std::atomic<bool> synced_{false};
};

}  // namespace tlswarden::kube
