#include "net/system_error.hpp"

#include <netdb.h>

#include <boost/asio/error.hpp>

namespace tlswarden::net {
namespace {

IoError::Kind kind_of(const boost::system::error_code& error) {
  namespace asio = boost::asio;
  if (error == asio::error::eof) return IoError::Kind::kPeerClosed;
  if (error == asio::error::operation_aborted) return IoError::Kind::kCancelled;
  if (error == asio::error::connection_refused) return IoError::Kind::kConnectionRefused;
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
      error == asio::error::connection_aborted || error == asio::error::not_connected) {
    return IoError::Kind::kConnectionReset;
  }
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
      error == asio::error::network_down) {
    return IoError::Kind::kNetworkUnreachable;
  }
  // The kernel's own limit on connecting, below our deadline.
  if (error == asio::error::timed_out) return IoError::Kind::kTimedOut;
  return IoError::Kind::kOther;
}

}  // namespace

IoError io_error_from(const boost::system::error_code& error) {
  return IoError{kind_of(error), error.message()};
}

IoError resolver_error_from(int code, int system_errno) {
  switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
      return IoError{IoError::Kind::kNameNotFound, gai_strerror(code)};
    case EAI_SYSTEM:
      return IoError{IoError::Kind::kResolverFailure,
                     boost::system::error_code(system_errno, boost::system::system_category()).message()};
    case EAI_AGAIN:
    case EAI_FAIL:
      return IoError{IoError::Kind::kResolverFailure, gai_strerror(code)};
    default:
      return IoError{IoError::Kind::kOther, gai_strerror(code)};
  }
}

}  // namespace tlswarden::net
