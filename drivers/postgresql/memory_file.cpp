#include "drivers/postgresql/memory_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tlswarden::drivers::postgresql {
namespace {

bool write_fully(int descriptor, base::ByteView content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

base::Result<MemoryFile> MemoryFile::create(base::ByteView content) {
  MemoryFile file(::memfd_create("tlswarden", MFD_CLOEXEC));
  if (file.descriptor_ < 0 || ::fchmod(file.descriptor_, S_IRUSR | S_IWUSR) != 0 ||
      !write_fully(file.descriptor_, content)) {
    return base::fail("cannot keep key material in a memory file: " + std::generic_category().message(errno));
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace tlswarden::drivers::postgresql
