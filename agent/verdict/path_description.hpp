#pragma once

#include <string>
#include <vector>

#include "pki/certificate.hpp"
#include "resource/status.hpp"
#include "verdict/identity.hpp"

namespace tlswarden::verdict {

/// "leaf" for the first certificate of a chain, then "root" for what is self-issued and "intermediate" for
/// the others.
std::string role_in_chain(const pki::CertificateFacts& facts, std::size_t index);

/// A chain as the status shows it, in its own order.
std::vector<resource::CertificateStatus> describe_chain(const pki::Chain& served);

/// What a path that ends in the trust store takes from there: intermediates that were not served, then the
/// root, last and always, even where the server sends it too. Empty for any other path.
std::vector<resource::CertificateStatus> describe_rest(const Identity& identity, const pki::Chain& served);

/// Whether a certificate that `status` holds as served may have been part of the path that was judged then:
/// of that path nothing expired before status.expiry.
bool was_in_path(const resource::EndpointStatus& status, const resource::CertificateStatus& served);

}  // namespace tlswarden::verdict
