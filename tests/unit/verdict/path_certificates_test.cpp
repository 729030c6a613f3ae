#include "verdict/path_certificates.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"

namespace tlswarden::verdict {
namespace {

using testing::ElementsAre;

std::vector<std::string> roles(const PathCertificates& certificates) {
  std::vector<std::string> roles;
  for (const PathCertificate& one : certificates)
    roles.push_back(one.role + (one.verified ? "+" : "-"));
  return roles;
}

PathCertificates of(const pki::Chain& served, const pki::TrustStorePtr& trust, base::WallTime at = kNow) {
  const pki::ChainVerification path = pki::verify_chain(served, *trust, pki::Purpose::kServer, at);
  return certificates_in_path(served, &path, {});
}

TEST(PathCertificates, are_those_of_the_path_and_not_whatever_else_is_served) {
  const auto stranger = test_support::demo_pki(kNow);
  const pki::Chain served =
      test_support::chain_of({&demo().leaf, &demo().intermediate, &stranger.intermediate});
  const PathCertificates found = of(served, test_support::store_of({&demo().root}));
  EXPECT_THAT(roles(found), ElementsAre("leaf+", "intermediate+", "ca+"));
  EXPECT_EQ(found[1].sha256, demo().intermediate.certificate->facts.sha256);
  EXPECT_EQ(found[2].subject, "CN=Demo Root CA");
}

TEST(PathCertificates, stay_believed_when_a_date_has_passed) {
  const pki::Chain served = test_support::chain_of({&demo().leaf, &demo().intermediate});
  EXPECT_THAT(roles(of(served, test_support::store_of({&demo().root}), kNow + 200 * kDay)),
              ElementsAre("leaf+", "intermediate+", "ca+"));
}

TEST(PathCertificates, are_not_believed_where_the_path_leads_nowhere) {
  const auto stranger = test_support::demo_pki(kNow);
  const pki::Chain served = test_support::chain_of({&demo().leaf, &demo().intermediate, &demo().root});
  EXPECT_THAT(roles(of(served, test_support::store_of({&stranger.root}))),
              ElementsAre("leaf-", "intermediate-", "root-"));
}

TEST(PathCertificates, of_a_trusted_self_signed_leaf_are_both_leaf_and_ca) {
  Scenario s;
  s.serve_self_signed();
  const pki::Chain& served = s.observation.tls->chain;
  EXPECT_THAT(roles(of(served, pki::make_trust_store(served, "itself"))), ElementsAre("leaf+", "ca+"));
}

TEST(PathCertificates, hold_the_declared_client_certificate_and_its_intermediates_without_a_server) {
  const pki::Chain client = test_support::chain_of({&demo().leaf, &demo().intermediate});
  EXPECT_THAT(roles(certificates_in_path({}, nullptr, client)), ElementsAre("client+", "intermediate+"));
}

TEST(PathCertificates, that_server_and_client_share_occur_once_and_are_vouched_for_by_the_client) {
  const pki::Chain chain = test_support::chain_of({&demo().leaf, &demo().intermediate});
  EXPECT_THAT(roles(certificates_in_path(chain, nullptr, chain)),
              ElementsAre("leaf-", "intermediate+", "client+"));
}

TEST(PathCertificates, of_all_members_count) {
  Scenario first;
  const auto other = server_leaf("localhost", kNow - kDay, kNow + 30 * kDay);
  first.observation.members.push_back(Scenario().serve({&other, &demo().intermediate}).observation);
  pki::VerificationCache cache;
  EXPECT_THAT(roles(certificates_in_path(first.observation, first.material, kNow, cache)),
              ElementsAre("leaf+", "intermediate+", "ca+", "leaf+"));
}

TEST(PathCertificates, are_bounded_whatever_a_server_sends) {
  pki::Chain endless;
  for (int i = 0; i < 20; ++i)
    endless.push_back(server_leaf("localhost", kNow, kNow + i * kDay).certificate);
  EXPECT_EQ(certificates_in_path(endless, nullptr, {}).size(), kMostServedInPath);
  resource::EndpointStatus status;
  status.tls = resource::TlsStatus{};
  status.tls->chain.resize(100);
  EXPECT_EQ(certificates_in_path(status).size(), kMostServedInPath);
}

}  // namespace
}  // namespace tlswarden::verdict
