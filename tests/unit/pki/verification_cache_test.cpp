#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/verification.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using std::chrono::days;
using test_support::chain_of;
using test_support::DemoPki;
using test_support::mint;
using test_support::Minted;
using test_support::store_of;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

class Caching : public testing::Test {
 protected:
  const DemoPki demo_ = test_support::demo_pki(kNow, 30);
  const Chain served_ = chain_of({&demo_.leaf, &demo_.intermediate});
  const TrustStorePtr store_ = store_of({&demo_.root});
};

TEST_F(Caching, VerifiesAnUnchangedChainOnce) {
  VerificationCache cache;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, kNow + days(i)).ok());
  }
  EXPECT_EQ(cache.misses(), 1U);
  EXPECT_EQ(cache.hits(), 4U);
}

TEST_F(Caching, VerifiesAnewWhenADatePassesAndWhenTimeGoesBack) {
  VerificationCache cache;
  const base::WallTime end = demo_.leaf.certificate->facts.not_after;
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, end - base::Seconds(1)).ok());
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, end).has(ChainFault::kLeafExpired));
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, end + days(9)).has(ChainFault::kLeafExpired));
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, kNow).ok());
  const base::WallTime start = demo_.leaf.certificate->facts.not_before;
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, start).ok());
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, start - base::Seconds(1))
                  .has(ChainFault::kLeafNotYetValid));
  EXPECT_EQ(cache.misses(), 4U);
  EXPECT_EQ(cache.hits(), 2U);
}

TEST_F(Caching, WatchesTheDatesOfTheStoreAndOfTheServedChain) {
  const auto faults_around = [&](int root_ends, int leaf_ends) {
    VerificationCache cache;
    const Minted root = mint({.common_name = "Root",
                              .not_before = kNow - days(9),
                              .not_after = kNow + days(root_ends),
                              .ca = true});
    const Minted leaf =
        mint({.common_name = "x", .not_before = kNow - days(1), .not_after = kNow + days(leaf_ends)}, &root);
    const auto store = store_of({&root});
    EXPECT_TRUE(cache.verify(chain_of({&leaf}), *store, Purpose::kServer, kNow + days(1)).ok());
    return cache.verify(chain_of({&leaf}), *store, Purpose::kServer, kNow + days(2)).faults;
  };
  EXPECT_THAT(faults_around(2, 9), testing::ElementsAre(ChainFault::kAnchorExpired));
  EXPECT_THAT(faults_around(9, 2), testing::ElementsAre(ChainFault::kLeafExpired));
}

TEST_F(Caching, AgreesWithAFreshVerificationOnEverySideOfEveryDate) {
  VerificationCache cache;
  for (const CertificatePtr& certificate : chain_of({&demo_.leaf, &demo_.root})) {
    for (const auto date : {certificate->facts.not_before, certificate->facts.not_after}) {
      for (const int offset : {-1, 0, 1}) {
        const base::WallTime at = date + base::Seconds(offset);
        EXPECT_EQ(cache.verify(served_, *store_, Purpose::kServer, at).faults,
                  verify_chain(served_, *store_, Purpose::kServer, at).faults)
            << base::format_rfc3339(at);
      }
    }
  }
}

TEST_F(Caching, KeepsPurposesStoresAndChainsApart) {
  VerificationCache cache;
  const Minted stranger = mint({.common_name = "Stranger Root",
                                .not_before = kNow - days(1),
                                .not_after = kNow + days(90),
                                .ca = true});
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kServer, kNow).ok());
  EXPECT_TRUE(cache.verify(served_, *store_, Purpose::kClient, kNow).has(ChainFault::kWrongPurpose));
  EXPECT_TRUE(
      cache.verify(served_, *store_of({&stranger}), Purpose::kServer, kNow).has(ChainFault::kUnknownIssuer));
  EXPECT_FALSE(cache.verify(chain_of({&demo_.leaf}), *store_, Purpose::kServer, kNow).ok());
  EXPECT_TRUE(cache.verify({}, *store_, Purpose::kServer, kNow).has(ChainFault::kNoCertificate));
  EXPECT_EQ(cache.misses(), 5U);
  EXPECT_TRUE(cache.verify(served_, *store_of({&demo_.root}), Purpose::kServer, kNow).ok())
      << "an equal store";
  EXPECT_EQ(cache.misses(), 5U);
}

TEST_F(Caching, DropsTheEntryThatWasUsedLongestAgo) {
  VerificationCache cache(2);
  const Chain other = chain_of({&demo_.leaf});
  cache.verify(served_, *store_, Purpose::kServer, kNow);
  cache.verify(other, *store_, Purpose::kServer, kNow);
  cache.verify(served_, *store_, Purpose::kServer, kNow);
  cache.verify({}, *store_, Purpose::kServer, kNow);
  EXPECT_EQ(cache.misses(), 3U);
  cache.verify(served_, *store_, Purpose::kServer, kNow);
  EXPECT_EQ(cache.misses(), 3U);
  cache.verify(other, *store_, Purpose::kServer, kNow);
  EXPECT_EQ(cache.misses(), 4U);
}

TEST_F(Caching, RemembersNames) {
  VerificationCache cache;
  EXPECT_TRUE(cache.match_name(*demo_.leaf.certificate, "localhost", NamePolicy::kLibpq).matches);
  EXPECT_FALSE(cache.match_name(*demo_.leaf.certificate, "other", NamePolicy::kLibpq).matches);
  EXPECT_TRUE(cache.match_name(*demo_.leaf.certificate, "localhost", NamePolicy::kLibpq).matches);
}

}  // namespace
}  // namespace tlswarden::pki
