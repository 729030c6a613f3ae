#include "base/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace tlswarden::base {
namespace {

tl::unexpected<FileError> missing(std::string message) {
  return tl::unexpected<FileError>(FileError{false, std::move(message)});
}

tl::unexpected<FileError> unusable(std::string message) {
  return tl::unexpected<FileError>(FileError{true, std::move(message)});
}

std::string words(int error) {
  return std::generic_category().message(error);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Reads up to `limit` bytes; nothing on an error (errno says which).
std::optional<Bytes> read_all(int fd, std::size_t expected, std::size_t limit) {
  // Grown once up front: a reallocation would leave parts of a secret behind in freed memory.
  Bytes bytes(std::min(expected, limit) + 1);
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) {
      if (size > limit) break;
      Bytes larger(std::min(size * 2, limit + 1));
      std::copy(bytes.begin(), bytes.end(), larger.begin());
      wipe_memory(bytes.data(), bytes.size());
      bytes.swap(larger);
    }
    const ssize_t count = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp to_stamp(const struct stat& facts) {
  return {facts.st_dev,  facts.st_ino, facts.st_size, nanoseconds(facts.st_mtim), nanoseconds(facts.st_ctim),
          facts.st_mode, facts.st_uid};
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return to_stamp(facts);
}

Result<Secret, FileError> read_file(const std::filesystem::path& path, std::size_t limit) {
  auto content = read_stamped_file(path, limit);
  if (!content) return tl::unexpected<FileError>(std::move(content.error()));
  return std::move(content->bytes);
}

Result<FileContent, FileError> read_stamped_file(const std::filesystem::path& path, std::size_t limit) {
  const std::string shown = "file " + path.string();
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR)
      return missing(shown + " does not exist; create it or correct the path");
    return unusable(shown + " cannot be opened (" + words(error) + "); let this program's user read it");
  }
  struct stat facts = {};
  if (::fstat(file.get(), &facts) != 0) return unusable(shown + " cannot be examined (" + words(errno) + ")");
  if (S_ISDIR(facts.st_mode)) return unusable(shown + " is a directory; name a file in it");
  if (!S_ISREG(facts.st_mode)) return unusable(shown + " is no regular file; name one");
  auto bytes = read_all(file.get(), static_cast<std::size_t>(facts.st_size), limit);
  if (!bytes)
    return unusable(shown + " cannot be read (" + words(errno) + "); let this program's user read it");
  FileContent content{Secret(std::move(*bytes)), to_stamp(facts), false};
  if (content.bytes.bytes().size() > limit) {
    return unusable(shown + " is larger than " + std::to_string(limit >> 20U) +
                    " MiB; name a file that holds only what is needed");
  }
  content.steady = ::fstat(file.get(), &facts) == 0 && to_stamp(facts) == content.stamp;
  return content;
}

}  // namespace tlswarden::base
