#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/byte_stream.hpp"
#include "pki/certificate_interner.hpp"
#include "probe/handshake_framing.hpp"
#include "probe/observation.hpp"
#include "probe/tls_context.hpp"
#include "probe/tls_failure.hpp"

namespace tlswarden::probe {

/// What a handshake showed, also where it failed: a chain that was served is in `tls` even then.
struct HandshakeResult {
  TlsObservation tls;
  std::optional<Failure> failure;
};

/// A TLS client upon any stream. Nothing that the server presents is refused here; judging is for the caller.
/// Bound to the loop of the stream below. One coroutine may read while another writes.
class TlsStream final : public net::ByteStream {
 public:
  /// `peer` is for messages: "10.0.0.7:5432". `framing` packs the handshake; null: nothing does.
  TlsStream(net::ByteStreamPtr transport, TlsContextPtr context, std::string_view server_name,
            std::string peer, HandshakeFramingPtr framing = nullptr);
  ~TlsStream() override;

  /// Call before anything else. After kTimedOut it may be called again, and goes on where it stood.
  net::Awaitable<HandshakeResult> handshake(base::Deadline deadline, pki::CertificateInterner& interner);
  /// Whether the server has answered anything at all so far.
  bool answered() const { return received_ > 0; }
  /// Gives a TLS 1.3 server that asked for a client certificate until `deadline` to refuse the one it got, or
  /// none: it judges only after our side of the handshake is over, and its alert is lost if we write first.
  /// The failure, or nothing when the server accepted, spoke, or kept silent. Data that arrived stays to be
  /// read.
  net::Awaitable<std::optional<Failure>> await_refusal(base::Deadline deadline);
  /// Leaves TLS without a word and gives the stream below back, for another handshake upon it. Nothing may
  /// have arrived that was not read; this stream is of no use afterwards.
  net::ByteStreamPtr release() { return std::move(transport_); }
  /// Why TLS broke while reading or writing, when it was TLS that broke and not the stream below.
  std::optional<Failure> failure(Stage stage) const;

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline deadline) override;
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline deadline) override;
  net::Awaitable<void> close(base::Deadline deadline) override;

 private:
  net::Awaitable<net::IoResult<void>> fill(base::Deadline deadline);
  net::Awaitable<net::IoResult<void>> flush(base::Deadline deadline);
  net::Awaitable<net::IoResult<void>> advance(int ssl_error, base::Deadline deadline);
  TlsObservation observe(pki::CertificateInterner& interner, std::optional<Failure>& failure) const;
  Failure describe(const TlsFault& fault, Stage stage) const;

  net::ByteStreamPtr transport_;
  TlsContextPtr context_;
  std::string peer_;
  HandshakeFramingPtr framing_;  ///< null once the handshake is over
  HandshakeNotes notes_;
  pki::SslPtr ssl_;
  BIO* incoming_ = nullptr;  ///< owned by ssl_, as is outgoing_
  BIO* outgoing_ = nullptr;

  std::unique_ptr<std::uint8_t[]> input_;
  base::Bytes output_;
  bool flushing_ = false;
  bool finished_ = false;
  std::optional<net::IoError> write_error_;
  std::optional<TlsFault> fault_;
  std::size_t received_ = 0;
  base::Bytes first_bytes_;
};

}  // namespace tlswarden::probe
