#pragma once

#include <optional>
#include <string>

#include "drivers/clickhouse/server_error.hpp"
#include "drivers/common/http_message.hpp"
#include "probe/target.hpp"

/// What is asked over HTTP and what the answers mean. https://clickhouse.com/docs/interfaces/http
namespace tlswarden::drivers::clickhouse {

/// GET /ping, which needs no login and leaves nothing in the server's log. `last`: nothing follows on this
/// connection.
base::Secret ping_request(const probe::Target& target, bool last);

/// A query by a made-up user without a password: the refusal tells the version (ClickHouse 20 and later).
base::Secret made_up_query(const probe::Target& target);

/// SELECT version() by the declared user. Nothing where a header cannot carry the name or the password.
std::optional<base::Secret> version_query(const probe::Target& target);

/// Whose an answer is.
enum class Speaker {
  kHttpInterface,
  kNativePort,  ///< the native port's word to a client that came with HTTP
  kOther,       ///< some other web server
};
Speaker speaker_of(const common::HttpResponse& response);

/// The exception in an answer; nothing where it is none.
std::optional<ServerError> error_in(const common::HttpResponse& response);

/// The version that an answer tells, as the result of the query or within an exception; empty if none.
std::string version_of(const common::HttpResponse& response);

}  // namespace tlswarden::drivers::clickhouse
