#include "drivers/mongodb/library_login.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/text.hpp"
#include "drivers/mongodb/libmongoc.hpp"
#include "drivers/mongodb/server_facts.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

/// The library may be set up once only, and is never taken down: a thread of the pool may still be in it.
void set_up_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    // It would write to standard error what we report.
    mongoc_log_set_handler([](mongoc_log_level_t, const char*, const char*, void*) {}, nullptr);
    mongoc_init();
  });
}

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
UriPtr settings_of(const LibraryLogin& login, const SecretText& user, const SecretText& password) {
  UriPtr uri(mongoc_uri_new(("mongodb://" + base::percent_encoded(login.socket_path)).c_str()));
  if (!uri) return uri;
  const auto patience =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(login.patience.count(), 1, 3600000));
  for (const auto* option :
       {MONGOC_URI_CONNECTTIMEOUTMS, MONGOC_URI_SOCKETTIMEOUTMS, MONGOC_URI_SERVERSELECTIONTIMEOUTMS})
    mongoc_uri_set_option_as_int32(uri.get(), option, patience);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_SERVERSELECTIONTRYONCE, true);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_DIRECTCONNECTION, true);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYREADS, false);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_TLS, false);
  mongoc_uri_set_username(uri.get(), user.c_str());
  if (login.by_certificate) {
    mongoc_uri_set_auth_mechanism(uri.get(), "MONGODB-X509");
    mongoc_uri_set_auth_source(uri.get(), "$external");
  } else {
    mongoc_uri_set_password(uri.get(), password.c_str());
    mongoc_uri_set_auth_source(uri.get(), login.database.empty() ? "admin" : login.database.c_str());
  }
  return uri;
}

probe::Failure failure_of(probe::Cause cause, std::string message) {
  return {.stage = probe::Stage::kSession,
          .cause = cause,
          .message = std::move(message),
          .peer_text = {},
          .code = {}};
}

/// The reply, be it an error, or nothing where there is none; then `error` says why.
std::optional<Document> ask(mongoc_client_t* client, const bson_t* question, bson_error_t& error) {
  bson_t reply;
  const bool succeeded = mongoc_client_command_simple(client, "admin", question, nullptr, &reply, &error);
  auto document = Document::at_front_of({bson_get_data(&reply), reply.len});
  bson_destroy(&reply);
  if (!succeeded && error.domain != MONGOC_ERROR_SERVER) return std::nullopt;
  return document;
}

/// The parameter is what holds now, the options are what the server was started with.
TlsSetting ask_setting(mongoc_client_t* client) {
  bson_error_t error{};
  const BsonPtr parameter(BCON_NEW("getParameter", BCON_INT32(1), "tlsMode", BCON_INT32(1)));
  const BsonPtr options(BCON_NEW("getCmdLineOpts", BCON_INT32(1)));
  for (const auto* question : {parameter.get(), options.get()}) {
    const auto reply = ask(client, question, error);
    if (!reply) break;
    const auto setting = setting_of(*reply);
    if (setting != TlsSetting::kUnknown) return setting;
  }
  return TlsSetting::kUnknown;
}

void log_in(mongoc_client_t* client, LibraryReport& report) {
  bson_error_t error{};
  const BsonPtr question(BCON_NEW("buildInfo", BCON_INT32(1)));
  const auto build_info = ask(client, question.get(), error);
  if (!build_info) {
    report.refused = error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE;
    report.words = error.message;
    return;
  }
  // A command gets to the server only behind the login.
  report.seen.logged_in = true;
  report.seen.server_version = version_of(*build_info);
  const auto setting = ask_setting(client);
  report.seen.encrypted = encrypted_under(setting);
  report.seen.plaintext_allowed = plaintext_allowed_under(setting);
}

}  // namespace

LibraryReport log_in_blocking(const LibraryLogin& login) {
  set_up_library();
  LibraryReport report;
  const SecretText user(login.credentials->username), password(login.credentials->password);
  if (login.credentials->username.empty()) {
    report.seen.failure =
        failure_of(probe::Cause::kUnsupported,
                   "MongoDB knows no login without a user name; declare spec.auth.username.");
    return report;
  }
  if (user.has_nul() || password.has_nul()) {
    report.seen.failure =
        failure_of(probe::Cause::kUnsupported,
                   "The declared user name or password contains a NUL byte, which MongoDB cannot take.");
    return report;
  }
  const UriPtr uri = settings_of(login, user, password);
  const ClientPtr client(uri ? mongoc_client_new_from_uri(uri.get()) : nullptr);
  if (!client) {
    report.seen.failure = failure_of(probe::Cause::kInternal,
                                     "The client library cannot connect to a socket in the directory for "
                                     "temporary files; set TMPDIR to one without a colon.");
    return report;
  }
  mongoc_client_set_error_api(client.get(), MONGOC_ERROR_API_VERSION_2);
  mongoc_client_set_appname(client.get(), "tlswarden");
  log_in(client.get(), report);
  return report;
}

}  // namespace tlswarden::drivers::mongodb
