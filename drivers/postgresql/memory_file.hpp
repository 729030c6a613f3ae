#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tlswarden::drivers::postgresql {

/// A file that exists in this process's memory only, for a library that reads key material by path. Readable
/// by its owner alone, as libpq demands of a private key; gone with the object. Movable.
class MemoryFile {
 public:
  static base::Result<MemoryFile> create(base::ByteView content);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();

  /// Valid within this process while the object lives: /proc/self/fd/N.
  std::string path() const;

 private:
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tlswarden::drivers::postgresql
