#include "store/content_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "base/suggest.hpp"

namespace tlswarden::store {
namespace {

using Content = base::Result<base::Secret, ContentError>;

tl::unexpected<ContentError> missing(std::string message) {
  return tl::unexpected<ContentError>(ContentError{false, std::move(message)});
}

tl::unexpected<ContentError> unusable(std::string message) {
  return tl::unexpected<ContentError>(ContentError{true, std::move(message)});
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
std::optional<base::Bytes> read_all(int fd, std::size_t expected, std::size_t limit) {
  // Grown once up front: a reallocation would leave parts of a secret behind in freed memory.
  base::Bytes bytes(std::min(expected, limit) + 1);
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) {
      if (size > limit) break;
      base::Bytes larger(std::min(size * 2, limit + 1));
      std::copy(bytes.begin(), bytes.end(), larger.begin());
      base::wipe_memory(bytes.data(), bytes.size());
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

Content read_file(const std::string& name, const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / name;  // an absolute name stays as it is
  const std::string shown = "file " + path.string();
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR)
      return missing(shown + " does not exist; create it or correct the path");
    return unusable(shown + " cannot be opened (" + words(error) + "); let the agent's user read it");
  }
  struct stat facts = {};
  if (::fstat(file.get(), &facts) != 0) return unusable(shown + " cannot be examined (" + words(errno) + ")");
  if (S_ISDIR(facts.st_mode)) return unusable(shown + " is a directory; name a file in it");
  if (!S_ISREG(facts.st_mode)) return unusable(shown + " is no regular file; name one");
  auto bytes = read_all(file.get(), static_cast<std::size_t>(facts.st_size), kMaxContent);
  if (!bytes) return unusable(shown + " cannot be read (" + words(errno) + "); let the agent's user read it");
  base::Secret content(std::move(*bytes));
  if (content.bytes().size() > kMaxContent) {
    return unusable(shown + " is larger than 4 MiB; name a file that holds only what the field needs");
  }
  return content;
}

base::Secret copied(const base::Secret& value) {
  return value.copy();
}
base::Secret copied(const std::string& value) {
  return base::Secret(std::string_view(value));
}

/// `kind` is "Secret" or "ConfigMap".
template <class Map>
Content read_document(const char* kind, const Map& documents, const resource::Reference& reference,
                      const std::string& ns) {
  const std::string shown = std::string(kind) + " " + reference.name;
  const auto document = documents.find({ns, reference.name});
  if (document == documents.end()) {
    std::vector<std::string> names;
    for (const auto& [name, data] : documents) {
      if (name.first == ns) names.push_back(name.second);
    }
    const auto near = base::nearest(reference.name, names);
    return missing(shown + " does not exist in namespace " + ns + "; " +
                   (near ? "did you mean " + *near + "?" : "add it there or correct the name"));
  }
  const auto entry = document->second.find(reference.key);
  if (entry == document->second.end()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : document->second)
      keys.push_back(key);
    const auto near = base::nearest(reference.key, keys);
    return missing(shown + " in namespace " + ns + " has no key " + reference.key + "; " +
                   (near ? "did you mean " + *near + "?" : "add it or correct the key"));
  }
  return copied(entry->second);
}

Content read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return missing("environment variable " + name + " is not set; set it where the agent starts");
  return base::Secret(std::string_view(value));
}

Content read_any(const resource::Reference& reference, const ContentScope& scope) {
  using Kind = resource::Reference::Kind;
  switch (reference.kind) {
    case Kind::kSecretKey:
      return read_document("Secret", scope.documents.secrets, reference, scope.ns);
    case Kind::kConfigMapKey:
      return read_document("ConfigMap", scope.documents.config_maps, reference, scope.ns);
    case Kind::kFile:
      return read_file(reference.text, scope.directory);
    case Kind::kEnv:
      return read_environment(reference.text);
    case Kind::kInline:
    case Kind::kValue:
      break;
  }
  return base::Secret(std::string_view(reference.text));
}

}  // namespace

Content read_content(const resource::Reference& reference, const ContentScope& scope) {
  auto content = read_any(reference, scope);
  if (content && content->bytes().size() > kMaxContent) {
    return unusable(resource::describe(reference) + " is larger than 4 MiB");
  }
  return content;
}

Content read_line(const resource::Reference& reference, const ContentScope& scope) {
  auto content = read_content(reference, scope);
  if (!content) return content;
  std::string_view line = content->reveal();
  if (line.find('\0') != std::string_view::npos) {
    return unusable(resource::describe(reference) +
                    " holds a zero byte, which no user name or password may; " + "store it as plain text");
  }
  using Kind = resource::Reference::Kind;
  if (reference.kind != Kind::kFile && reference.kind != Kind::kEnv) return content;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return base::Secret(line);
}

}  // namespace tlswarden::store
