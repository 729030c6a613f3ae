#pragma once

#include <string>

#include "drivers/common/relay.hpp"
#include "drivers/sqlserver/packet.hpp"
#include "drivers/sqlserver/wire_credentials.hpp"

namespace tlswarden::drivers::sqlserver {

/// Lets FreeTDS log in over a connection that is past its PRELOGIN, and past TLS if it has any. The library
/// believes to be on a plain one: it is given the server's own PRELOGIN reply with "no encryption" in it, and
/// its PRELOGIN goes nowhere. Its LOGIN7 carries placeholders of the right length, which become the real name
/// and password here, so that the library never knows them and cannot send them anywhere else. Because they
/// are filled in for whoever comes, and any process of the machine may come first, the login must also name
/// token() as its program. The server's answer is withheld where it sends the library to another server,
/// which the library would follow on a connection of its own. What comes after it passes untouched.
class LoginFilter final : public common::RelayFilter {
 public:
  /// `greeting` is the server's reply, packet header included.
  LoginFilter(base::Bytes greeting, WireCredentials credentials);

  base::Result<base::Bytes, probe::Failure> opening() override;
  base::Result<base::Bytes, probe::Failure> to_server(base::ByteView bytes) override;
  base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) override;

  /// What the library must give as its program's name: random, and known to nobody else.
  const std::string& token() const { return token_; }

 private:
  enum class Phase { kPrelogin, kLogin, kThrough };

  base::Result<base::Bytes, probe::Failure> fill_in(base::ByteView login) const;

  base::Bytes greeting_;
  WireCredentials credentials_;
  std::string token_;
  Phase phase_ = Phase::kPrelogin;
  MessageReader prelogin_, login_, reply_;
  bool replied_ = false;
};

}  // namespace tlswarden::drivers::sqlserver
