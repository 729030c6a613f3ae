#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "pki/material.hpp"
#include "resource/engine.hpp"

namespace tlswarden::probe {

/// What a login needs. Shared because a check may outlive the reload that replaced them.
struct Credentials {
  base::Secret username, password;
};
using CredentialsPtr = std::shared_ptr<const Credentials>;

/// One endpoint to look at: the spec, resolved. A value.
struct Target {
  std::string key;  ///< "namespace/name", for logs and limits
  resource::Engine engine{};
  std::string host;
  std::uint16_t port = 0;
  bool seed_list = false;      ///< `host` stands for the members of a MongoDB seed list
  bool all_addresses = false;  ///< look at every address behind the name, not only at the first that answers
  std::string verified_name;   ///< SNI (unless an IP) and the name that certificates are compared with
  resource::TlsMode mode{};    ///< the declared mode: credentials need a channel at least this strong
  resource::NegotiationStyle negotiation{};
  resource::TlsVersion min_version{};
  pki::Material material;
  CredentialsPtr credentials;         ///< null: no login
  std::string database;               ///< empty: the engine's default
  base::Seconds timeout{10};          ///< the whole check
  bool plaintext_due = false;         ///< attempt the session without TLS as well
  bool legacy_protocols_due = false;  ///< offer the protocol versions below min_version as well
  bool transcript = false;            ///< record every stage's words
};

}  // namespace tlswarden::probe
