#pragma once

#include <string>

#include "base/bytes.hpp"

namespace tlswarden::pki {

/// SHA-256 of `content` behind a salt that this process drew at its start, as 32 raw bytes: names content
/// that may hold a secret without keeping it, and tells nobody who sees it which content, or password, it
/// was. Safe from any thread.
std::string content_digest(base::ByteView content);

}  // namespace tlswarden::pki
