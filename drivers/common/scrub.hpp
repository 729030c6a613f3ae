#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace tlswarden::drivers::common {

/// `text` with every occurrence of `secret` replaced. Servers repeat what they did not understand: Redis
/// answers a command that it does not know with its arguments.
inline std::string without_secret(std::string text, const base::Secret& secret) {
  constexpr std::string_view kMask = "[hidden]";
  if (secret.empty()) return text;
  for (auto at = text.find(secret.reveal()); at != std::string::npos; at = text.find(secret.reveal(), at)) {
    text.replace(at, secret.reveal().size(), kMask);
    at += kMask.size();
  }
  return text;
}

}  // namespace tlswarden::drivers::common
