#include "cli/manifest_loader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/secret.hpp"
#include "store/manifest_files.hpp"

namespace tlswarden::cli {
namespace {

namespace fs = std::filesystem;
using resource::Diagnostic;
using resource::Manifest;

Diagnostic problem(const std::string& file, std::string message) {
  return {Diagnostic::Severity::kError, file, 0, "", std::move(message)};
}

std::string words(int error) {
  return std::generic_category().message(error);
}

/// Everything up to the end of a stream, for which no size is known beforehand; at most `limit` bytes.
base::Result<base::Secret> read_stream(int descriptor, std::size_t limit) {
  std::string text;
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  do {
    got = read(descriptor, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  } while ((got > 0 && text.size() <= limit) || (got < 0 && errno == EINTR));
  const int error = errno;
  base::Secret content(text);
  base::wipe_memory(text.data(), text.size());
  base::wipe_memory(buffer.data(), buffer.size());
  if (got < 0) return base::fail("cannot be read (" + words(error) + ")");
  if (got > 0) return base::fail("is larger than " + std::to_string(limit >> 20U) + " MiB; split it up");
  return content;
}

base::Result<base::Secret> read_pipe(const std::string& path, std::size_t limit) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return base::fail("cannot be opened (" + words(errno) + ")");
  auto content = read_stream(descriptor, limit);
  close(descriptor);
  return content;
}

class Loader {
 public:
  Loader(int input, const resource::ManifestLimits& limits,
         ClusterReading reading = {.use = {}, .recursive = true})
      : input_(input), limits_(limits), reading_(std::move(reading)) {}

  void add(const std::string& path) {
    std::error_code error;
    const fs::file_type type = fs::status(path, error).type();
    if (path == "-") {
      if (!std::exchange(input_read_, true)) add_content(path, read_stream(input_, limits_.bytes));
    } else if (type == fs::file_type::directory) {
      add_directory(path);
    } else if (type == fs::file_type::fifo || type == fs::file_type::character) {
      add_content(path, read_pipe(path, limits_.bytes));
    } else {
      add_content(path, store::read_manifest(path));
    }
  }

  Manifest merged() {
    Manifest manifest = resource::merge_manifests(std::move(parts_), reading_.use);
    manifest.diagnostics.insert(manifest.diagnostics.begin(), problems_.begin(), problems_.end());
    return manifest;
  }

 private:
  void add_content(const std::string& file, const base::Result<base::Secret>& content) {
    if (content) {
      parts_.push_back(resource::parse_manifest(content->reveal(), file, limits_, reading_.use));
    } else {
      problems_.push_back(problem(file, content.error().message));
    }
  }

  void add_directory(const std::string& path) {
    auto tree = store::find_manifests(path);
    if (tree && !reading_.recursive) {
      const fs::path root = (fs::path(path) / "").parent_path();
      std::erase_if(tree->files, [&](const fs::path& file) { return file.parent_path() != root; });
    }
    if (!tree) {
      problems_.push_back(problem(path, tree.error().message));
    } else if (tree->files.empty()) {
      problems_.push_back(problem(path, "there is no .yaml, .yml or .json file in this directory"));
    } else {
      for (const fs::path& file : tree->files)
        add_content(file.string(), store::read_manifest(file));
    }
  }

  int input_;
  resource::ManifestLimits limits_;
  ClusterReading reading_;
  bool input_read_ = false;
  std::vector<Manifest> parts_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

Manifest load_manifests(const std::vector<std::string>& paths, int input,
                        const resource::ManifestLimits& limits) {
  Loader loader(input, limits);
  for (const std::string& path : paths)
    loader.add(path);
  Manifest manifest = loader.merged();
  if (manifest.endpoints.empty() && !manifest.has_errors()) {
    manifest.diagnostics.push_back(
        problem(paths.size() == 1 ? paths.front() : "", "no DatabaseEndpoint is declared here"));
  }
  return manifest;
}

Manifest load_for_cluster(const std::vector<std::string>& paths, int input, const ClusterReading& reading) {
  Loader loader(input, {}, reading);
  for (const std::string& path : paths)
    loader.add(path);
  Manifest manifest = loader.merged();
  if (manifest.declared.empty() && !manifest.has_errors()) {
    manifest.diagnostics.push_back(problem(paths.size() == 1 ? paths.front() : "",
                                           "no DatabaseEndpoint, Secret or ConfigMap is declared here"));
  }
  return manifest;
}

}  // namespace tlswarden::cli
