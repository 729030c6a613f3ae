#include "resource/reference.hpp"

namespace tlswarden::resource {

std::string describe(const Reference& reference) {
  switch (reference.kind) {
    case Reference::Kind::kSecretKey:
      return "Secret " + reference.name + ", key " + reference.key;
    case Reference::Kind::kConfigMapKey:
      return "ConfigMap " + reference.name + ", key " + reference.key;
    case Reference::Kind::kFile:
      return "file " + reference.text;
    case Reference::Kind::kInline:
      return "inline text";
    case Reference::Kind::kEnv:
      return "environment variable " + reference.text;
    case Reference::Kind::kValue:
      return "literal value";
  }
  return "reference";
}

}  // namespace tlswarden::resource
