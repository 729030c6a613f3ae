#include "drivers/mysql/library_login.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/text.hpp"
#include "drivers/mysql/connector_c.hpp"
#include "drivers/mysql/policy.hpp"
#include "drivers/mysql/server_error.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::size_t kMaxCell = 8192;
constexpr unsigned kMaxRows = 64;
constexpr unsigned kParseError = 1064;  // ER_PARSE_ERROR
constexpr const char* kPluginsInTheClear =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519";
constexpr const char* kPluginsOverTls =
    "mysql_native_password,caching_sha2_password,client_ed25519,mysql_clear_password";

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

/// The library's per-thread state, for as long as this thread calls it.
class LibraryThread {
 public:
  LibraryThread() {
    static std::once_flag once;
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
    mysql_thread_init();
  }
  LibraryThread(const LibraryThread&) = delete;
  LibraryThread& operator=(const LibraryThread&) = delete;
  ~LibraryThread() { mysql_thread_end(); }
};

/// A secret as the library wants it, wiped afterwards.
class SecretText {
 public:
  explicit SecretText(const base::Secret& secret) : text_(secret.reveal()) {}
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { base::wipe_memory(text_.data(), text_.size()); }
  const char* c_str() const { return text_.c_str(); }
  bool has_nul() const { return text_.find('\0') != std::string::npos; }

 private:
  std::string text_;
};

/// Everything explicit, so that no default of some version of the library has a say.
void configure(MYSQL* connection, const LibraryLogin& login) {
  const my_bool off = 0;
  const unsigned no_files = 0;
  const auto patience = static_cast<unsigned>(std::max<std::int64_t>(1, login.patience.count()));
  const unsigned protocol = login.socket_path.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  mysql_options(connection, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_options(connection, MYSQL_OPT_SSL_ENFORCE, &off);
  mysql_options(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &off);
  mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &no_files);
  mysql_options(connection, MYSQL_OPT_RECONNECT, &off);
  mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &patience);
  mysql_options(connection, MYSQL_OPT_READ_TIMEOUT, &patience);
  mysql_options(connection, MYSQL_OPT_WRITE_TIMEOUT, &patience);
  mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(connection, MARIADB_OPT_RESTRICTED_AUTH,
                login.encrypted ? kPluginsOverTls : kPluginsInTheClear);
}

bool is_library_error(unsigned code) {
  return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) || code >= 5000;
}

probe::Failure library_failure(unsigned code) {
  probe::Failure failure{.stage = probe::Stage::kSession,
                         .cause = probe::Cause::kInternal,
                         .message = "The client library gave up with error " + std::to_string(code) + ".",
                         .peer_text = {},
                         .code = std::to_string(code)};
  switch (code) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
      failure.cause = probe::Cause::kPeerClosed;
      failure.message = "The server closed the connection during the login.";
      break;
    case CR_AUTH_PLUGIN_CANNOT_LOAD:
    case CR_AUTH_PLUGIN_ERR:
    case CR_PLUGIN_NOT_ALLOWED:
    case CR_ERR_LOAD_PLUGIN:
      failure.cause = probe::Cause::kUnsupported;
      failure.message =
          "The account logs in with a method that this build does not support; give the account used "
          "for checks another authentication plugin.";
      break;
    case CR_MALFORMED_PACKET:
    case CR_SERVER_HANDSHAKE_ERR:
    case CR_VERSION_ERROR:
      failure.cause = probe::Cause::kMalformedMessage;
      failure.message = "The server's side of the login is no valid MySQL protocol.";
      break;
    default:
      break;
  }
  return failure;
}

void note_error(MYSQL* connection, LibraryReport& report) {
  report.code = mysql_errno(connection);
  report.library_error = is_library_error(report.code);
  if (report.library_error) {
    report.seen.failure = library_failure(report.code);
    return;
  }
  report.seen.failure = describe_error(
      probe::Stage::kSession,
      ServerError{.code = static_cast<std::uint16_t>(report.code), .text = mysql_error(connection)});
}

/// The rows of a query, bounded; nothing when it failed.
std::optional<Rows> query(MYSQL* connection, const std::string& sql) {
  if (mysql_real_query(connection, sql.data(), sql.size()) != 0) return std::nullopt;
  const ResultPtr result(mysql_use_result(connection));
  if (!result) return std::nullopt;
  const unsigned columns = mysql_num_fields(result.get());
  Rows rows;
  while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
    const unsigned long* sizes = mysql_fetch_lengths(result.get());
    if (rows.size() >= kMaxRows) continue;  // the rest must be read all the same
    auto& cells = rows.emplace_back();
    for (unsigned i = 0; i < columns; ++i)
      cells.emplace_back(row[i] == nullptr ? ""
                                           : std::string(row[i], std::min<std::size_t>(sizes[i], kMaxCell)));
  }
  if (mysql_errno(connection) != 0) return std::nullopt;
  return rows;
}

void read_version(MYSQL* connection, probe::SessionObservation& seen) {
  const auto rows = query(connection, "SELECT VERSION()");
  const bool answered = rows && !rows->empty() && !rows->front().empty();
  const char* greeted = mysql_get_server_info(connection);
  seen.server_version =
      base::printable(answered ? rows->front().front() : (greeted == nullptr ? "" : greeted), 120);
}

/// MySQL reference manual, "Server Status Variables": both are empty on an unencrypted connection.
void read_encryption(MYSQL* connection, probe::SessionObservation& seen) {
  const auto rows =
      query(connection, "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_cipher', 'Ssl_version')");
  if (!rows) return;
  for (const auto& row : *rows) {
    if (row.size() < 2) continue;
    const auto value = base::printable(row[1], 120);
    if (base::equal_ignoring_case(row[0], "Ssl_version")) seen.protocol = value;
    if (!base::equal_ignoring_case(row[0], "Ssl_cipher")) continue;
    seen.cipher = value;
    seen.encrypted = value.empty() ? probe::Tristate::kNo : probe::Tristate::kYes;
  }
}

std::optional<AccountPolicy> read_account(MYSQL* connection) {
  auto rows = query(connection, "SHOW CREATE USER CURRENT_USER()");
  // Before MySQL 5.7.6 and MariaDB 10.2 the clause stood in the grants.
  if (!rows && mysql_errno(connection) == kParseError)
    rows = query(connection, "SHOW GRANTS FOR CURRENT_USER()");
  if (!rows || rows->empty() || rows->front().empty()) return std::nullopt;
  auto& statement = rows->front().front();
  const auto policy = account_policy(statement);
  base::wipe_memory(statement.data(), statement.size());  // it holds the password's hash
  return policy;
}

void read_policy(MYSQL* connection, probe::SessionObservation& seen) {
  const auto rows =
      query(connection, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'require_secure_transport'");
  std::optional<bool> everywhere;  // unknown where the question itself was refused
  if (rows)
    everywhere = !rows->empty() && rows->front().size() > 1 && base::equal_ignoring_case((*rows)[0][1], "ON");
  seen.plaintext_allowed = plaintext_allowed(everywhere, read_account(connection));
  if (seen.encrypted == probe::Tristate::kNo)
    seen.plaintext_allowed = probe::Tristate::kYes;  // it just happened
}

void select_database(MYSQL* connection, const LibraryLogin& login, LibraryReport& report) {
  if (login.database.empty() || mysql_select_db(connection, login.database.c_str()) == 0) return;
  note_error(connection, report);
  // A client that names the database while it connects, as clients do, would not have got in.
  report.seen.logged_in = false;
}

}  // namespace

LibraryReport log_in_blocking(const LibraryLogin& login) {
  const LibraryThread thread;
  LibraryReport report;
  const SecretText user(login.credentials->username), password(login.credentials->password);
  if (user.has_nul() || password.has_nul()) {
    report.seen.failure = {
        .stage = probe::Stage::kSession,
        .cause = probe::Cause::kUnsupported,
        .message = "The declared user name or password contains a NUL byte, which MySQL cannot take.",
        .peer_text = {},
        .code = {}};
    return report;
  }
  const ConnectionPtr connection(mysql_init(nullptr));
  if (!connection) {
    report.seen.failure = library_failure(CR_OUT_OF_MEMORY);
    return report;
  }
  configure(connection.get(), login);
  const bool local = !login.socket_path.empty();
  if (mysql_real_connect(connection.get(), local ? "localhost" : "127.0.0.1", user.c_str(), password.c_str(),
                         nullptr, login.port, local ? login.socket_path.c_str() : nullptr, 0) == nullptr) {
    note_error(connection.get(), report);
    return report;
  }
  report.authenticated = report.seen.logged_in = true;
  read_version(connection.get(), report.seen);
  read_encryption(connection.get(), report.seen);
  read_policy(connection.get(), report.seen);
  select_database(connection.get(), login, report);
  return report;
}

}  // namespace tlswarden::drivers::mysql
