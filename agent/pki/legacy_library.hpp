#pragma once

#include <string_view>
#include <vector>

#include "pki/openssl.hpp"

namespace tlswarden::pki {

/// A library context of its own with OpenSSL's default and legacy providers: what the default provider no
/// longer has (RC2, single DES, PBE with MD5) opens in here, while the process as a whole keeps refusing it.
/// Not for sharing between threads; cheap enough to be made where the need shows.
class LegacyLibrary {
 public:
  LegacyLibrary();

  /// False where the legacy provider is not installed.
  bool usable() const { return context_ && standard_ && legacy_; }
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, Releaser<OSSL_PROVIDER_unload>>;

  LibraryContextPtr context_;
  ProviderPtr standard_, legacy_;
};

/// Whether OpenSSL's errors say that an algorithm was never tried, as opposed to tried and failed.
bool says_unsupported(const std::vector<unsigned long>& errors);

/// For messages: what is not installed, and how Debian calls it.
inline constexpr std::string_view kLegacyProviderMissing =
    "OpenSSL's legacy provider (legacy.so, in Debian's libssl3 or openssl-provider-legacy), which is not "
    "installed";

}  // namespace tlswarden::pki
