#include "cli/server_error.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string text_of(const kube::ApiError& error) {
  std::ostringstream err;
  EXPECT_EQ(server_error(err, error), 1);
  return err.str();
}

std::string text_of(int code, const std::string& body) {
  return text_of(kube::status_error(code, body, "", "GET /x"));
}

TEST(ServerError, NotFoundIsTheServersSentenceAlone) {
  EXPECT_EQ(text_of(404, R"({"kind":"Status","reason":"NotFound","code":404,)"
                         R"("message":"databaseendpoints.tlswarden.dev \"a\" not found"})"),
            "Error from server (NotFound): databaseendpoints.tlswarden.dev \"a\" not found\n");
}

TEST(ServerError, ARefusalIsFollowedByWhatToDo) {
  const std::string text = text_of(
      403,
      R"({"kind":"Status","reason":"Forbidden","code":403,"message":"databaseendpoints is forbidden: no"})");
  EXPECT_THAT(text, StartsWith("Error from server (Forbidden): databaseendpoints is forbidden: no\n"));
  EXPECT_THAT(text, HasSubstr("RoleBinding"));
}

TEST(ServerError, AnUnknownPathIsAnUnknownResource) {
  const std::string text = text_of(404, "404 page not found\n");
  EXPECT_THAT(text, StartsWith("error: the server doesn't have a resource type \"databaseendpoints\"\n"));
  EXPECT_THAT(text, HasSubstr("chart"));
}

TEST(ServerError, ABadTokenIsALoginThatIsMissing) {
  EXPECT_THAT(
      text_of(401, R"({"kind":"Status","reason":"Unauthorized","code":401,"message":"Unauthorized"})"),
      StartsWith("error: You must be logged in to the server (Unauthorized)\n"));
}

TEST(ServerError, WhatIsInvalidIsNamedByItsKind) {
  EXPECT_EQ(
      text_of(422, R"({"kind":"Status","reason":"Invalid","code":422,)"
                   R"("message":"DatabaseEndpoint.tlswarden.dev \"a\" is invalid: spec.port: too big"})"),
      "The DatabaseEndpoint \"a\" is invalid: spec.port: too big\n");
}

TEST(ServerError, AServerOutOfReachIsSaidSo) {
  EXPECT_THAT(text_of(kube::ApiError{.kind = kube::ApiError::Kind::kUnreachable,
                                     .message = "cannot reach the API server at x"}),
              StartsWith("Unable to connect to the server: cannot reach the API server at x\n"));
}

TEST(ServerError, OurOwnTroubleIsAnError) {
  std::ostringstream err;
  EXPECT_EQ(local_error(err, "no kubeconfig"), 1);
  EXPECT_EQ(err.str(), "error: no kubeconfig\n");
}

}  // namespace
}  // namespace tlswarden::cli
