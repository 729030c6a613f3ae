#include "drivers/postgresql/login.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "drivers/postgresql/libpq.hpp"
#include "drivers/postgresql/login_error.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;
using probe::Tristate;

constexpr const char* kSessionQuery =
    "SELECT ssl, version, cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()";
constexpr std::size_t kMaxWord = 128;
// The answer to the query is a few hundred bytes; a server that sends without end is left.
constexpr int kMaxReads = 64;

/// libpq asks for the passphrase of an encrypted key on the terminal unless a hook answers. Keys come to it
/// decrypted, so an empty answer is right: a key that is encrypted after all fails to load instead of waiting
/// for a person.
int no_passphrase(char*, int, PGconn*) {
  return 0;
}
void ignore_notice(void*, const PGresult*) {}

void install_passphrase_hook() {
  static const bool installed = [] {
    PQsetSSLKeyPassHook_OpenSSL(no_passphrase);
    return true;
  }();
  static_cast<void>(installed);
}

probe::Failure failure(Cause cause, std::string message) {
  return {.stage = probe::Stage::kSession,
          .cause = cause,
          .message = std::move(message),
          .peer_text = {},
          .code = {}};
}

class Login {
 public:
  Login(const Identity& identity, base::Deadline deadline, const base::Clock& clock)
      : identity_(identity), deadline_(deadline), clock_(clock) {}

  std::optional<probe::Failure> connect(const base::Secret& connection_string) {
    connection_.reset(PQconnectStart(reinterpret_cast<const char*>(connection_string.bytes().data())));
    if (!connection_) return failure(Cause::kInternal, "There is no memory for a connection.");
    PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
    auto state = PGRES_POLLING_WRITING;
    while (PQstatus(connection_.get()) != CONNECTION_BAD && state != PGRES_POLLING_FAILED) {
      if (state == PGRES_POLLING_OK) return std::nullopt;
      if (!wait(state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN)) {
        return failure(Cause::kTimedOut, "The login was not over within spec.timeout.");
      }
      state = PQconnectPoll(connection_.get());
    }
    return read_login_error(PQerrorMessage(connection_.get()), identity_);
  }

  void read_version(probe::SessionObservation& seen) const {
    for (const char* name : {"crdb_version", "server_version"}) {
      const char* value = PQparameterStatus(connection_.get(), name);
      if (value == nullptr) continue;
      seen.server_version = base::printable(value, kMaxWord);
      return;
    }
  }

  void ask_encryption(probe::SessionObservation& seen) {
    const auto result = query(kSessionQuery);
    if (!result || PQresultStatus(result.get()) != PGRES_TUPLES_OK || PQntuples(result.get()) != 1 ||
        PQnfields(result.get()) != 3) {
      seen.failure = failure(Cause::kServerError,
                             "The server did not tell from pg_stat_ssl whether the session is encrypted.");
      if (result) seen.failure->peer_text = std::string(PQresultErrorMessage(result.get())).substr(0, 2048);
      return;
    }
    const std::string_view ssl = PQgetvalue(result.get(), 0, 0);
    if (ssl == "t") seen.encrypted = Tristate::kYes;
    if (ssl == "f") seen.encrypted = Tristate::kNo;
    seen.protocol = base::printable(PQgetvalue(result.get(), 0, 1), kMaxWord);
    seen.cipher = base::printable(PQgetvalue(result.get(), 0, 2), kMaxWord);
  }

 private:
  /// libpq may open another socket between two steps, so it is asked for each time. False at the deadline.
  bool wait(short events) const {
    using std::chrono::milliseconds;
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(deadline_.left(clock_.monotonic()));
      if (left.count() == 0) return false;
      pollfd entry{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
      const auto span = std::min<long long>(left.count(), std::numeric_limits<int>::max());
      const int ready = ::poll(&entry, 1, static_cast<int>(span));
      if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    }
  }

  /// The last result of one statement; null at the deadline or when the connection broke.
  ResultPtr query(const char* statement) {
    ResultPtr last;
    if (PQsendQuery(connection_.get(), statement) == 0) return last;
    int reads = 0;
    while (true) {
      while (PQisBusy(connection_.get()) != 0) {
        if (++reads > kMaxReads || !wait(POLLIN) || PQconsumeInput(connection_.get()) == 0) return nullptr;
      }
      ResultPtr next(PQgetResult(connection_.get()));
      if (!next) return last;
      last = std::move(next);
    }
  }

  const Identity& identity_;
  base::Deadline deadline_;
  const base::Clock& clock_;
  ConnectionPtr connection_;
};

}  // namespace

probe::SessionObservation log_in(const ConnectionSettings& settings, const Identity& identity,
                                 base::Deadline deadline, const base::Clock& clock) {
  install_passphrase_hook();
  probe::SessionObservation seen;
  Login login(identity, deadline, clock);
  seen.failure = login.connect(settings.connection_string());
  if (seen.failure) return seen;
  seen.logged_in = true;
  login.read_version(seen);
  login.ask_encryption(seen);
  return seen;
}

}  // namespace tlswarden::drivers::postgresql
