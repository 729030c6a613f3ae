#include "probe/tls_stream.hpp"

#include <algorithm>
#include <utility>

#include "probe/io_failure.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::size_t kInputSize = std::size_t{16} * 1024;
/// A handshake takes a few kilobytes; OpenSSL itself bounds the certificates to 100 KB.
constexpr std::size_t kLargestHandshake = std::size_t{512} * 1024;
constexpr std::size_t kFirstBytes = 256;
/// More fits into no TLS extension.
constexpr std::size_t kLargestStaple = std::size_t{64} * 1024;

/// OpenSSL reports a received alert as this plus the alert's number.
constexpr int kAlertReasons = SSL_AD_REASON_OFFSET;

/// Reads and empties the thread's error queue: must happen before the coroutine gives way to another.
TlsFault take_fault() {
  const unsigned long code = ERR_get_error();
  TlsFault fault;
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    fault.reason = ERR_GET_REASON(code);
    if (fault.reason > kAlertReasons && fault.reason < kAlertReasons + 256)
      fault.alert = fault.reason - kAlertReasons;
  }
  const char* words = ERR_reason_error_string(code);
  fault.text = words != nullptr ? words : "no reason was given";
  ERR_clear_error();
  return fault;
}

std::optional<resource::TlsVersion> version_of(int number) {
  switch (number) {
    case TLS1_VERSION:
      return resource::TlsVersion::kTls10;
    case TLS1_1_VERSION:
      return resource::TlsVersion::kTls11;
    case TLS1_2_VERSION:
      return resource::TlsVersion::kTls12;
    case TLS1_3_VERSION:
      return resource::TlsVersion::kTls13;
    default:
      return std::nullopt;
  }
}

std::string group_name(SSL* ssl) {
  const int id = static_cast<int>(SSL_get_negotiated_group(ssl));
  const char* name = id == NID_undef ? nullptr : SSL_group_to_name(ssl, id);
  return name != nullptr ? name : "";
}

std::string alpn_name(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

base::Bytes stapled_response(SSL* ssl) {
  const unsigned char* response = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(ssl, static_cast<void*>(&response));
  if (response == nullptr || size <= 0) return {};
  return {response, response + std::min(static_cast<std::size_t>(size), kLargestStaple)};
}

tl::unexpected<net::IoError> broken(const TlsFault& fault) {
  return tl::unexpected(net::IoError{net::IoError::Kind::kOther, "TLS: " + fault.text});
}

}  // namespace

TlsStream::TlsStream(net::ByteStreamPtr transport, TlsContextPtr context, std::string_view server_name,
                     std::string peer, HandshakeFramingPtr framing)
    : transport_(std::move(transport)),
      context_(std::move(context)),
      peer_(std::move(peer)),
      framing_(std::move(framing)),
      ssl_(make_client_ssl(*context_, server_name, notes_)) {
  pki::BioPtr incoming(BIO_new(BIO_s_mem())), outgoing(BIO_new(BIO_s_mem()));
  if (!ssl_ || !incoming || !outgoing) {
    ssl_.reset();
    fault_ = take_fault();
    return;
  }
  incoming_ = incoming.get();
  outgoing_ = outgoing.get();
  SSL_set_bio(ssl_.get(), incoming.release(), outgoing.release());
}

TlsStream::~TlsStream() = default;

net::Awaitable<HandshakeResult> TlsStream::handshake(base::Deadline deadline,
                                                     pki::CertificateInterner& interner) {
  HandshakeResult result;
  for (;;) {
    if (!ssl_) {
      result.failure = describe(*fault_, Stage::kHandshake);
      break;
    }
    ERR_clear_error();
    const int answer = SSL_do_handshake(ssl_.get());
    const int ssl_error = SSL_get_error(ssl_.get(), answer);
    finished_ = answer == 1;
    const auto advanced = co_await advance(ssl_error, deadline);
    if (!advanced) {
      const bool tls_is_at_fault = fault_ || !looks_like_tls(first_bytes_);
      result.failure = tls_is_at_fault ? describe(fault_.value_or(TlsFault{}), Stage::kHandshake)
                                       : failure_from(advanced.error(), Stage::kHandshake, peer_);
      break;
    }
    if (finished_) {
      framing_.reset();
      break;
    }
    if (received_ > kLargestHandshake) {
      const net::IoError too_much{net::IoError::Kind::kTooMuchData, {}};
      result.failure = failure_from(too_much, Stage::kHandshake, peer_);
      break;
    }
  }
  if (ssl_) result.tls = observe(interner, result.failure);
  co_return result;
}

/// Does what OpenSSL's last answer asks for: sends what it has to say, then reads if it wants more. An error
/// once the connection is of no more use.
net::Awaitable<net::IoResult<void>> TlsStream::advance(int ssl_error, base::Deadline deadline) {
  if (ssl_error == SSL_ERROR_SSL || ssl_error == SSL_ERROR_SYSCALL) fault_ = take_fault();
  const auto flushed = co_await flush(deadline);
  if (fault_) co_return broken(*fault_);
  if (ssl_error == SSL_ERROR_ZERO_RETURN) {
    co_return tl::unexpected(net::IoError{net::IoError::Kind::kPeerClosed, "TLS was closed by the peer"});
  }
  // The peer may have said why before it stopped listening: what it sent is read first.
  if (ssl_error == SSL_ERROR_WANT_READ) co_return co_await fill(deadline);
  co_return flushed;
}

net::Awaitable<net::IoResult<void>> TlsStream::fill(base::Deadline deadline) {
  if (!input_) input_ = std::make_unique_for_overwrite<std::uint8_t[]>(kInputSize);
  const auto count = co_await transport_->read_some({input_.get(), kInputSize}, deadline);
  if (!count) co_return tl::unexpected(count.error());
  received_ += *count;
  base::ByteView records(input_.get(), *count);
  base::Bytes unwrapped;
  if (framing_) records = unwrapped = framing_->unwrap(records);
  if (first_bytes_.size() < kFirstBytes) {
    const auto first = records.first(std::min(records.size(), kFirstBytes - first_bytes_.size()));
    first_bytes_.insert(first_bytes_.end(), first.begin(), first.end());
  }
  BIO_write(incoming_, records.data(), static_cast<int>(records.size()));
  co_return net::IoResult<void>{};
}

net::Awaitable<net::IoResult<void>> TlsStream::flush(base::Deadline deadline) {
  // Reader and writer may both have something to send (an alert, a key update): one of them sends for both.
  if (flushing_) co_return net::IoResult<void>{};
  flushing_ = true;
  char* data = nullptr;
  for (long size = 0; !write_error_ && (size = BIO_get_mem_data(outgoing_, &data)) > 0;) {
    output_.assign(data, data + size);
    if (framing_) output_ = framing_->wrap(output_);
    (void)BIO_reset(outgoing_);
    const auto written = co_await transport_->write_all(output_, deadline);
    if (!written) write_error_ = written.error();
  }
  flushing_ = false;
  if (write_error_) co_return tl::unexpected(*write_error_);
  co_return net::IoResult<void>{};
}

net::Awaitable<std::optional<Failure>> TlsStream::await_refusal(base::Deadline deadline) {
  while (!notes_.ticket_received) {
    std::uint8_t byte = 0;
    ERR_clear_error();
    const int answer = SSL_peek(ssl_.get(), &byte, 1);
    if (answer > 0 || notes_.ticket_received) break;
    const auto advanced = co_await advance(SSL_get_error(ssl_.get(), answer), deadline);
    if (!advanced) break;
  }
  co_return failure(Stage::kProtocolStep);
}

net::Awaitable<net::IoResult<std::size_t>> TlsStream::read_some(std::span<std::uint8_t> buffer,
                                                                base::Deadline deadline) {
  for (;;) {
    if (fault_) co_return broken(*fault_);
    ERR_clear_error();
    std::size_t count = 0;
    const int answer = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count);
    const int ssl_error = SSL_get_error(ssl_.get(), answer);
    if (answer == 1 && BIO_ctrl_pending(outgoing_) == 0) co_return count;
    const auto advanced = co_await advance(ssl_error, deadline);
    if (answer == 1) co_return count;
    if (!advanced) co_return tl::unexpected(advanced.error());
  }
}

net::Awaitable<net::IoResult<void>> TlsStream::write_all(base::ByteView bytes, base::Deadline deadline) {
  if (fault_) co_return broken(*fault_);
  if (bytes.empty()) co_return net::IoResult<void>{};
  ERR_clear_error();
  std::size_t count = 0;
  const int answer = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  // Memory takes everything, and renegotiation is off, so there is nothing that writing could wait for.
  if (answer != 1) {
    fault_ = take_fault();
    co_return broken(*fault_);
  }
  co_return co_await flush(deadline);
}

net::Awaitable<void> TlsStream::close(base::Deadline deadline) {
  if (ssl_ && finished_ && !fault_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    co_await flush(deadline);
  }
  co_await transport_->close(deadline);
}

std::optional<Failure> TlsStream::failure(Stage stage) const {
  if (!fault_) return std::nullopt;
  return describe(*fault_, stage);
}

Failure TlsStream::describe(const TlsFault& fault, Stage stage) const {
  return tls_failure(fault, TlsCircumstances{stage, notes_.certificate_requested,
                                             notes_.certificate_requested && context_->presents_certificate(),
                                             first_bytes_, peer_});
}

TlsObservation TlsStream::observe(pki::CertificateInterner& interner, std::optional<Failure>& failure) const {
  TlsObservation tls;
  tls.finished = finished_;
  tls.client_certificate_requested = notes_.certificate_requested;
  tls.client_certificate_presented = notes_.certificate_requested && context_->presents_certificate();
  const STACK_OF(X509)* served = SSL_get_peer_cert_chain(ssl_.get());
  if (served != nullptr) {
    if (auto chain = interner.intern(served)) {
      tls.chain = *std::move(chain);
    } else if (!failure) {
      failure = Failure{Stage::kHandshake,
                        Cause::kMalformedMessage,
                        "The certificates of " + peer_ + " cannot be read: " + chain.error().message,
                        {},
                        {}};
    }
  }
  tls.staple = stapled_response(ssl_.get());
  // Before the server has chosen, OpenSSL names what was offered.
  if (!finished_ && served == nullptr) return tls;
  tls.version = version_of(SSL_version(ssl_.get()));
  if (const char* cipher = SSL_get_cipher_name(ssl_.get()); cipher != nullptr) tls.cipher = cipher;
  tls.group = group_name(ssl_.get());
  tls.alpn = alpn_name(ssl_.get());
  return tls;
}

}  // namespace tlswarden::probe
