#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "kube/cancellation.hpp"
#include "kube/server_address.hpp"
#include "kube/tls_contexts.hpp"
#include "kube/transport_error.hpp"

struct addrinfo;  // NOLINT(readability-identifier-naming): of <netdb.h>

namespace tlswarden::kube {

/// One TCP connection to the API server, with TLS where it is https. Blocking, but never past its deadline
/// nor past a cancellation; only looking up the server's name cannot be cut short. A peer that vanished
/// without a word is noticed by TCP keep-alive within about a minute, however long the deadline. Used by one
/// thread at a time; the process must ignore SIGPIPE.
class SocketLink {
 public:
  /// `clock` must outlive this object.
  explicit SocketLink(const base::Clock& clock) : clock_(clock) {}
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;
  ~SocketLink() { end_tls(); }

  /// Everything until the next begin() must be over by `deadline`, or when `cancellation`, which must live as
  /// long, is cancelled.
  void begin(base::Deadline deadline, const Cancellation& cancellation);
  /// `tls` is null for http. Gives the connected socket, which the caller owns and closes, after end_tls().
  base::Result<int, TransportError> connect(const ServerAddress& address, const TlsSettingPtr& tls);
  /// Sends close_notify if that needs no waiting. To be called before the socket is closed.
  void end_tls() noexcept;
  /// Whether the connection is of no use any more: between two requests the server has nothing to say but
  /// good-bye. False where there is none.
  bool stale();

  /// As read(2) and write(2): 0 at the end of the stream, -1 on an error, which problem() then tells.
  ssize_t read(char* data, std::size_t size);
  ssize_t write(const char* data, std::size_t size);
  bool readable();
  bool writable();
  const std::optional<TransportError>& problem() const { return problem_; }

 private:
  bool wait(short events);
  bool connect_to(const addrinfo& candidate);
  bool start_tls(const ServerAddress& address, const TlsSetting& tls);
  /// What to do after OpenSSL gave `result`: whether to try again.
  bool retry_after(int result);
  /// The same after the socket gave an error, once it is ready for `events`.
  bool retry_after_errno(short events);
  void fail(TransportError::Kind kind, std::string message);

  const base::Clock& clock_;
  const Cancellation* cancellation_ = nullptr;
  base::Deadline deadline_{base::MonoTime{}};
  int socket_ = -1;  ///< none: -1; owned only while connecting
  pki::SslPtr ssl_;
  TlsSettingPtr tls_;
  std::optional<TransportError> problem_;
};

}  // namespace tlswarden::kube
