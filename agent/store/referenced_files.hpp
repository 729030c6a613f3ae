#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/file_reader.hpp"
#include "reconcile/store.hpp"
#include "store/directory_watch.hpp"
#include "store/documents.hpp"

namespace tlswarden::store {

/// The files that endpoints refer to, and which of them changed. Not thread-safe.
class ReferencedFiles {
 public:
  /// From now on the files of these endpoints. Those that were known keep the stamp that they were last seen
  /// with; the others are as they are now.
  void set(const reconcile::EndpointSet& endpoints, const Documents& documents);

  /// Adds the directories in which a change to a file would show, as long as there are fewer than `most`.
  /// Files beyond are found changed all the same when somebody looks.
  void add_interests(DirectoryWatch::Interests& interests, std::size_t most);

  /// Looks at every file: the keys of the endpoints that refer to one which changed, came or went since it
  /// was last looked at. One that is merely touched again and again counts once.
  std::set<std::string> take_changed();

 private:
  struct File {
    std::optional<base::FileStamp> stamp;
    std::optional<std::string>
        digest{};  ///< of the content; nothing before the first change, or if unreadable
    std::set<std::string> endpoints;
  };
  std::map<std::filesystem::path, File> files_;
  bool beyond_ = false;  ///< and it was said
};

}  // namespace tlswarden::store
