#pragma once

#include <string>

namespace tlswarden::kube {

/// Why an exchange with the API server broke off.
struct TransportError {
  enum class Kind {
    kUnreachable,  ///< no connection came about: nothing was sent
    kUntrusted,    ///< TLS failed or the server's certificate did not verify: nothing was sent
    kBroken,       ///< the connection ended, or its bytes made no HTTP: what was sent may have taken effect
    kTimedOut,     ///< the deadline passed: what was sent may have taken effect
    kTooLarge,     ///< the answer exceeds its limit
    kCancelled,
  };
  Kind kind = Kind::kBroken;
  std::string message;  ///< one sentence
};

}  // namespace tlswarden::kube
