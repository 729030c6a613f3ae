#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "tests/support/mint.hpp"

/// Writes minted material in the forms that users hold it in. Aborts the test on any error.
namespace tlswarden::test_support {

std::string der_of(const Minted& minted);

/// A revocation list of `issuer`'s without entries, good for a week from `now`.
base::Bytes revocation_list(const Minted& issuer, base::WallTime now);
/// `-----BEGIN label-----`, base64, END.
std::string armoured(std::string_view label, std::string_view der);
/// Base64 in lines and nothing around it.
std::string base64_lines(std::string_view der);

/// SignedData without signers, DER.
std::string pkcs7(std::initializer_list<const Minted*> certificates,
                  const std::vector<base::Bytes>& lists = {});
/// The same bytes with indefinite lengths around them, as streaming writers leave them (X.690
/// section 8.1.3.6).
std::string with_indefinite_lengths(std::string_view der_pkcs7);

struct Pkcs12Spec {
  std::vector<const Minted*> certificates{};
  std::vector<base::Bytes> lists{};
  std::vector<const Minted*> keys{};   ///< encrypted where `cipher` is, otherwise plain
  const char* password = "tencentdb";  ///< null: absent, which is not the same as empty
  /// OpenSSL's number of a PBES1 scheme or, for PBES2, of a cipher; -1: not encrypted.
  int cipher = NID_aes_256_cbc;
  int iterations = 16;
  bool mac = true;
  int mac_iterations = 16;
};
std::string pkcs12(const Pkcs12Spec& spec);

struct JavaEntry {
  std::string alias;
  std::vector<base::Bytes> certificates;
  base::Bytes encrypted_key{};  ///< empty: a trusted certificate
};
struct JavaStoreSpec {
  std::vector<JavaEntry> entries{};
  std::string_view password = "tencentdb";  ///< ASCII
  bool jceks = false;
  std::uint32_t version = 2;
};
std::string java_keystore(const JavaStoreSpec& spec);

}  // namespace tlswarden::test_support
