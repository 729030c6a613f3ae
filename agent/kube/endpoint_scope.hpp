#pragma once

#include <functional>
#include <string>
#include <thread>

#include "kube/client_services.hpp"
#include "kube/endpoint_collection.hpp"
#include "kube/reflector.hpp"

namespace tlswarden::kube {

/// The DatabaseEndpoints of one namespace, or of all, followed in a thread of its own. Where the server
/// forbids to follow them it is asked again and again, so that granting the right is enough.
class EndpointScope {
 public:
  /// Both are called from the thread.
  struct Told {
    std::function<void()> changed;  ///< see EndpointCollection
    std::function<void()> refused;  ///< at every answer that forbids it; refused() says so by then
  };
  /// `endpoints` must outlive it. An empty `ns` stands for all namespaces.
  EndpointScope(const ClientServices& services, std::string ns, bool watch_list, EndpointRegister& endpoints,
                Told told);
  /// The services' cancellation must have been cancelled by then.
  ~EndpointScope();
  EndpointScope(const EndpointScope&) = delete;
  EndpointScope& operator=(const EndpointScope&) = delete;

  void start();
  /// Waits for the thread, which ends with the services' cancellation.
  void join();

  // From any thread.
  const std::string& ns() const { return ns_; }
  /// Whether what is there was read once.
  bool synced() const { return collection_.synced(); }
  /// Whether the server forbids to follow it, as of its last answer.
  bool refused() const { return reflector_.health().refused; }
  ReflectorHealth health() const { return reflector_.health(); }

 private:
  const std::string ns_;
  EndpointCollection collection_;
  Reflector reflector_;
  std::thread thread_;
};

}  // namespace tlswarden::kube
