#include "pki/client_chain.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

bool bears_issuer_name(const Certificate& candidate, const Certificate& issued) {
  return candidate.facts.subject == issued.facts.issuer;
}

bool signed_by(const Certificate& issued, const Certificate& issuer) {
  const X509Ptr child = to_x509(issued);
  const X509Ptr parent = to_x509(issuer);
  EVP_PKEY* key = parent ? X509_get0_pubkey(parent.get()) : nullptr;
  const bool good = child && key != nullptr && X509_verify(child.get(), key) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

ClientChain trace_client_chain(const Chain& chain) {
  ClientChain traced;
  if (chain.empty()) return traced;
  std::vector<bool> used(chain.size(), false);
  used[0] = true;
  traced.path.push_back(chain.front());
  for (std::size_t last = 0; traced.open();) {
    const Certificate& issued = *traced.path.back();
    traced.impostor.reset();
    std::size_t next = chain.size();
    for (std::size_t i = 1; i < chain.size() && next == chain.size(); ++i) {
      if (used[i] || !bears_issuer_name(*chain[i], issued)) continue;
      if (signed_by(issued, *chain[i]))
        next = i;
      else
        traced.impostor = chain[i];
    }
    if (next == chain.size()) break;
    used[next] = true;
    traced.ordered = traced.ordered && next == last + 1;
    traced.impostor.reset();
    traced.path.push_back(chain[next]);
    last = next;
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!used[i] && chain[i] != traced.impostor) traced.unrelated.push_back(chain[i]);
  }
  return traced;
}

}  // namespace tlswarden::pki
