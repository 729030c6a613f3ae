#include "serve/shared_certificates.hpp"

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include "tests/unit/serve/views.hpp"

namespace tlswarden::serve {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::PathCertificate;

PathCertificate certificate(const std::string& role, const std::string& sha256, bool verified = true) {
  return {role, sha256, "CN=" + sha256, "CN=issuer", kToday, kToday + base::Seconds(86400), verified};
}

reconcile::EndpointViewPtr view(const std::string& ns, const std::string& name,
                                verdict::PathCertificates certificates) {
  reconcile::EndpointView view;
  auto endpoint = std::make_shared<resource::DatabaseEndpoint>();
  endpoint->metadata.ns = ns;
  endpoint->metadata.name = name;
  view.endpoint = std::move(endpoint);
  view.certificates = std::make_shared<const verdict::PathCertificates>(std::move(certificates));
  return shared(std::move(view));
}

std::string page(const std::vector<reconcile::EndpointViewPtr>& views) {
  return prometheus::TextSerializer().Serialize(shared_certificate_metrics(views));
}

TEST(SharedCertificates, are_counted_by_namespace) {
  const auto issuing = certificate("intermediate", "aa");
  const std::string text = page({view("billing", "a", {issuing}), view("billing", "b", {issuing}),
                                 view("payments", "a", {issuing}), view("payments", "b", {})});
  EXPECT_THAT(
      text, AllOf(HasSubstr("_endpoints{role=\"intermediate\",sha256=\"aa\",namespace=\"billing\"} 2\n"),
                  HasSubstr("_endpoints{role=\"intermediate\",sha256=\"aa\",namespace=\"payments\"} 1\n"),
                  HasSubstr("_seconds{role=\"intermediate\",sha256=\"aa\",subject=\"CN=aa\"} 1772409600\n")));
}

TEST(SharedCertificates, of_servers_are_told_only_where_two_endpoints_share_them) {
  const std::string text = page({view("a", "1", {certificate("leaf", "own"), certificate("client", "app")}),
                                 view("a", "2", {certificate("leaf", "wildcard")}),
                                 view("b", "3", {certificate("leaf", "wildcard")})});
  EXPECT_THAT(text,
              AllOf(HasSubstr("sha256=\"wildcard\""), HasSubstr("sha256=\"app\""), Not(HasSubstr("own"))));
}

TEST(SharedCertificates, are_named_only_where_somebody_can_vouch_for_the_name) {
  const auto doubtful = certificate("intermediate", "aa", false);
  EXPECT_THAT(page({view("a", "1", {doubtful})}), HasSubstr("sha256=\"aa\",subject=\"\"}"));
  const std::string text =
      page({view("a", "1", {doubtful}), view("a", "2", {certificate("intermediate", "aa")})});
  EXPECT_THAT(text, AllOf(HasSubstr("subject=\"CN=aa\""), Not(HasSubstr("subject=\"\""))));
}

TEST(SharedCertificates, have_subjects_that_are_bounded_and_escaped) {
  auto hostile = certificate("ca", "aa");
  hostile.subject = "CN=\"x\"\n\x01" + std::string(1000, 'y');
  const std::string text = page({view("a", "1", {hostile})});
  EXPECT_THAT(text,
              AllOf(HasSubstr("subject=\"CN=\\\"x\\\" \\\\x01yyy"), Not(HasSubstr(std::string(129, 'y')))));
}

TEST(SharedCertificates, are_due_when_the_first_of_the_endpoints_says_so) {
  const auto due_on = [](int due, int critical) {
    reconcile::EndpointView one = *view("a", std::to_string(due), {certificate("intermediate", "aa")});
    one.deadlines = {
        {"intermediate", "aa", base::WallTime(base::Seconds(due)), base::WallTime(base::Seconds(critical))}};
    return shared(std::move(one));
  };
  const std::string text = page({due_on(200, 900), due_on(100, 950)});
  EXPECT_THAT(text, HasSubstr("_due_timestamp_seconds{role=\"intermediate\",sha256=\"aa\"} 100\n"));
  EXPECT_THAT(text, HasSubstr("_critical_timestamp_seconds{role=\"intermediate\",sha256=\"aa\"} 900\n"));
}

TEST(SharedCertificates, served_roots_in_nobodys_trust_store_have_no_series) {
  EXPECT_THAT(page({view("a", "1", {certificate("root", "aa", false)})}), Not(HasSubstr("aa")));
}

/// An endpoint of another replica, as its status tells.
reconcile::StoredCertificates::Entry other(const std::string& ns, const std::string& name,
                                           const verdict::PathCertificates& certificates, int due = 100) {
  auto dependences = std::make_shared<reconcile::Dependences>();
  for (const PathCertificate& one : certificates) {
    dependences->push_back({std::make_shared<const PathCertificate>(one), base::WallTime(base::Seconds(due)),
                            base::WallTime(base::Seconds(due + 50))});
  }
  return {view(ns, name, {})->endpoint, nullptr, std::move(dependences)};
}

TEST(SharedCertificates, count_the_endpoints_of_other_replicas_too) {
  const auto wildcard = certificate("leaf", "wildcard");
  const auto issuing = certificate("intermediate", "aa", false);
  const std::string text = prometheus::TextSerializer().Serialize(shared_certificate_metrics(
      {view("a", "1", {wildcard, issuing})},
      {other("a", "2", {wildcard}, 200), other("b", "3", {certificate("intermediate", "aa")}, 300)}));
  EXPECT_THAT(text,
              AllOf(HasSubstr("_endpoints{role=\"leaf\",sha256=\"wildcard\",namespace=\"a\"} 2\n"),
                    HasSubstr("_endpoints{role=\"intermediate\",sha256=\"aa\",namespace=\"b\"} 1\n"),
                    HasSubstr("sha256=\"aa\",subject=\"CN=aa\"}"),
                    HasSubstr("_due_timestamp_seconds{role=\"leaf\",sha256=\"wildcard\"} 200\n"),
                    HasSubstr("_critical_timestamp_seconds{role=\"intermediate\",sha256=\"aa\"} 350\n")));
}

TEST(SharedCertificates, that_no_status_tells_are_those_of_clients_and_of_further_members) {
  const auto told = certificate("intermediate", "told");
  reconcile::EndpointView one =
      *view("a", "1",
            {certificate("leaf", "own"), told, certificate("ca", "root"), certificate("client", "app"),
             certificate("intermediate", "with-client")});
  const auto seen = [](const char* sha256) {
    resource::CertificateStatus status;
    status.sha256 = sha256;
    return status;
  };
  one.status.tls = resource::TlsStatus{"TLSv1.3", "", {seen("own"), seen("told")}};
  one.status.tls->from_trust_store = {seen("root")};
  const std::string text =
      prometheus::TextSerializer().Serialize(untold_certificate_metrics({shared(std::move(one))}));
  EXPECT_THAT(text, AllOf(HasSubstr("role=\"client\",sha256=\"app\""), HasSubstr("sha256=\"with-client\""),
                          Not(HasSubstr("\"own\"")), Not(HasSubstr("\"told\"")), Not(HasSubstr("\"root\""))));
}

}  // namespace
}  // namespace tlswarden::serve
