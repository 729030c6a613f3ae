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

TEST(SharedCertificates, served_roots_in_nobodys_trust_store_have_no_series) {
  EXPECT_THAT(page({view("a", "1", {certificate("root", "aa", false)})}), Not(HasSubstr("aa")));
}

}  // namespace
}  // namespace tlswarden::serve
