#include "cli/validate_verb.hpp"

#include <gmock/gmock.h>

#include "surroundings_for_test.hpp"
#include "temporary_directory.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;

class Validate : public SurroundingsForTest {
 protected:
  int validate(const std::string& text) {
    return run_validate({{directory_.write("a.yaml", text)}}, surroundings());
  }
  TemporaryDirectory directory_;
};

TEST_F(Validate, CountsValidEndpoints) {
  EXPECT_EQ(validate(manifest_of("a") + "---\n" + manifest_of("b")), 0);
  EXPECT_EQ(out(), "2 endpoints valid\n");
  EXPECT_EQ(err(), "");
}

TEST_F(Validate, ReportsEveryViolation) {
  EXPECT_EQ(validate(manifest_of("a", "  colour: red\n  port: 0\n") + "---\n" + manifest_of("b")), 2);
  EXPECT_EQ(out(), "1 endpoint valid, 2 errors\n");
  EXPECT_THAT(err(), HasSubstr("spec.colour"));
  EXPECT_THAT(err(), HasSubstr("spec.port"));
}

TEST_F(Validate, FindsAFileThatIsNotThere) {
  EXPECT_EQ(validate(manifest_of("a", "  tls: {mode: verify-ca, ca: {file: missing.pem}}\n")), 2);
  EXPECT_THAT(err(), HasSubstr("a.yaml:1: spec.tls.ca: a: "));
  EXPECT_THAT(err(), HasSubstr("missing.pem"));
}

TEST_F(Validate, FindsAKeyThatDoesNotBelongToItsCertificate) {
  const auto pki = test_support::demo_pki(clock_.now());
  const auto other = test_support::demo_pki(clock_.now());
  directory_.write("client.crt", pki.leaf.certificate_pem);
  directory_.write("client.key", other.leaf.key_pem);
  EXPECT_EQ(validate(manifest_of("a",
                                 "  tls:\n    mode: require\n    clientCertificate: {file: client.crt}\n"
                                 "    clientKey: {file: client.key}\n")),
            2);
  EXPECT_THAT(err(), HasSubstr("spec.tls.clientKey"));
}

TEST_F(Validate, AcceptsMaterialThatIsInOrder) {
  const auto pki = test_support::demo_pki(clock_.now());
  directory_.write("ca.pem", pki.root.certificate_pem);
  EXPECT_EQ(validate(manifest_of("a", "  tls: {mode: verify-full, ca: {file: ca.pem}}\n")), 0) << err();
}

TEST_F(Validate, WarnsOfAnEngineWithoutADriver) {
  class NoDrivers final : public probe::DriverRegistry {
    const probe::Driver* find(resource::Engine) const override { return nullptr; }
  };
  drivers_ = std::make_unique<NoDrivers>();
  EXPECT_EQ(validate("apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: a}\n"
                     "spec: {engine: etcd, host: localhost}\n"),
            0);
  EXPECT_THAT(err(), HasSubstr("this build has no driver for etcd"));
}

TEST_F(Validate, AsksForAFile) {
  EXPECT_EQ(run_validate({}, surroundings()), 3);
  EXPECT_THAT(err(), HasSubstr("name what to validate"));
}

}  // namespace
}  // namespace tlswarden::cli
