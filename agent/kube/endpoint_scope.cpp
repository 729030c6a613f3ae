#include "kube/endpoint_scope.hpp"

#include <utility>

#include "kube/api_paths.hpp"

namespace tlswarden::kube {
namespace {

/// What changed during an outage is not to wait for a minute after it.
constexpr std::chrono::seconds kLongestWait{10};

ReflectorOptions options_of(const std::string& ns, bool watch_list, std::function<void()> refused) {
  return {.path = endpoints_path(ns),
          .watch_list = watch_list,
          .longest_wait = kLongestWait,
          .refused = std::move(refused)};
}

}  // namespace

EndpointScope::EndpointScope(const ClientServices& services, std::string ns, bool watch_list,
                             EndpointRegister& endpoints, Told told)
    : ns_(std::move(ns)),
      collection_(endpoints, std::move(told.changed)),
      reflector_(services.client, options_of(ns_, watch_list, std::move(told.refused)), collection_,
                 services.clock, services.random, services.pause, services.cancellation) {}

EndpointScope::~EndpointScope() {
  join();
}

void EndpointScope::start() {
  thread_ = std::thread([this] { reflector_.run(); });
}

void EndpointScope::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace tlswarden::kube
