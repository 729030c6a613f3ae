#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kube/object.hpp"
#include "kube/status_text.hpp"
#include "reconcile/cluster_load.hpp"
#include "reconcile/store.hpp"

namespace tlswarden::kube {

/// An object that cannot be read as an endpoint. Immutable once shared.
struct RefusedEndpoint {
  resource::Metadata metadata;
  std::string sentence;  ///< what is wrong with it
};
using RefusedEndpointPtr = std::shared_ptr<const RefusedEndpoint>;

/// What is known of one object: `endpoint` or `refused` is set.
struct KnownEndpoint {
  reconcile::EndpointPtr endpoint;
  RefusedEndpointPtr refused;
  std::string resource_version;
  StatusText status;  ///< as the server holds it; null: none yet

  const resource::Metadata& metadata() const { return endpoint ? endpoint->metadata : refused->metadata; }
};

/// Every DatabaseEndpoint of the namespaces that are followed, as the server was last seen to hold it. An
/// endpoint, a refusal and a status keep their pointers while they stay the same. Safe from any thread.
class EndpointRegister {
 public:
  std::optional<KnownEndpoint> find(const std::string& ns, const std::string& name) const;
  /// Whether there is anything new in it but the status and the version.
  bool put(KnownEndpoint known);
  /// Whether it was known.
  bool remove(const ObjectId& id);
  /// Takes note of a newer version of an object of which only the status is of interest; nothing when it is
  /// not known or is another by now.
  void update(const ObjectId& id, const std::string& resource_version, const StatusText& status);

  std::size_t size() const;
  struct Entry {
    reconcile::EndpointPtr endpoint;
    RefusedEndpointPtr refused;
  };
  /// In the order of their keys.
  std::vector<Entry> entries() const;
  /// Those that are endpoints.
  std::vector<reconcile::StoredEndpoint> fleet() const;

 private:
  static std::string key_of(const std::string& ns, const std::string& name) { return ns + "/" + name; }

  mutable std::mutex mutex_;
  std::map<std::string, KnownEndpoint> known_;
};

}  // namespace tlswarden::kube
