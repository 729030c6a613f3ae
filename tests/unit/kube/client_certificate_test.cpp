#include "kube/client_certificate.hpp"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};

class ClientCertificateTest : public ::testing::Test {
 protected:
  static test_support::Minted minted(const char* name) {
    return test_support::mint({.common_name = name,
                               .not_before = kNow - std::chrono::hours(1),
                               .not_after = kNow + std::chrono::hours(1)});
  }
  std::string current() {
    const auto identity = certificate_.current();
    return identity ? (*identity)->chain.front()->facts.common_name : "error: " + identity.error().message;
  }
  store::Scratch scratch_;
  test_support::FakeClock clock_{kNow};
  PemSource certificate_source_{.data = {}, .file = (scratch_ / "tls.crt").string()};
  PemSource key_source_{.data = {}, .file = (scratch_ / "tls.key").string()};
  ClientCertificate certificate_{certificate_source_, key_source_, clock_};
};

TEST_F(ClientCertificateTest, a_renewed_pair_is_taken_after_five_minutes_and_else_the_same_one_is_given) {
  const auto first = minted("first"), second = minted("second");
  scratch_.write("tls.crt", first.certificate_pem);
  scratch_.write("tls.key", first.key_pem);
  const auto before = certificate_.current();
  ASSERT_TRUE(before) << before.error().message;
  scratch_.replace("tls.crt", second.certificate_pem);
  scratch_.replace("tls.key", second.key_pem);
  clock_.advance(base::Seconds(299));
  EXPECT_EQ(*certificate_.current(), *before);
  clock_.advance(base::Seconds(1));
  EXPECT_EQ(current(), "second");
}

TEST_F(ClientCertificateTest, half_a_renewal_leaves_the_old_pair_until_the_other_half_comes) {
  const auto first = minted("first"), second = minted("second");
  scratch_.write("tls.crt", first.certificate_pem);
  scratch_.write("tls.key", first.key_pem);
  EXPECT_EQ(current(), "first");
  scratch_.replace("tls.crt", second.certificate_pem);
  clock_.advance(base::Seconds(300));
  EXPECT_EQ(current(), "first");
  scratch_.replace("tls.key", second.key_pem);
  EXPECT_EQ(current(), "second");
}

TEST_F(ClientCertificateTest, a_pair_that_never_matched_is_an_error_without_its_content) {
  const auto first = minted("first"), second = minted("second");
  scratch_.write("tls.crt", first.certificate_pem);
  scratch_.write("tls.key", second.key_pem);
  EXPECT_THAT(current(), ::testing::AllOf(::testing::HasSubstr("client certificate and key"),
                                          ::testing::Not(::testing::HasSubstr("BEGIN"))));
  scratch_.write("tls.key", "rubbish");
  clock_.advance(base::Seconds(300));
  EXPECT_THAT(current(), ::testing::HasSubstr("client key for the API server"));
}

}  // namespace
}  // namespace tlswarden::kube
