#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "pki/kdf_budget.hpp"

namespace tlswarden::pki {

/// A password as Java's key stores hash it: each character as two bytes, big end first. What is not UTF-8 is
/// taken byte by byte.
base::Secret java_password(std::string_view password);

/// Opens a private key of a JKS or JCEKS store, an EncryptedPrivateKeyInfo under a scheme of Sun's own:
/// 1.3.6.1.4.1.42.2.17.1.1 (an SHA-1 key stream and check) or 1.3.6.1.4.1.42.2.19.1 (PBEWithMD5AndTripleDES,
/// where each half of the salt is hashed with the password). Unencrypted PKCS#8; nothing where the password
/// is another one, the scheme is none of these or the budget does not suffice.
std::optional<base::Secret> open_java_key(base::ByteView encrypted, std::string_view password,
                                          KdfBudget& budget);

}  // namespace tlswarden::pki
