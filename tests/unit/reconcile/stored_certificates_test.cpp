#include "reconcile/stored_certificates.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "resource/codec.hpp"

namespace tlswarden::reconcile {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr base::Seconds kDay{86400};

resource::CertificateStatus certificate(const std::string& role, const std::string& sha256, int days) {
  resource::CertificateStatus one;
  one.role = role;
  one.subject = "CN=" + sha256;
  one.issuer = "CN=issuer";
  one.not_before = kToday;
  one.not_after = kToday + days * kDay;
  one.sha256 = sha256;
  return one;
}

/// A leaf of its own below an intermediate and a CA.
resource::EndpointStatus status_with(const std::string& leaf, const char* valid = "ChainVerified") {
  resource::EndpointStatus status;
  status.observed_generation = 1;
  status.tls = resource::TlsStatus{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {}};
  status.tls->chain = {certificate("leaf", leaf, 100), certificate("intermediate", "1e1e", 1000)};
  status.tls->from_trust_store = {certificate("root", "caca", 3000)};
  const bool good = valid == std::string("ChainVerified");
  status.conditions = {{resource::condition::kCertificateValid,
                        good ? resource::ConditionStatus::kTrue : resource::ConditionStatus::kFalse, valid,
                        "as seen", kToday, 1}};
  return status;
}

StoredEndpoint stored(const std::string& name, const resource::EndpointStatus& status) {
  auto endpoint = std::make_shared<resource::DatabaseEndpoint>();
  endpoint->metadata.name = name;
  return {std::move(endpoint), std::make_shared<const std::string>(resource::status_to_json(status).dump())};
}

TEST(StoredCertificatesTest, a_status_tells_of_the_chain_and_of_what_was_taken_from_the_trust_store) {
  StoredCertificates certificates;
  const auto entries = certificates.update({stored("orders", status_with("1eaf"))});
  ASSERT_THAT(entries, SizeIs(1));
  const Dependences& found = *entries[0].dependences;
  ASSERT_THAT(found, SizeIs(3));
  const char* const roles[] = {"leaf", "intermediate", "ca"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i].certificate->role, roles[i]);
    EXPECT_TRUE(found[i].certificate->verified);
    EXPECT_LT(found[i].due, found[i].critical);
  }
  // 28 days of a life of 100, as nothing else is declared.
  EXPECT_EQ(found[0].due, kToday + 72 * kDay);
}

TEST(StoredCertificatesTest, names_are_believed_only_where_the_path_verified_but_for_dates) {
  const auto verified = [](const resource::EndpointStatus& status) {
    return StoredCertificates()
        .update({stored("orders", status)})[0]
        .dependences->front()
        .certificate->verified;
  };
  EXPECT_TRUE(verified(status_with("1eaf", "CertificateExpired")));
  EXPECT_FALSE(verified(status_with("1eaf", "SelfSigned")));
  auto nowhere = status_with("1eaf");
  nowhere.tls->from_trust_store.clear();
  EXPECT_FALSE(verified(nowhere));
  auto unjudged = status_with("1eaf");
  unjudged.conditions.clear();
  EXPECT_FALSE(verified(unjudged));
}

TEST(StoredCertificatesTest, only_what_changed_is_read_again) {
  StoredCertificates certificates;
  std::vector<StoredEndpoint> fleet{stored("a", status_with("1")), stored("b", status_with("2")),
                                    stored("c", status_with("3"))};
  const auto before = certificates.update(fleet);
  fleet[1].status = std::make_shared<const std::string>(*fleet[1].status);  // written again
  fleet.erase(fleet.begin());
  fleet.push_back(stored("d", status_with("4")));
  const auto after = certificates.update(fleet);
  ASSERT_THAT(after, SizeIs(3));
  EXPECT_NE(after[0].dependences, before[1].dependences);
  EXPECT_EQ(after[1].dependences, before[2].dependences);
  EXPECT_EQ(after[2].dependences->front().certificate->sha256, "4");
  // Other thresholds come with another endpoint.
  auto renewed = std::make_shared<resource::DatabaseEndpoint>(*fleet[1].endpoint);
  renewed->spec.rotation.warn_before = resource::Threshold{20 * kDay, {}};
  fleet[1].endpoint = renewed;
  EXPECT_EQ(certificates.update(fleet)[1].dependences->front().due, kToday + 80 * kDay);
}

TEST(StoredCertificatesTest, endpoints_share_what_is_the_same) {
  StoredCertificates certificates;
  auto lying = status_with("3");
  lying.tls->chain[1].not_after += kDay;
  const auto entries =
      certificates.update({stored("a", status_with("1")), stored("b", status_with("2")), stored("c", lying)});
  const auto intermediate = [&](std::size_t i) { return (*entries[i].dependences)[1].certificate; };
  EXPECT_EQ(intermediate(0), intermediate(1));
  EXPECT_NE(intermediate(0), intermediate(2));
  EXPECT_EQ(intermediate(2)->not_after, intermediate(0)->not_after + kDay);
}

TEST(StoredCertificatesTest, of_a_status_that_cannot_be_read_nothing_is_known) {
  for (const char* text : {"", "{", "[]", "{\"tls\": 1}", "{\"tls\": {\"chain\": [{}]}}", "null"}) {
    StoredEndpoint one = stored("a", {});
    one.status = std::make_shared<const std::string>(text);
    EXPECT_THAT(*StoredCertificates().update({one})[0].dependences, IsEmpty()) << text;
  }
  StoredEndpoint unvisited = stored("a", {});
  unvisited.status.reset();
  EXPECT_THAT(*StoredCertificates().update({unvisited})[0].dependences, IsEmpty());
}

TEST(StoredCertificatesTest, what_is_gone_is_forgotten) {
  StoredCertificates certificates;
  std::weak_ptr<const std::string> status;
  std::weak_ptr<const verdict::PathCertificate> leaf;
  {
    const auto entries = certificates.update({stored("a", status_with("1"))});
    status = entries[0].status;
    leaf = entries[0].dependences->front().certificate;
  }
  EXPECT_FALSE(status.expired());
  certificates.update({});
  EXPECT_TRUE(status.expired());
  EXPECT_TRUE(leaf.expired());
}

}  // namespace
}  // namespace tlswarden::reconcile
