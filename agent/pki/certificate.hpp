#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tlswarden::pki {

/// What a certificate says, read once, as plain data. Names are RFC 2253 text, already escaped for display.
struct CertificateFacts {
  std::string subject, issuer;
  std::string common_name;    ///< last CN of the subject; empty if none
  std::string serial_number;  ///< upper-case hexadecimal
  base::WallTime not_before{}, not_after{};
  std::string sha256, sha1;  ///< lower-case hexadecimal, of the DER
  std::string spki_sha256;   ///< of the SubjectPublicKeyInfo: equal for certificate and key that match
  std::vector<std::string> dns_names;     ///< SAN dNSName, in order; may hold embedded rubbish, shown escaped
  std::vector<std::string> ip_addresses;  ///< SAN iPAddress, textual
  std::string key;                        ///< "EC-256", "RSA-2048", "Ed25519"
  int key_security_bits = 0;              ///< NIST SP 800-57 strength, as EVP_PKEY_get_security_bits
  std::string signature;                  ///< "sha256WithRSAEncryption"
  std::string signature_digest;           ///< "SHA256"; empty where the scheme has none of its own
  int signature_security_bits = 0;
  bool is_ca = false;        ///< basicConstraints CA
  bool self_issued = false;  ///< subject equals issuer
  bool self_signed = false;  ///< and its own key verifies the signature
  bool has_extended_key_usage = false;
  bool server_auth = true, client_auth = true;  ///< what extendedKeyUsage and keyUsage permit
  std::vector<std::string> ca_issuers_urls;     ///< authorityInfoAccess caIssuers
  std::vector<std::string> ocsp_urls;
  bool must_staple = false;  ///< RFC 7633: clients may refuse it without an OCSP response beside it
  std::string subject_key_id, authority_key_id;  ///< hexadecimal
};

/// An immutable certificate: its DER and its facts. Shared freely between threads.
struct Certificate {
  base::Bytes der;
  CertificateFacts facts;
};
using CertificatePtr = std::shared_ptr<const Certificate>;
using Chain = std::vector<CertificatePtr>;

/// Reads one DER certificate. Input is hostile: at most 64 KiB, no trailing bytes.
base::Result<CertificatePtr> parse_certificate(base::ByteView der);

}  // namespace tlswarden::pki
