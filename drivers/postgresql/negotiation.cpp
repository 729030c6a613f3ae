#include "drivers/postgresql/negotiation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "drivers/postgresql/message.hpp"
#include "drivers/postgresql/server_error.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;

/// libpq's bound: a longer "length" is text of an ErrorResponse without one.
constexpr std::uint32_t kMaxErrorLength = 30000;

probe::Failure failure(Cause cause, std::string message) {
  return {
      .stage = Stage::kNegotiate, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

class Negotiation final : public probe::Conversation {
 public:
  Action start() override { return probe::Send{ssl_request(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    switch (buffer_.front()) {
      case 'S':
        return accepted();
      case 'N':
        return declined();
      case 'E':
        return error();
      default:
        return not_postgresql();
    }
  }

  Action peer_closed() override {
    if (buffer_.size() >= 5 && !has_length())
      return refused_by(parse_old_error(base::ByteView(buffer_).subspan(1)));
    return probe::Fail{
        failure(Cause::kPeerClosed,
                "The server closed the connection instead of answering SSLRequest; check that the "
                "port is PostgreSQL's and that no proxy there expects TLS first.")};
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  Action accepted() {
    if (buffer_.size() > 1) {
      return probe::Fail{
          failure(Cause::kUnexpectedBytes,
                  "Bytes follow the answer to SSLRequest before TLS has begun: someone on the way "
                  "may be injecting them, or this is not PostgreSQL.")};
    }
    findings_.tls_offer = probe::Offer::kOffered;
    return probe::StartTls{};
  }

  Action declined() {
    if (buffer_.size() > 1) return not_postgresql();
    findings_.tls_offer = probe::Offer::kNotOffered;
    return probe::Refused{
        failure(Cause::kTlsNotOffered, "The server has TLS switched off; set ssl = on in postgresql.conf.")};
  }

  /// The words of an error before TLS are unauthenticated; they are shown as the server's and decide nothing
  /// but the cause.
  Action error() {
    if (buffer_.size() < 5) return probe::NeedMore{};
    if (has_length()) {
      if (buffer_.size() < std::size_t{1} + length()) return probe::NeedMore{};
      return refused_by(parse_error(base::ByteView(buffer_).subspan(5, length() - 4)));
    }
    const bool ended = std::find(buffer_.begin(), buffer_.end(), 0) != buffer_.end();
    if (!ended && buffer_.size() <= kMaxErrorLength) return probe::NeedMore{};
    return refused_by(parse_old_error(base::ByteView(buffer_).subspan(1)));
  }

  std::uint32_t length() const {
    return std::uint32_t{buffer_[1]} << 24 | std::uint32_t{buffer_[2]} << 16 |
           std::uint32_t{buffer_[3]} << 8 | std::uint32_t{buffer_[4]};
  }
  bool has_length() const { return length() >= 8 && length() <= kMaxErrorLength; }

  Action refused_by(const ServerError& error) {
    const Identity nobody;
    auto refusal = to_failure(error, Stage::kNegotiate, nobody);
    if (error.sqlstate == "0A000" || error.sqlstate == "08P01") {
      findings_.tls_offer = probe::Offer::kNotOffered;
      refusal.cause = Cause::kTlsNotOffered;
      refusal.message = "The server does not know SSLRequest, so it has no TLS on this port.";
    } else if (refusal.cause != Cause::kServerBusy && refusal.cause != Cause::kServerStarting) {
      refusal.cause = Cause::kServerError;
      refusal.message = "The server answered SSLRequest with an error.";
    }
    return probe::Refused{std::move(refusal)};
  }

  Action not_postgresql() {
    auto fault = failure(Cause::kNotThisProtocol,
                         "The answer to SSLRequest is not PostgreSQL's; check spec.port and spec.engine.");
    fault.peer_text = std::string(text());
    return probe::Fail{std::move(fault)};
  }

  std::string_view text() const { return base::as_text(buffer_).substr(0, 2048); }

  base::Bytes buffer_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_negotiation() {
  return std::make_unique<Negotiation>();
}

}  // namespace tlswarden::drivers::postgresql
