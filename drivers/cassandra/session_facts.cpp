#include "drivers/cassandra/session_facts.hpp"

#include <array>
#include <cstdio>
#include <random>

#include "base/text.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

constexpr std::size_t kMaxWord = 128;

}  // namespace

std::string session_mark() {
  std::random_device random;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "check-%08x%08x", random(), random());
  return text.data();
}

std::string_view version_query(bool scylla) {
  // The release_version of a ScyllaDB is that of the Cassandra it is compatible with.
  return scylla ? "SELECT version FROM system.versions" : "SELECT release_version FROM system.local";
}

std::string version_of(const Rows& rows, bool scylla) {
  return base::printable(rows.value(0, scylla ? "version" : "release_version").value_or(""), kMaxWord);
}

std::string clients_query(std::string_view mark, bool scylla) {
  return std::string("SELECT ssl_enabled, ssl_protocol, ssl_cipher_suite FROM ") +
         (scylla ? "system.clients" : "system_views.clients") + " WHERE driver_version = '" +
         std::string(mark) + "' ALLOW FILTERING";
}

void take_encryption(const Rows& rows, probe::SessionObservation& seen) {
  if (rows.rows.size() != 1) return;
  const auto enabled = rows.flag(0, "ssl_enabled");
  if (!enabled) return;
  seen.encrypted = *enabled ? probe::Tristate::kYes : probe::Tristate::kNo;
  seen.protocol = base::printable(rows.value(0, "ssl_protocol").value_or(""), kMaxWord);
  seen.cipher = base::printable(rows.value(0, "ssl_cipher_suite").value_or(""), kMaxWord);
}

std::string use_statement(std::string_view keyspace) {
  std::string statement = "USE \"";
  for (const char byte : keyspace) {
    if (byte == '"') statement += '"';
    statement += byte;
  }
  return statement + '"';
}

}  // namespace tlswarden::drivers::cassandra
