#include "drivers/postgresql/libpq_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "drivers/postgresql/login_error.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;

// The answer to a query is a few hundred bytes; a server that sends without end is left.
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

}  // namespace

std::optional<probe::Failure> LibpqConnection::connect(const base::Secret& connection_string,
                                                       const Identity& identity) {
  install_passphrase_hook();
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
  return read_login_error(PQerrorMessage(connection_.get()), identity);
}

std::string_view LibpqConnection::parameter(const char* name) const {
  const char* value = PQparameterStatus(connection_.get(), name);
  return value != nullptr ? value : std::string_view();
}

/// libpq may open another socket between two steps, so it is asked for each time. False at the deadline.
bool LibpqConnection::wait(short events) const {
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

ResultPtr LibpqConnection::query(const char* statement) {
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

}  // namespace tlswarden::drivers::postgresql
