#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tlswarden::base {

/// Bytes that must not be seen: a password, a passphrase, a private key, a token.
/// Wiped when overwritten, moved from or destroyed. Has no stream operator and no formatter, so it cannot be
/// printed by accident; `reveal()` is the one way out and is called only where the value goes on the wire or
/// into a library. Copying is explicit. Not thread-safe for writing.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  explicit Secret(Bytes&& bytes) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  Secret copy() const;
  /// Valid until this object changes or dies.
  std::string_view reveal() const;
  ByteView bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe() noexcept;
  Bytes bytes_;
};

/// Overwrites memory in a way that the compiler may not remove.
void wipe_memory(void* data, std::size_t size) noexcept;

}  // namespace tlswarden::base
