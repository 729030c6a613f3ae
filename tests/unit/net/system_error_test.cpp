#include "net/system_error.hpp"

#include <gtest/gtest.h>
#include <netdb.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace tlswarden::net {
namespace {

using Kind = IoError::Kind;

struct ErrnoCase {
  int number;
  Kind kind;
};

class ErrnoOfASocket : public testing::TestWithParam<ErrnoCase> {};

TEST_P(ErrnoOfASocket, MeansThis) {
  const boost::system::error_code error(GetParam().number, boost::system::system_category());
  EXPECT_EQ(io_error_from(error).kind, GetParam().kind) << error.message();
  EXPECT_FALSE(io_error_from(error).message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, ErrnoOfASocket,
    testing::Values(ErrnoCase{ECONNREFUSED, Kind::kConnectionRefused},
                    ErrnoCase{ECONNRESET, Kind::kConnectionReset}, ErrnoCase{EPIPE, Kind::kConnectionReset},
                    ErrnoCase{ECONNABORTED, Kind::kConnectionReset},
                    ErrnoCase{ENETUNREACH, Kind::kNetworkUnreachable},
                    ErrnoCase{EHOSTUNREACH, Kind::kNetworkUnreachable},
                    ErrnoCase{ENETDOWN, Kind::kNetworkUnreachable}, ErrnoCase{ETIMEDOUT, Kind::kTimedOut},
                    ErrnoCase{ECANCELED, Kind::kCancelled}, ErrnoCase{EACCES, Kind::kOther}));

TEST(EndOfStream, IsThePeerClosing) {
  EXPECT_EQ(io_error_from(boost::asio::error::eof).kind, Kind::kPeerClosed);
}

TEST(ResolverAnswers, TellAMissingNameFromAResolverInTrouble) {
  EXPECT_EQ(resolver_error_from(EAI_NONAME, 0).kind, Kind::kNameNotFound);
  EXPECT_EQ(resolver_error_from(EAI_NODATA, 0).kind, Kind::kNameNotFound);
  EXPECT_EQ(resolver_error_from(EAI_AGAIN, 0).kind, Kind::kResolverFailure);
  EXPECT_EQ(resolver_error_from(EAI_FAIL, 0).kind, Kind::kResolverFailure);
  EXPECT_EQ(resolver_error_from(EAI_MEMORY, 0).kind, Kind::kOther);
  const IoError system = resolver_error_from(EAI_SYSTEM, EMFILE);
  EXPECT_EQ(system.kind, Kind::kResolverFailure);
  EXPECT_EQ(system.message, "Too many open files");
}

}  // namespace
}  // namespace tlswarden::net
