#pragma once

#include <string>
#include <vector>

#include "pki/openssl.hpp"
#include "pki/revocation.hpp"
#include "pki/revocation_list.hpp"

namespace tlswarden::pki {

/// A revocation list in the form that OpenSSL searches, with what its extensions say of its scope.
struct PreparedList {
  RevocationListPtr list;
  RevocationListHandle handle;
  std::string scope{};  ///< DER of issuingDistributionPoint: lists of one CA and one scope replace each other
  bool only_leaves = false, only_cas = false;
  std::string unsupported{};  ///< why it says nothing to us: "it lists only changes"; empty when it is usable
};
using PreparedLists = std::vector<PreparedList>;

/// Reads each list anew: tens of milliseconds for a large one, so the result is kept. Used by one thread at a
/// time, as a search sorts the list.
PreparedLists prepare_lists(const RevocationLists& lists);

/// Looks up every certificate of `path` (leaf first) in the lists of the one that follows it, which verifies
/// their signatures. Of the lists of one scope the newest that has begun to hold counts (RFC 5280 section
/// 6.3.3). A revocation counts even where the list is stale: a certificate does not come back by itself.
/// Passed over: lists of other issuers and of issuers' other keys.
RevocationCheck check_revocation(const Chain& path, const PreparedLists& lists, base::WallTime at);

}  // namespace tlswarden::pki
