#include "probe/channel_strength.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mint.hpp"

namespace tlswarden::probe {
namespace {

using resource::TlsMode;
using testing::HasSubstr;

const base::WallTime kNow{base::Seconds(1'750'000'000)};

class ChannelStrength : public testing::Test {
 protected:
  Target target(TlsMode mode) const {
    Target target;
    target.engine = resource::Engine::kPostgresql;
    target.mode = mode;
    target.verified_name = "localhost";
    target.material.trust = test_support::store_of({&pki_.root});
    return target;
  }
  pki::Chain chain() const { return test_support::chain_of({&pki_.leaf, &pki_.intermediate}); }
  std::optional<Failure> judge(const Target& declared, bool encrypted, const pki::Chain& served) {
    return too_weak(declared, Channel{encrypted, served}, kNow, cache_);
  }

  test_support::DemoPki pki_ = test_support::demo_pki(kNow);
  pki::VerificationCache cache_;
};

TEST_F(ChannelStrength, AGoodEncryptedChannelServesEveryMode) {
  for (const TlsMode mode : resource::kAllModes) {
    EXPECT_FALSE(judge(target(mode), true, chain())) << to_string(mode);
  }
}

TEST_F(ChannelStrength, PlaintextServesOnlyDisableAndPrefer) {
  for (const TlsMode mode : resource::kAllModes) {
    const auto weak = judge(target(mode), false, {});
    EXPECT_EQ(weak.has_value(), mode >= TlsMode::kRequire) << to_string(mode);
    if (!weak) continue;
    EXPECT_EQ(weak->stage, Stage::kSession);
    EXPECT_EQ(weak->cause, Cause::kChannelTooWeak);
    EXPECT_THAT(weak->message, HasSubstr("not encrypted"));
  }
}

TEST_F(ChannelStrength, AnUntrustedChainServesUpToRequire) {
  const test_support::DemoPki stranger = test_support::demo_pki(kNow);
  const pki::Chain served = test_support::chain_of({&stranger.leaf, &stranger.intermediate});
  for (const TlsMode mode : resource::kAllModes) {
    EXPECT_EQ(judge(target(mode), true, served).has_value(), mode >= TlsMode::kVerifyCa) << to_string(mode);
  }
}

TEST_F(ChannelStrength, AnExpiredChainServesUpToRequire) {
  const base::WallTime later = kNow + base::Seconds(365 * 86400);
  for (const TlsMode mode : resource::kAllModes) {
    const auto weak = too_weak(target(mode), Channel{true, chain()}, later, cache_);
    EXPECT_EQ(weak.has_value(), mode >= TlsMode::kVerifyCa) << to_string(mode);
  }
}

TEST_F(ChannelStrength, AMissingIntermediateServesUpToRequire) {
  const pki::Chain served = test_support::chain_of({&pki_.leaf});
  EXPECT_FALSE(judge(target(TlsMode::kRequire), true, served));
  EXPECT_TRUE(judge(target(TlsMode::kVerifyCa), true, served));
}

TEST_F(ChannelStrength, AnotherNameServesUpToVerifyCa) {
  for (const TlsMode mode : resource::kAllModes) {
    Target elsewhere = target(mode);
    elsewhere.verified_name = "orders.db.internal";
    const auto weak = judge(elsewhere, true, chain());
    EXPECT_EQ(weak.has_value(), mode == TlsMode::kVerifyFull) << to_string(mode);
    if (weak) {
      EXPECT_THAT(weak->message, HasSubstr("not for orders.db.internal"));
    }
  }
}

TEST_F(ChannelStrength, ComparesNamesAsTheEnginesClientDoes) {
  const test_support::Minted by_cn = test_support::mint(
      {.common_name = "db.internal", .not_before = kNow, .not_after = kNow + base::Seconds(86400)},
      &pki_.root);
  const pki::Chain served = test_support::chain_of({&by_cn});
  Target declared = target(TlsMode::kVerifyFull);
  declared.verified_name = "db.internal";
  EXPECT_FALSE(judge(declared, true, served));
  declared.engine = resource::Engine::kRedis;
  EXPECT_EQ(judge(declared, true, served).has_value(),
            resource::engine_facts(resource::Engine::kRedis).names == resource::NameRules::kStrict);
}

TEST_F(ChannelStrength, WithoutUsableTrustNothingIsVerified) {
  Target broken = target(TlsMode::kVerifyCa);
  broken.material.problems.push_back(
      {pki::MaterialProblem::Kind::kReferenceNotFound, "spec.tls.ca", "there is no such file"});
  EXPECT_TRUE(judge(broken, true, chain()));
  Target none = target(TlsMode::kVerifyCa);
  none.material.trust = nullptr;
  EXPECT_TRUE(judge(none, true, chain()));
  Target unrelated = target(TlsMode::kVerifyCa);
  unrelated.material.problems.push_back(
      {pki::MaterialProblem::Kind::kKeyMismatch, "spec.tls.clientKey", "another key"});
  EXPECT_FALSE(judge(unrelated, true, chain()));
}

TEST_F(ChannelStrength, AServerWithoutACertificateIsNotVerified) {
  EXPECT_TRUE(judge(target(TlsMode::kVerifyCa), true, {}));
  EXPECT_FALSE(judge(target(TlsMode::kRequire), true, {}));
}

}  // namespace
}  // namespace tlswarden::probe
