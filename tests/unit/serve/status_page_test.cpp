#include "serve/status_page.hpp"

#include <gmock/gmock.h>

#include "tests/unit/serve/views.hpp"

namespace tlswarden::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatusPageTest, an_endpoint_is_told_in_one_row) {
  const std::string page = status_page({shared(orders())}, kToday, true);
  for (const char* text : {"CRITICAL", "payments/orders", "postgresql", "db.internal:5432", "verify-ca",
                           "require", "leaf 2026-03-02", "15.4", "The certificate expired", "1 critical"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(StatusPageTest, words_of_a_server_are_shown_and_never_obeyed) {
  reconcile::EndpointView view = orders();
  view.headline = "<script>alert('1')</script> & \"more\"\x1b[2J";
  view.status.server.version = "<b>";
  const std::string page = status_page({shared(view)}, kToday, true);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page,
              HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;\\x1b[2J"));
}

TEST(StatusPageTest, the_worst_come_first) {
  reconcile::EndpointView healthy = orders();
  auto endpoint = std::make_shared<resource::DatabaseEndpoint>(*healthy.endpoint);
  endpoint->metadata.name = "a-healthy-one";
  healthy.endpoint = endpoint;
  healthy.severity = verdict::Severity::kOk;
  const std::string page = status_page({shared(healthy), shared(orders())}, kToday, true);
  EXPECT_LT(page.find("payments/orders"), page.find("a-healthy-one"));
}

TEST(StatusPageTest, it_needs_nothing_from_elsewhere) {
  const std::string page = status_page({shared(orders())}, kToday, true);
  for (const char* text : {"src=", "http:", "https:", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(text)));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
}

TEST(StatusPageTest, before_the_first_sync_it_says_so) {
  EXPECT_THAT(status_page({}, kToday, false), HasSubstr("still being read"));
  EXPECT_THAT(status_page({}, kToday, true), Not(HasSubstr("still being read")));
}

TEST(StatusPageTest, a_replica_says_of_what_it_shows_a_part) {
  reconcile::ClusterLoad load{.endpoints = 40, .members = 3};
  const auto page = [&] { return status_page({shared(orders())}, kToday, true, &load); };
  EXPECT_THAT(page(), HasSubstr("share: 1 of 40 endpoints in the cluster, which 3 replicas check together"));
  EXPECT_THAT(page(), Not(HasSubstr("<p class=\"critical\">")));
  load.members = 1;
  EXPECT_THAT(page(), HasSubstr("This replica alone checks the 40 endpoints in the cluster."));
  EXPECT_THAT(page(), HasSubstr("Not checked: 39 of them; kubectl get dbe -A tells why."));
  load.members = 0;
  EXPECT_THAT(page(), HasSubstr("<p class=\"critical\">This replica is cut off"));
  EXPECT_THAT(status_page({shared(orders())}, kToday, true), Not(HasSubstr("replica")));
}

TEST(StatusPageTest, a_replica_says_what_stands_between_it_and_the_cluster) {
  const reconcile::ClusterLoad load{.endpoints = 1, .pending_writes = 2, .problem = "it answered <403>"};
  const std::string page = status_page({}, kToday, false, &load);
  EXPECT_THAT(page, HasSubstr("Changes of the cluster do not arrive: it answered &lt;403&gt;."));
  EXPECT_THAT(page, HasSubstr("the status of 2 endpoints."));
}

TEST(StatusPageTest, a_replica_says_which_namespaces_it_may_not_follow) {
  reconcile::ClusterLoad load{.namespaces = {{"payments", false}, {"shop", false}}};
  EXPECT_THAT(status_page({}, kToday, true, &load), Not(HasSubstr("may not")));
  load.namespaces["shop"] = true;
  EXPECT_THAT(
      status_page({}, kToday, true, &load),
      HasSubstr("the endpoints of the namespaces shop. Give its user the rights get, list and watch"));
}

TEST(StatusPageTest, an_endpoint_that_was_never_checked_has_dashes_rather_than_guesses) {
  reconcile::EndpointView view = orders();
  view.status = {};
  view.last_check.reset();
  const std::string page = status_page({shared(view)}, kToday, true);
  EXPECT_THAT(page, HasSubstr("not yet"));
  EXPECT_THAT(page, HasSubstr("<td class=\"fit\">–</td>"));
}

}  // namespace
}  // namespace tlswarden::serve
