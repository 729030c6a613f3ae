#pragma once

#include <string>

#include "pki/openssl.hpp"
#include "pki/prepared_store.hpp"
#include "pki/verification.hpp"

namespace tlswarden::pki {

/// Where a path could not go on.
struct PathEnd {
  const Certificate& last;  ///< the last certificate of the path; its issuer is the one that is missing
  X509& handle;             ///< of `last`
  bool from_store;          ///< `last` came from the trust store, not from the server
  std::size_t path_length;
  std::size_t served;  ///< how many certificates the server sent
};

struct MissingIssuer {
  ChainFault fault = ChainFault::kUnknownIssuer;
  std::string hint;
};

/// Decides between kIncompleteChain and kUnknownIssuer by the rule that verification.hpp states, and says
/// why.
MissingIssuer examine_missing_issuer(const PathEnd& end, const PreparedStore& store);

}  // namespace tlswarden::pki
