#pragma once

#include <string>

#include "drivers/mongodb/document.hpp"
#include "probe/observation.hpp"

/// What the server's replies say about it. Pure.
namespace tlswarden::drivers::mongodb {

/// From the reply to buildInfo; empty where it was refused. FerretDB's own version, as its `version` is that
/// of the MongoDB it is compatible with.
std::string version_of(const Document& build_info);

/// "MongoDB", "MongoDB (mongos)", "MongoDB Atlas" from the reply to the greeting.
std::string product_of_greeting(const Document& hello);
/// "FerretDB" from the reply to buildInfo; empty where it names no other product.
std::string product_of_build_info(const Document& build_info);

/// The setting net.tls.mode; kUnknown where the reply has none.
enum class TlsSetting { kUnknown, kDisabled, kOptional, kRequired };
/// From the replies to getParameter tlsMode (sslMode before 4.2) and to getCmdLineOpts.
TlsSetting setting_of(const Document& reply);

/// What the setting says of a session that exists: the server keeps no word on a single one.
probe::Tristate encrypted_under(TlsSetting setting);
probe::Tristate plaintext_allowed_under(TlsSetting setting);

}  // namespace tlswarden::drivers::mongodb
