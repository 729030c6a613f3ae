#pragma once

#include <string>

#include "base/result.hpp"

namespace tlswarden::net {

/// How an operation on the network ended when it did not succeed.
struct IoError {
  enum class Kind {
    kTimedOut,         ///< the deadline passed
    kNameNotFound,     ///< the name does not exist (NXDOMAIN, EAI_NONAME)
    kResolverFailure,  ///< the resolver could not answer (EAI_AGAIN, EAI_FAIL)
    kConnectionRefused,
    kConnectionReset,
    kNetworkUnreachable,  ///< network or host
    kPeerClosed,          ///< orderly end of stream
    kTooMuchData,         ///< a bound on reading was hit
    kTunnelLost,          ///< the SSH connection that carried it broke off
    kCancelled,           ///< by us: shutdown
    kOther,
  };
  Kind kind = Kind::kOther;
  std::string message;  ///< the system's words
};

template <class T>
using IoResult = base::Result<T, IoError>;

}  // namespace tlswarden::net
