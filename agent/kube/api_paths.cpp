#include "kube/api_paths.hpp"

#include "kube/api_request.hpp"

namespace tlswarden::kube {
namespace {

std::string in_namespace(const std::string& ns) {
  return ns.empty() ? std::string() : "/namespaces/" + path_segment(ns);
}

}  // namespace

std::string endpoints_path(const std::string& ns) {
  return "/apis/tlswarden.dev/v1alpha1" + in_namespace(ns) + "/databaseendpoints";
}

std::string endpoint_path(const std::string& ns, const std::string& name) {
  return endpoints_path(ns) + "/" + path_segment(name);
}

std::string endpoint_status_path(const std::string& ns, const std::string& name) {
  return endpoint_path(ns, name) + "/status";
}

std::string secrets_path(const std::string& ns) {
  return "/api/v1" + in_namespace(ns) + "/secrets";
}

std::string config_maps_path(const std::string& ns) {
  return "/api/v1" + in_namespace(ns) + "/configmaps";
}

std::string leases_path(const std::string& ns) {
  return "/apis/coordination.k8s.io/v1" + in_namespace(ns) + "/leases";
}

std::string events_path(const std::string& ns) {
  return "/apis/events.k8s.io/v1" + in_namespace(ns) + "/events";
}

}  // namespace tlswarden::kube
