#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/cancellation.hpp"

namespace tlswarden::kube {

/// What everything needs that keeps up a conversation with the API server by itself. All of it outlives who
/// is given it.
struct ClientServices {
  ApiClient& client;
  const base::Clock& clock;
  base::Random& random;
  Pause& pause;
  Cancellation& cancellation;  ///< the client's
};

}  // namespace tlswarden::kube
