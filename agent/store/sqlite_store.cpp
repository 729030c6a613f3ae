#include "store/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "pki/openssl_support.hpp"
#include "reconcile/memory_codec.hpp"
#include "resource/codec.hpp"
#include "store/sqlite_schema.hpp"

namespace tlswarden::store {
namespace {

using nlohmann::ordered_json;

struct Row {
  std::string uid, spec_digest;
  std::int64_t generation = 0;
};

/// Tells one spec from another without keeping what it says: inline values need not lie about on disk.
std::string digest_of(const resource::EndpointSpec& spec) {
  return pki::sha256_hex(base::as_bytes(resource::spec_to_json(spec).dump()));
}

std::string new_uid(SQLite::Database& database) {
  const std::string hex = database.execAndGet("SELECT lower(hex(randomblob(16)))").getString();
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" + hex.substr(17, 3) +
         "-" + hex.substr(20);
}

std::map<std::string, Row> read_rows(SQLite::Database& database) {
  std::map<std::string, Row> rows;
  SQLite::Statement query(database, "SELECT key, uid, generation, spec_digest FROM endpoint");
  while (query.executeStep()) {
    rows[query.getColumn(0).getString()] = {query.getColumn(1).getString(), query.getColumn(3).getString(),
                                            query.getColumn(2).getInt64()};
  }
  return rows;
}

void write_row(SQLite::Database& database, const std::string& key, const Row& row) {
  SQLite::Statement upsert(database,
                           "INSERT INTO endpoint (key, uid, generation, spec_digest) VALUES (?, ?, ?, ?) "
                           "ON CONFLICT (key) DO UPDATE SET generation = excluded.generation, "
                           "spec_digest = excluded.spec_digest");
  upsert.bind(1, key);
  upsert.bind(2, row.uid);
  upsert.bind(3, row.generation);
  upsert.bind(4, row.spec_digest);
  upsert.exec();
}

void delete_row(SQLite::Database& database, const std::string& key) {
  SQLite::Statement remove(database, "DELETE FROM endpoint WHERE key = ?");
  remove.bind(1, key);
  remove.exec();
}

void identify(SQLite::Database& database, resource::DatabaseEndpoint& endpoint,
              const std::map<std::string, Row>& rows) {
  const std::string key = endpoint.key();
  const std::string digest = digest_of(endpoint.spec);
  const auto known = rows.find(key);
  const Row row = known == rows.end()
                      ? Row{new_uid(database), digest, 1}
                      : Row{known->second.uid, digest,
                            known->second.generation + (known->second.spec_digest == digest ? 0 : 1)};
  if (known == rows.end() || row.generation != known->second.generation) write_row(database, key, row);
  endpoint.metadata.uid = row.uid;
  endpoint.metadata.generation = row.generation;
}

std::optional<reconcile::Record> read_record(const std::string& key, const std::string& status,
                                             const std::string& memory) {
  const ordered_json document = ordered_json::parse(status, nullptr, false);
  auto parsed = resource::status_from_json(document);
  if (document.is_discarded() || !parsed) {
    spdlog::warn("{}: its stored status cannot be read and is judged anew", key);
    return std::nullopt;
  }
  reconcile::Record record{std::move(*parsed), {}};
  auto remembered = reconcile::memory_from_text(memory);
  if (remembered) {
    record.memory = std::move(*remembered);
  } else {
    spdlog::warn("{}: {}; counting starts anew", key, remembered.error().message);
  }
  return record;
}

}  // namespace

base::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path) {
  auto database = open_state_file(path);
  if (!database) return base::fail(database.error().message);
  return std::unique_ptr<SqliteStore>(new SqliteStore(path, std::move(*database)));
}

SqliteStore::SqliteStore(std::string path, std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

SqliteStore::~SqliteStore() = default;

base::Result<std::vector<resource::DatabaseEndpoint>> SqliteStore::declare(
    std::vector<resource::DatabaseEndpoint> declared, bool keep_others) {
  const std::scoped_lock lock(mutex_);
  try {
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    const std::map<std::string, Row> rows = read_rows(*database_);
    std::set<std::string> names;
    for (resource::DatabaseEndpoint& endpoint : declared) {
      identify(*database_, endpoint, rows);
      names.insert(endpoint.key());
    }
    for (const auto& [key, row] : rows) {
      if (!keep_others && !names.contains(key)) delete_row(*database_, key);
    }
    transaction.commit();
    return declared;
  } catch (const SQLite::Exception& error) {
    return base::fail("state file " + path_ + ": " + error.what());
  }
}

base::Result<std::optional<reconcile::Record>> SqliteStore::load(const resource::DatabaseEndpoint& endpoint) {
  const std::scoped_lock lock(mutex_);
  try {
    SQLite::Statement query(*database_,
                            "SELECT status, coalesce(memory, '{}') FROM endpoint "
                            "WHERE key = ? AND uid = ? AND status IS NOT NULL");
    query.bind(1, endpoint.key());
    query.bind(2, endpoint.metadata.uid);
    if (!query.executeStep()) return std::optional<reconcile::Record>();
    return read_record(endpoint.key(), query.getColumn(0).getString(), query.getColumn(1).getString());
  } catch (const SQLite::Exception& error) {
    return base::fail("state file " + path_ + ": " + error.what());
  }
}

base::Result<void> SqliteStore::save(const resource::DatabaseEndpoint& endpoint,
                                     const reconcile::Record& record) {
  const std::string status =
      resource::status_to_json(record.status).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  const std::string memory = reconcile::memory_to_text(record.memory);
  const std::scoped_lock lock(mutex_);
  try {
    SQLite::Statement update(*database_,
                             "UPDATE endpoint SET status = ?, memory = ? WHERE key = ? AND uid = ?");
    update.bind(1, status);
    update.bind(2, memory);
    update.bind(3, endpoint.key());
    update.bind(4, endpoint.metadata.uid);
    update.exec();
    return {};
  } catch (const SQLite::Exception& error) {
    return base::fail("state file " + path_ + ": " + error.what());
  }
}

}  // namespace tlswarden::store
