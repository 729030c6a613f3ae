#pragma once

#include <string>

/// Where things are in the API. Names are encoded where they need it.
namespace tlswarden::kube {

/// The DatabaseEndpoints of a namespace; of all namespaces where `ns` is empty.
std::string endpoints_path(const std::string& ns);
/// One of them. Neither may be empty.
std::string endpoint_path(const std::string& ns, const std::string& name);
std::string endpoint_status_path(const std::string& ns, const std::string& name);

std::string secrets_path(const std::string& ns);
std::string config_maps_path(const std::string& ns);
std::string leases_path(const std::string& ns);
/// Of events.k8s.io/v1.
std::string events_path(const std::string& ns);

/// The field manager that owns the agent's status fields: one for all replicas, so that a hand-over orphans
/// nothing.
inline constexpr const char* kFieldManager = "tlswarden";

}  // namespace tlswarden::kube
