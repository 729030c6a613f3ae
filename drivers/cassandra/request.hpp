#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"

/// The requests that we send, whole frames on stream 0. native_protocol_v4.spec, section 4.1
namespace tlswarden::drivers::cassandra {

base::Bytes options_request();

/// `options` are shorter than 64 KiB each. CQL_VERSION, which the protocol demands, is added.
base::Secret startup_request(const std::vector<std::pair<std::string_view, std::string_view>>& options);

/// At consistency ONE and with at most 16 rows in the answer.
base::Secret query_request(std::string_view query);

/// AUTH_RESPONSE with that token.
base::Secret auth_response(std::string_view token);

/// The token of SASL PLAIN (RFC 4616) without an authorization identity, as PasswordAuthenticator takes it.
base::Secret auth_response(const base::Secret& username, const base::Secret& password);

}  // namespace tlswarden::drivers::cassandra
