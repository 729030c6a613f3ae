#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"
#include "drivers/common/http_message.hpp"
#include "probe/failure.hpp"
#include "probe/observation.hpp"

/// What etcd's answers mean. Pure; the answers are hostile and bounded by the HTTP reader.
namespace tlswarden::drivers::etcd {

/// The server's version out of the answer to /version; nothing where it is not etcd's.
std::optional<std::string> version_of(const common::HttpResponse& response);

/// What the answer to /health says; unknown where it is not etcd's. The gRPC proxy has this page, and none
/// for the version.
probe::Tristate healthy_by(const common::HttpResponse& response);

/// The token in the answer to /v3/auth/authenticate; empty where there is none that a header can carry.
base::Secret token_in(const common::HttpResponse& response);

/// What the answer to /v3/maintenance/status says.
struct Status {
  std::string version;
  std::string member_id;  ///< of the member that answered
};
Status status_in(const common::HttpResponse& response);

/// Whether the member of that id takes clients over TLS alone, by the URLs that it advertises to them in the
/// answer to /v3/cluster/member/list. A listener of etcd's is TLS or is not, so where all URLs agree that is
/// the server's word on this session too.
probe::Tristate encrypted_by(const common::HttpResponse& members, std::string_view member_id);

/// The failure that an answer of the gateway is at the stage of the login; nothing where it is a success.
std::optional<probe::Failure> failure_in(const common::HttpResponse& response);

/// The failure for an answer that is not etcd's, that is broken, or that never came.
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::etcd
