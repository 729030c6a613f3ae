#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/file_reader.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "resource/reference.hpp"
#include "store/documents.hpp"

namespace tlswarden::store {

/// The most that one reference may hold.
inline constexpr std::size_t kMaxContent = std::size_t{4} << 20U;

/// Why a reference has no content to give.
struct ContentError {
  bool found = false;   ///< it is there but cannot be used: too large, a directory, unreadable
  std::string message;  ///< one sentence with what to do; names the reference, never its content
};

/// Where the references of one endpoint are looked up. A view; both must outlive the calls.
struct ContentScope {
  const Documents& documents;
  const std::string& ns;  ///< the endpoint's own namespace: Secrets and ConfigMaps of others are out of reach
  std::filesystem::path directory;  ///< where relative files start
};

/// The bytes that `reference` points at. A file must be a regular one (symbolic links are followed) of at
/// most kMaxContent bytes; opening never blocks on a pipe. What the documents' policy rules out is an error.
/// Safe from any thread.
base::Result<base::Secret, ContentError> read_content(const resource::Reference& reference,
                                                      const ContentScope& scope);

/// What a reference holds, and the stamp of the file that it came from, if it came from one.
struct StampedContent {
  base::Secret bytes;
  std::optional<base::FileStamp> stamp;
  bool steady = false;  ///< the file did not change while it was read
};

/// As read_content, with the stamp.
base::Result<StampedContent, ContentError> read_stamped(const resource::Reference& reference,
                                                        const ContentScope& scope);

/// The file behind a reference of that kind, by its name alone.
std::filesystem::path file_of(const resource::Reference& reference, const std::filesystem::path& directory);

/// What to open for a reference to a file: as it is named; in a cluster with symbolic links resolved, once it
/// is sure that it lies where the operator allows. Error: it does not, or does not exist.
base::Result<std::filesystem::path, ContentError> permitted_file(const resource::Reference& reference,
                                                                 const ContentScope& scope);

/// As read_content, for a line of text such as a passphrase or a user name: content of a file or variable
/// loses one line end, and a zero byte, which client libraries would cut at, is refused.
base::Result<base::Secret, ContentError> read_line(const resource::Reference& reference,
                                                   const ContentScope& scope);

}  // namespace tlswarden::store
