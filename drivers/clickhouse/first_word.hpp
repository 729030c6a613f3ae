#pragma once

#include <optional>
#include <string>

#include "drivers/clickhouse/http_answer.hpp"
#include "drivers/clickhouse/native.hpp"

namespace tlswarden::drivers::clickhouse {

enum class Protocol { kHttp, kNative };

/// What a port is taken to speak: native on 9440 and 9000, HTTP on 8443, 8123, 443 and everywhere else. A
/// native port tells a client that comes with HTTP that it is one, so the guess may be wrong.
Protocol protocol_by_port(std::uint16_t port);

/// The first thing that is said to a port, without a secret, and its answer in whichever of the two
/// protocols. Sans-I/O; shared by the protocol step and the plaintext attempt.
class FirstWord {
 public:
  enum class State {
    kReading,
    kAnswered,  ///< by ClickHouse
    kBroken,    ///< by something else: broken() says by what
  };

  /// Where a login follows, which tells the version, /ping suffices and leaves no refused login in the
  /// server's log.
  explicit FirstWord(const probe::Target& target);

  const base::Bytes& opening() const { return opening_; }
  State feed(base::ByteView bytes);
  /// The peer ended the stream. Never kReading.
  State end();

  bool any() const { return any_; }
  /// The whole answer over HTTP, whoever gave it; null where there is none.
  const common::HttpResponse* http() const;
  const std::string& server_version() const { return version_; }
  const std::optional<ServerError>& error() const { return error_; }
  probe::Failure broken(probe::Stage stage) const;

 private:
  State take(common::HttpReader::State state);
  State take(HelloReader::State state);
  State take_response();
  State fail(probe::Cause cause);

  base::Bytes opening_;
  bool any_ = false;
  std::optional<common::HttpReader> http_;
  bool http_whole_ = false;
  std::optional<HelloReader> hello_;
  std::string version_;
  std::optional<ServerError> error_;
  probe::Cause broken_{};
};

/// The failure for a port that speaks something other than ClickHouse's protocols, or breaks them.
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::clickhouse
