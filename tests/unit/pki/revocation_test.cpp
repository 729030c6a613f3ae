#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/verification.hpp"
#include "tests/support/mint_revocation.hpp"

namespace tlswarden::pki {
namespace {

using std::chrono::days;
using test_support::chain_of;
using test_support::CrlSpec;
using test_support::demo_pki;
using test_support::DemoPki;
using test_support::mint;
using test_support::mint_crl;
using test_support::Minted;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

class RevocationListsOfAStore : public testing::Test {
 protected:
  /// A list that holds for a week around now.
  static CrlSpec list(std::vector<test_support::Revocation> revoked = {}) {
    return {.revoked = std::move(revoked), .this_update = kNow - days(1), .next_update = kNow + days(6)};
  }

  TrustStorePtr store(RevocationLists lists) const {
    return make_trust_store(chain_of({&demo_.root}), "the test's trust store", std::move(lists));
  }

  RevocationCheck look(RevocationLists lists, base::WallTime at = kNow) const {
    return verify_chain(served_, *store(std::move(lists)), Purpose::kServer, at).revocation;
  }

  static std::vector<std::string> names(const RevocationCheck& check) {
    std::vector<std::string> names;
    for (const RevokedCertificate& one : check.revoked)
      names.push_back(one.certificate->facts.common_name);
    return names;
  }

  const DemoPki demo_ = demo_pki(kNow, 90);
  const Chain served_ = chain_of({&demo_.leaf, &demo_.intermediate});
  const Minted other_ =
      mint({.common_name = "other", .not_before = kNow - days(1), .not_after = kNow + days(90)},
           &demo_.intermediate);
};

TEST_F(RevocationListsOfAStore, SayNothingWhereThereAreNone) {
  const auto check = look({});
  EXPECT_THAT(check.revoked, IsEmpty());
  EXPECT_THAT(check.dates, IsEmpty());
}

TEST_F(RevocationListsOfAStore, LeaveOthersAlone) {
  const auto check =
      look({mint_crl(list({{&other_, kNow - days(2)}}), demo_.intermediate), mint_crl(list(), demo_.root)});
  EXPECT_THAT(check.revoked, IsEmpty());
  EXPECT_THAT(check.stale, IsEmpty());
  EXPECT_THAT(check.unusable, IsEmpty());
  EXPECT_THAT(check.dates, SizeIs(4));
}

TEST_F(RevocationListsOfAStore, NameTheRevokedLeafAndNoFaultOfTheChain) {
  const auto result = verify_chain(
      served_,
      *store(
          {mint_crl(list({{&demo_.leaf, kNow - days(2), CRL_REASON_KEY_COMPROMISE}}), demo_.intermediate)}),
      Purpose::kServer, kNow);
  EXPECT_TRUE(result.ok()) << "clients connect all the same";
  ASSERT_THAT(result.revocation.revoked, SizeIs(1));
  EXPECT_EQ(result.revocation.revoked[0].certificate, served_[0]);
  EXPECT_EQ(result.revocation.revoked[0].revoked_at, kNow - days(2));
  EXPECT_EQ(result.revocation.revoked[0].reason, "key compromise");
}

TEST_F(RevocationListsOfAStore, NameTheRevokedIntermediate) {
  const auto check = look({mint_crl(list({{&demo_.intermediate, kNow - days(2)}}), demo_.root)});
  EXPECT_THAT(names(check), ElementsAre("Demo Intermediate CA"));
  EXPECT_EQ(check.revoked[0].reason, "");
}

TEST_F(RevocationListsOfAStore, SpeakForTheirOwnIssuerOnly) {
  // The root's list holds the serial number of a certificate that the intermediate issued.
  EXPECT_THAT(names(look({mint_crl(list({{&demo_.leaf, kNow - days(2)}}), demo_.root)})), IsEmpty());
}

TEST_F(RevocationListsOfAStore, OfAStrangerOfTheSameNameArePassedOver) {
  const Minted impostor = mint({.common_name = "Demo Intermediate CA",
                                .not_before = kNow - days(1),
                                .not_after = kNow + days(90),
                                .ca = true});
  const auto check = look({mint_crl(list({{&demo_.leaf, kNow - days(2)}}), impostor)});
  EXPECT_THAT(check.revoked, IsEmpty());
  EXPECT_THAT(check.unusable, IsEmpty());
  EXPECT_THAT(check.dates, IsEmpty());
}

TEST_F(RevocationListsOfAStore, WithAWrongSignatureAreNamed) {
  const auto good = mint_crl(list({{&demo_.leaf, kNow - days(2)}}), demo_.intermediate);
  base::Bytes altered = good->der;
  altered.back() ^= 1U;
  const auto broken = parse_revocation_list(altered);
  ASSERT_TRUE(broken);
  const auto check = look({*broken});
  EXPECT_THAT(check.revoked, IsEmpty());
  ASSERT_THAT(check.unusable, SizeIs(1));
  EXPECT_EQ(check.unusable[0].issuer, "CN=Demo Intermediate CA");
  EXPECT_THAT(check.unusable[0].why, HasSubstr("signature"));
}

TEST_F(RevocationListsOfAStore, ThatAreStaleAreNamedAndStillRevoke) {
  CrlSpec old = list({{&demo_.leaf, kNow - days(20)}});
  old.this_update = kNow - days(20);
  old.next_update = kNow - days(3);
  const auto check = look({mint_crl(old, demo_.intermediate)});
  EXPECT_THAT(names(check), ElementsAre("localhost"));
  ASSERT_THAT(check.stale, SizeIs(1));
  EXPECT_EQ(check.stale[0].next_update, kNow - days(3));
}

TEST_F(RevocationListsOfAStore, AreReplacedByNewerOnes) {
  CrlSpec old = list({{&demo_.leaf, kNow - days(20), CRL_REASON_CERTIFICATE_HOLD}});
  old.this_update = kNow - days(20);
  old.next_update = kNow - days(3);
  const auto check = look({mint_crl(old, demo_.intermediate), mint_crl(list(), demo_.intermediate)});
  EXPECT_THAT(check.revoked, IsEmpty()) << "the hold was lifted";
  EXPECT_THAT(check.stale, IsEmpty());
}

TEST_F(RevocationListsOfAStore, DoNotHoldBeforeTheirDate) {
  CrlSpec next = list({{&demo_.leaf, kNow}});
  next.this_update = kNow + days(1);
  const RevocationLists lists{mint_crl(next, demo_.intermediate)};
  EXPECT_THAT(look(lists).revoked, IsEmpty());
  EXPECT_THAT(names(look(lists, kNow + days(1))), ElementsAre("localhost"));
}

TEST_F(RevocationListsOfAStore, OfChangesAndOfOtherCasAreNamedAndPassedOver) {
  const auto why = [&](int nid, const char* value) {
    CrlSpec spec = list({{&demo_.leaf, kNow - days(2)}});
    spec.adjust = [&](X509_CRL* made) { test_support::add_extension(made, nid, value); };
    const auto check = look({mint_crl(spec, demo_.intermediate)});
    EXPECT_THAT(check.revoked, IsEmpty());
    return check.unusable.empty() ? std::string() : check.unusable[0].why;
  };
  EXPECT_THAT(why(NID_delta_crl, "critical,DER:02:01:07"), HasSubstr("changes"));
  EXPECT_THAT(why(NID_issuing_distribution_point, "critical,indirectCRL:TRUE"), HasSubstr("other CAs"));
  EXPECT_THAT(why(NID_issuing_distribution_point, "critical,onlyAA:TRUE"), HasSubstr("attribute"));
  EXPECT_THAT(why(NID_subject_key_identifier, "critical,DER:04:02:00:01"), HasSubstr("critical extension"));
}

TEST_F(RevocationListsOfAStore, AreHeldToTheirScope) {
  const auto scoped = [&](const char* scope) {
    CrlSpec spec = list({{&demo_.leaf, kNow - days(2)}});
    spec.adjust = [&](X509_CRL* made) {
      test_support::add_extension(made, NID_issuing_distribution_point, scope);
    };
    return mint_crl(spec, demo_.intermediate);
  };
  EXPECT_THAT(names(look({scoped("critical,onlyCA:TRUE")})), IsEmpty());
  EXPECT_THAT(names(look({scoped("critical,onlyuser:TRUE")})), ElementsAre("localhost"));
  // A newer list of another scope does not replace it.
  CrlSpec newer = list();
  newer.this_update = kNow;
  EXPECT_THAT(names(look({scoped("critical,onlyuser:TRUE"), mint_crl(newer, demo_.intermediate)})),
              ElementsAre("localhost"));
}

TEST_F(RevocationListsOfAStore, AreWatchedByTheCacheOnEverySideOfEveryDate) {
  VerificationCache cache;
  const TrustStorePtr trust = store({mint_crl(list({{&demo_.leaf, kNow}}), demo_.intermediate)});
  for (const auto date : {kNow - days(1), kNow + days(6)}) {
    if (date < demo_.leaf.certificate->facts.not_before) continue;
    for (const int offset : {-1, 0, 1, 2}) {
      const base::WallTime at = date + base::Seconds(offset);
      const auto fresh = verify_chain(served_, *trust, Purpose::kServer, at).revocation;
      const auto& cached = cache.verify(served_, *trust, Purpose::kServer, at).revocation;
      EXPECT_EQ(names(cached), names(fresh)) << base::format_rfc3339(at);
      EXPECT_EQ(cached.stale.size(), fresh.stale.size()) << base::format_rfc3339(at);
    }
  }
  const std::size_t misses = cache.misses();
  cache.verify(served_, *trust, Purpose::kServer, kNow + days(6) + base::Seconds(2));
  EXPECT_EQ(cache.misses(), misses);
}

TEST_F(RevocationListsOfAStore, TellStoresApart) {
  VerificationCache cache;
  EXPECT_THAT(cache.verify(served_, *store({}), Purpose::kServer, kNow).revocation.revoked, IsEmpty());
  const auto revoking = store({mint_crl(list({{&demo_.leaf, kNow}}), demo_.intermediate)});
  EXPECT_THAT(cache.verify(served_, *revoking, Purpose::kServer, kNow).revocation.revoked, SizeIs(1));
}

/// Whatever is done to a list: it is refused, or looked at without harm, and never revokes by accident.
TEST_F(RevocationListsOfAStore, SurviveHostileBytes) {
  const auto good = mint_crl(list({{&other_, kNow - days(2)}}), demo_.intermediate);
  for (std::size_t i = 0; i < good->der.size(); ++i) {
    base::Bytes altered = good->der;
    altered[i] ^= 0x41U;
    for (const base::ByteView bytes : {base::ByteView(altered), base::ByteView(good->der).first(i)}) {
      const auto parsed = parse_revocation_list(bytes);
      EXPECT_TRUE(!parsed || look({*parsed}).revoked.empty()) << i;
    }
  }
}

}  // namespace
}  // namespace tlswarden::pki
