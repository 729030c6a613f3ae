#pragma once

#include <memory>
#include <string>

namespace tlswarden::resource {

/// Where a piece of material is to be found; exactly one kind. A plain value.
struct Reference {
  enum class Kind { kSecretKey, kConfigMapKey, kFile, kInline, kEnv, kValue };
  Kind kind = Kind::kInline;
  std::string name;  ///< of the Secret or ConfigMap
  std::string key;   ///< within it
  std::string text;  ///< the path, the variable's name, the inline PEM, or the literal value
  /// A key store's password; null when none is declared. Shared because it never changes after parsing.
  std::shared_ptr<const Reference> password;
};

/// For messages: `Secret orders-ca, key ca.crt`, `file /etc/ca.pem`, `environment variable X`. Never the
/// content.
std::string describe(const Reference& reference);

}  // namespace tlswarden::resource
