#pragma once

#include <cstddef>
#include <memory>

#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::pki {

/// Turns what a peer served into plain data, and remembers it by its SHA-256, so that a certificate seen
/// before (the usual case: nothing changed since the last check, or a CA shared by many endpoints) is not
/// read again. One per worker thread; not thread-safe. Bounded: the least recently used certificate goes.
class CertificateInterner {
 public:
  explicit CertificateInterner(std::size_t capacity = 16384);
  ~CertificateInterner();
  CertificateInterner(CertificateInterner&&) noexcept;
  CertificateInterner& operator=(CertificateInterner&&) noexcept;

  base::Result<CertificatePtr> intern(base::ByteView der);
  /// As served, in the server's order; null and empty give an empty chain. The handles stay the caller's.
  /// Fails as parse_certificate does, naming the certificate's place, and for more than 64 certificates.
  base::Result<Chain> intern(const STACK_OF(X509) * served);

  /// Certificates that were read rather than remembered.
  std::size_t parsed() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::pki
