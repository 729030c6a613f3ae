#include "probe/io_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tlswarden::probe {
namespace {

using Kind = net::IoError::Kind;

struct IoCase {
  Kind kind;
  Cause cause;
};

class IoErrorAtAnyStage : public testing::TestWithParam<IoCase> {};

TEST_P(IoErrorAtAnyStage, BecomesThisCauseAndNamesThePeer) {
  for (int stage = 0; stage <= static_cast<int>(Stage::kSession); ++stage) {
    const Failure failure =
        failure_from({GetParam().kind, "system words"}, static_cast<Stage>(stage), "db:5432");
    EXPECT_EQ(failure.cause, GetParam().cause);
    EXPECT_EQ(failure.stage, static_cast<Stage>(stage));
    EXPECT_TRUE(failure.peer_text.empty());
    if (GetParam().kind != Kind::kCancelled) {
      EXPECT_THAT(failure.message, testing::HasSubstr("db:5432"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, IoErrorAtAnyStage,
                         testing::Values(IoCase{Kind::kTimedOut, Cause::kTimedOut},
                                         IoCase{Kind::kNameNotFound, Cause::kNameNotFound},
                                         IoCase{Kind::kResolverFailure, Cause::kResolverFailure},
                                         IoCase{Kind::kConnectionRefused, Cause::kConnectionRefused},
                                         IoCase{Kind::kConnectionReset, Cause::kConnectionReset},
                                         IoCase{Kind::kNetworkUnreachable, Cause::kNetworkUnreachable},
                                         IoCase{Kind::kPeerClosed, Cause::kPeerClosed},
                                         IoCase{Kind::kTooMuchData, Cause::kMessageTooLarge},
                                         IoCase{Kind::kCancelled, Cause::kCancelled},
                                         IoCase{Kind::kOther, Cause::kInternal}));

}  // namespace
}  // namespace tlswarden::probe
