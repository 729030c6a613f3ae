#include "store/sqlite_schema.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tlswarden::store {
namespace {

/// "tlsw": marks the file as ours (https://www.sqlite.org/fileformat2.html#application_id).
constexpr int kApplicationId = 0x746c7377;

/// kMigrations[n] leads from schema n to n + 1.
constexpr std::array kMigrations{
    R"(CREATE TABLE endpoint (
         key TEXT PRIMARY KEY NOT NULL,
         uid TEXT NOT NULL,
         generation INTEGER NOT NULL,
         spec_digest TEXT NOT NULL,
         status TEXT,
         memory TEXT) STRICT, WITHOUT ROWID)",
};
constexpr int kSchema = static_cast<int>(kMigrations.size());

base::Result<void> prepare_file(const std::string& path) {
  const std::string shown = "state file " + path;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (file < 0) {
    return base::fail(
        shown + " cannot be opened (" + std::generic_category().message(errno) +
        "); make its directory writable for the agent's user or name another file with --state");
  }
  struct stat facts = {};
  const bool examined = ::fstat(file, &facts) == 0;
  const bool regular = examined && S_ISREG(facts.st_mode);
  // The file tells which servers there are and how they are secured.
  const bool closed_off = regular && ((facts.st_mode & 077U) == 0 || ::fchmod(file, 0600) == 0);
  ::close(file);
  if (!regular) return base::fail(shown + " is no regular file; name another with --state");
  if (!closed_off)
    return base::fail(shown + " is readable by others and not ours to change; run chmod 600 on it");
  return {};
}

void migrate(SQLite::Database& database, int from) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int version = from; version < kSchema; ++version) {
    database.exec(kMigrations[static_cast<std::size_t>(version)]);
  }
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.exec("PRAGMA user_version = " + std::to_string(kSchema));
  transaction.commit();
}

base::Result<void> take_possession(SQLite::Database& database, const std::string& shown) {
  // The lock is held from the first access until the connection closes, so two agents cannot share a file
  // unawares.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const int application = database.execAndGet("PRAGMA application_id").getInt();
  const int tables = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
  const bool fresh = application == 0 && tables == 0;
  if (!fresh && application != kApplicationId) {
    return base::fail(shown + " is the SQLite database of another program; name another file with --state");
  }
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > kSchema) {
    return base::fail(shown + " was written by a newer tlswarden (schema " + std::to_string(version) +
                      ", this one knows " + std::to_string(kSchema) +
                      "); run that version or name another file with --state");
  }
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = NORMAL");
  const std::string health = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (health != "ok") {
    return base::fail(shown + " is damaged (" + health + "); move it away to start anew, or restore it");
  }
  if (version < kSchema) migrate(database, version);
  return {};
}

std::string explain(const SQLite::Exception& error, const std::string& shown) {
  switch (error.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return shown + " is in use by another process; stop that one or name another file with --state";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return shown + " is damaged or no tlswarden state file; move it away to start anew, or restore it";
    case SQLITE_FULL:
      return shown + " cannot be written: the file system is full; free some space";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return shown + " cannot be written (" + error.what() +
             "); make it and its directory writable for the agent's user or name another file with --state";
    default:
      return shown + " cannot be used: " + error.what();
  }
}

}  // namespace

base::Result<std::unique_ptr<SQLite::Database>> open_state_file(const std::string& path) {
  if (auto prepared = prepare_file(path); !prepared) return base::fail(prepared.error().message);
  const std::string shown = "state file " + path;
  try {
    auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE);
    if (auto taken = take_possession(*database, shown); !taken) return base::fail(taken.error().message);
    return database;
  } catch (const SQLite::Exception& error) {
    return base::fail(explain(error, shown));
  }
}

}  // namespace tlswarden::store
