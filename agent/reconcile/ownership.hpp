#pragma once

#include <functional>
#include <string>

namespace tlswarden::reconcile {

/// Which of several replicas works on an endpoint. Implementations are safe from any thread.
class Ownership {
 public:
  Ownership() = default;
  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;
  virtual ~Ownership() = default;

  /// Whether this replica works on the object of that uid at this moment. False as soon as it can no longer
  /// prove that the others count it in, whatever they think; so it is asked right before every write.
  virtual bool owns(const std::string& uid) const = 0;
  /// Whether this replica does what is to be done once for all of them.
  virtual bool leads() const = 0;

  using Listener = std::function<void()>;
  /// Calls `changed` whenever the answers may have changed: from a thread of the implementation, never two
  /// calls at a time. To be called once, before anything is asked. `changed` should return soon.
  virtual void watch(Listener changed) = 0;
};

/// A replica that is alone by declaration.
class SoleOwner final : public Ownership {
 public:
  bool owns(const std::string&) const override { return true; }
  bool leads() const override { return true; }
  void watch(Listener) override {}
};

}  // namespace tlswarden::reconcile
