#include "pki/revocation_list.hpp"

#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxSize = 4UL * 1024 * 1024;

}  // namespace

base::Result<RevocationListPtr> parse_revocation_list(base::ByteView der) {
  if (der.size() > kMaxSize) return base::fail("the revocation list is larger than 4 MiB");
  const unsigned char* position = der.data();
  ERR_clear_error();
  const RevocationListHandle list(d2i_X509_CRL(nullptr, &position, static_cast<long>(der.size())));
  if (!list) return base::fail(openssl_reason("it is no revocation list"));
  if (position != der.data() + der.size())
    return base::fail("the revocation list is followed by other bytes");
  const auto this_update = to_wall_time(X509_CRL_get0_lastUpdate(list.get()));
  if (!this_update) return base::fail("the revocation list does not say when it was issued");
  auto parsed = std::make_shared<RevocationList>();
  parsed->der.assign(der.begin(), der.end());
  parsed->issuer = name_text(X509_CRL_get_issuer(list.get()));
  parsed->this_update = *this_update;
  parsed->next_update = to_wall_time(X509_CRL_get0_nextUpdate(list.get()));
  parsed->sha256 = sha256_hex(der);
  return RevocationListPtr(std::move(parsed));
}

}  // namespace tlswarden::pki
