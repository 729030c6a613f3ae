#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "probe/target.hpp"

/// What is asked of etcd, over HTTP/1.1: the paths that every release since 3.4 has.
/// https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
namespace tlswarden::drivers::etcd {

/// GET /version and GET /health need no login, also where authentication is on. `last`: nothing follows on
/// this connection.
base::Bytes version_request(const probe::Target& target, bool last);
base::Bytes health_request(const probe::Target& target);

/// POST to the JSON gateway. `token` (of /v3/auth/authenticate) may be empty. Precondition: it fits_field().
base::Secret gateway_request(const probe::Target& target, std::string_view path, std::string_view token,
                             const base::Secret& body);

/// The body of /v3/auth/authenticate. A password of bytes that are not UTF-8 goes as it is, and the server
/// refuses it.
base::Secret authenticate_body(const probe::Credentials& credentials);

}  // namespace tlswarden::drivers::etcd
