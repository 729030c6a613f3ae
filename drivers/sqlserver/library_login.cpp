#include "drivers/sqlserver/library_login.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/text.hpp"
#include "drivers/sqlserver/freetds.hpp"
#include "drivers/sqlserver/library_settings.hpp"
#include "drivers/sqlserver/server_error.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;

constexpr int kInformation = 10;
constexpr std::size_t kMaxCell = 120, kMaxPeerText = 2048;
/// The longest that any check may take. The deadline is kept by the relay, which ends the library's
/// connection.
constexpr int kSecondsToLogIn = 300;

constexpr const char* kVersionQuery = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(120))";
constexpr const char* kEncryptionQuery =
    "SELECT CAST(encrypt_option AS nvarchar(120)) FROM sys.dm_exec_connections WHERE session_id = @@SPID";

/// What the library's handlers noticed on this thread. It knows no context of ours while it connects.
struct Noticed {
  std::optional<ServerError> server;
  std::optional<int> library;
};
thread_local Noticed* noticed = nullptr;

int on_message(DBPROCESS* /*process*/, DBINT number, int /*state*/, int severity, char* text,
               char* /*server*/, char* /*procedure*/, int /*line*/) {
  if (noticed == nullptr || severity <= kInformation || noticed->server) return 0;
  ServerError error{.number = number, .text = text == nullptr ? "" : text};
  error.text.resize(std::min(error.text.size(), kMaxPeerText));
  noticed->server = std::move(error);
  return 0;
}

int on_error(DBPROCESS* /*process*/, int /*severity*/, int number, int /*system*/, char* /*text*/,
             char* /*system_text*/) {
  if (noticed != nullptr && !noticed->library) noticed->library = number;
  return INT_CANCEL;
}

/// Made ready once for the process: what the library is told here is its own and unlocked. Null when it
/// cannot be used.
LibrarySettings* prepare_library() {
  static LibrarySettings settings;
  static const bool ready = [] {
    if (settings.path().empty() || dbinit() == FAIL) return false;
    dberrhandle(on_error);
    dbmsghandle(on_message);
    dbsetlogintime(kSecondsToLogIn);
    std::string path = settings.path();
    dbsetifile(path.data());
    return true;
  }();
  return ready ? &settings : nullptr;
}

probe::Failure library_failure(std::optional<int> number) {
  probe::Failure failure{
      .stage = probe::Stage::kSession,
      .cause = Cause::kInternal,
      .message = "The client library could not be made ready; is there memory left, and is /proc there?",
      .peer_text = {},
      .code = {}};
  if (number == SYBESEOF || number == SYBEREAD || number == SYBEWRIT) {
    failure.cause = Cause::kPeerClosed;
    failure.message = "The server closed the connection during the login.";
  } else if (number == SYBETIME) {
    failure.cause = Cause::kTimedOut;
    failure.message = "The login did not finish in time.";
  } else if (number == SYBECONN) {
    failure.message = "The client library did not come to the connection that was made for it.";
  } else if (number) {
    failure.message = "The client library gave up with error " + std::to_string(*number) + ".";
  }
  return failure;
}

/// The first cell of the first row; none when there is none or the server minds.
std::optional<std::string> ask(DBPROCESS* process, const char* query) {
  if (dbcmd(process, query) == FAIL || dbsqlexec(process) == FAIL) return std::nullopt;
  std::optional<std::string> answer;
  while (dbresults(process) == SUCCEED) {
    while (dbnextrow(process) == REG_ROW) {
      const auto* cell = reinterpret_cast<const char*>(dbdata(process, 1));
      const auto size = static_cast<std::size_t>(std::max(0, dbdatlen(process, 1)));
      if (cell != nullptr && !answer) answer.emplace(cell, std::min(size, kMaxCell));
    }
  }
  return answer;
}

probe::Tristate read_encryption(DBPROCESS* process) {
  const auto answer = ask(process, kEncryptionQuery);
  if (!answer) return probe::Tristate::kUnknown;
  if (base::equal_ignoring_case(*answer, "TRUE")) return probe::Tristate::kYes;
  return base::equal_ignoring_case(*answer, "FALSE") ? probe::Tristate::kNo : probe::Tristate::kUnknown;
}

LoginRecordPtr make_record(const LibraryLogin& login) {
  LoginRecordPtr record(dblogin());
  if (!record) return nullptr;
  const std::string name(login.username_units, 'x'), password(login.password_units, 'x');
  DBSETLVERSION(record.get(), DBVERSION_74);
  DBSETLUSER(record.get(), name.c_str());
  DBSETLPWD(record.get(), password.c_str());
  DBSETLAPP(record.get(), login.program.c_str());
  DBSETLHOST(record.get(), "tlswarden");
  DBSETLCHARSET(record.get(), "UTF-8");
  if (!login.database.empty()) DBSETLDBNAME(record.get(), login.database.c_str());
  return record;
}

}  // namespace

void forget_library_environment() {
  for (const char* name : {"TDSVER", "TDSPORT", "TDSHOST", "TDSQUERY", "DSQUERY", "TDSDUMP", "TDSDUMPCONFIG",
                           "FREETDS", "FREETDSCONF", "SYBASE"})
    ::unsetenv(name);
}

LibraryReport log_in_blocking(const LibraryLogin& login) {
  LibraryReport report;
  Noticed during_login, afterwards;
  LibrarySettings* settings = prepare_library();
  const std::string relay = settings == nullptr ? std::string() : settings->server_at(login.port);
  if (relay.empty()) {
    report.seen.failure = library_failure(std::nullopt);
    return report;
  }
  const LoginRecordPtr record = make_record(login);
  noticed = &during_login;
  const ProcessPtr process(record ? dbopen(record.get(), relay.c_str()) : nullptr);
  noticed = &afterwards;
  if (process) {
    report.seen.logged_in = true;
    report.seen.server_version = base::printable(ask(process.get(), kVersionQuery).value_or(""), kMaxCell);
    report.seen.encrypted = read_encryption(process.get());
  } else if (during_login.server) {
    report.server_spoke = true;
    report.seen.failure = describe_error(probe::Stage::kSession, *during_login.server);
  } else {
    report.seen.failure = library_failure(during_login.library);
  }
  noticed = nullptr;
  return report;
}

}  // namespace tlswarden::drivers::sqlserver
