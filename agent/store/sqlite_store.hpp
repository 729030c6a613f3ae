#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "reconcile/store.hpp"
#include "resource/endpoint.hpp"

namespace SQLite {  // NOLINT(readability-identifier-naming): the library's own
class Database;
}

namespace tlswarden::store {

/// The embedded store's file: identity, generation and record of every endpoint. What it has said it keeps
/// survives the death of the process at any instant (write-ahead log; synchronous=NORMAL, so a crash of the
/// whole machine may cost the last writes but never the file). One process at a time: the file stays locked
/// while this object lives. Safe from any thread.
class SqliteStore {
 public:
  /// Opens `path`, creating it with mode 0600; its directory must exist. An older schema is brought up to
  /// date. An Error names the file and says what to do: in use by another process, damaged, another
  /// program's, of a newer version, not writable.
  static base::Result<std::unique_ptr<SqliteStore>> open(const std::string& path);
  ~SqliteStore();
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  /// Makes the stored endpoints those of `declared` and gives each its uid and generation: a new name gets a
  /// new uid and generation 1, a changed spec the next generation. Records of names that are not declared are
  /// deleted, unless `keep_others`: then they may be declared again later as if nothing had happened.
  base::Result<std::vector<resource::DatabaseEndpoint>> declare(
      std::vector<resource::DatabaseEndpoint> declared, bool keep_others);

  /// As reconcile::Store says.
  base::Result<std::optional<reconcile::Record>> load(const resource::DatabaseEndpoint& endpoint);
  base::Result<void> save(const resource::DatabaseEndpoint& endpoint, const reconcile::Record& record);

 private:
  SqliteStore(std::string path, std::unique_ptr<SQLite::Database> database);

  const std::string path_;
  std::mutex mutex_;
  std::unique_ptr<SQLite::Database> database_;
};

}  // namespace tlswarden::store
