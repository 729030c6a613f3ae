#pragma once

#include <string>

#include "reconcile/event_sink.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::kube {

inline resource::DatabaseEndpoint shop_orders() {
  resource::DatabaseEndpoint endpoint;
  endpoint.metadata.ns = "shop";
  endpoint.metadata.name = "orders";
  endpoint.metadata.uid = "5f0f1a52-3b7c-4ddb-9c43-0d6b21f3a8c1";
  return endpoint;
}

inline reconcile::Event unreachable(std::string note = "ConnectionRefused: nothing listens there") {
  return {reconcile::Event::Type::kWarning, "Unreachable", std::move(note)};
}

}  // namespace tlswarden::kube
