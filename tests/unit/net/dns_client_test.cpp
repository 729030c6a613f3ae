#include "net/dns_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "net/offload_pool.hpp"
#include "net/seed_list.hpp"
#include "tests/support/dns_server.hpp"
#include "tests/support/run_loop.hpp"

namespace tlswarden::net {
namespace {

namespace dns = test_support::dns;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::DnsServer;
using testing::ElementsAre;
using testing::SizeIs;
using Kind = IoError::Kind;

/// The type that is asked for.
std::uint16_t type_of(base::ByteView query) {
  std::size_t at = 12;
  while (at < query.size() && query[at] != 0)
    at += query[at] + std::size_t{1};
  return query[at + 2];
}

class SystemDnsClientTest : public testing::Test {
 protected:
  IoResult<std::vector<SrvRecord>> srv(const DnsServer& server, const std::string& name = "db.example.com",
                                       std::chrono::nanoseconds patience = seconds(20)) {
    const auto client = make_system_dns_client(pool_, clock_, server.address());
    return test_support::run_loop(loop_, client->srv(name, base::Deadline::after(clock_, patience)));
  }

  base::SystemClock clock_;
  OffloadPool pool_{1};
  boost::asio::io_context loop_{1};
};

TEST_F(SystemDnsClientTest, AsksTheGivenServer) {
  const DnsServer server([](base::ByteView query, bool) {
    EXPECT_EQ(type_of(query), dns::kSrv);
    return dns::answer(query, dns::kNoError, {dns::srv(0, 0, 27017, "a.example.com")});
  });
  const auto records = srv(server);
  ASSERT_TRUE(records) << records.error().message;
  EXPECT_THAT(*records, ElementsAre(SrvRecord{0, 0, 27017, "a.example.com"}));
}

TEST_F(SystemDnsClientTest, AsksForText) {
  const DnsServer server([](base::ByteView query, bool) {
    EXPECT_EQ(type_of(query), dns::kTxt);
    return dns::answer(query, dns::kNoError, {dns::txt({"authSource=", "admin"})});
  });
  const auto client = make_system_dns_client(pool_, clock_, server.address());
  const auto records = test_support::run_loop(
      loop_, client->txt("db.example.com", base::Deadline::after(clock_, seconds(20))));
  ASSERT_TRUE(records) << records.error().message;
  EXPECT_THAT(*records, ElementsAre("authSource=admin"));
}

TEST_F(SystemDnsClientTest, AsksAgainByTcpWhereTheAnswerIsTooLong) {
  const std::vector<dns::Record> many(200, dns::srv(0, 0, 27017, "a.example.com"));
  const DnsServer server([&many](base::ByteView query, bool by_tcp) {
    if (!by_tcp) return dns::answer(query, dns::kTruncated, {});
    return dns::answer(query, dns::kNoError, many);
  });
  const auto records = srv(server);
  ASSERT_TRUE(records) << records.error().message;
  EXPECT_THAT(*records, SizeIs(200));
}

TEST_F(SystemDnsClientTest, TellsTheAnswersApart) {
  const auto replying = [](std::uint16_t flags) {
    return [flags](base::ByteView query, bool) { return dns::answer(query, flags, {}); };
  };
  const DnsServer nameless(replying(dns::kNameError));
  EXPECT_EQ(srv(nameless).error().kind, Kind::kNameNotFound);
  const DnsServer empty(replying(dns::kNoError));
  const auto none = srv(empty);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  const DnsServer failing(replying(dns::kServerFailure));
  EXPECT_EQ(srv(failing).error().kind, Kind::kResolverFailure);
  const DnsServer broken(
      [](base::ByteView query, bool) { return dns::answer(query, dns::kNoError, {{dns::kSrv, {0, 0, 0}}}); });
  EXPECT_EQ(srv(broken).error().kind, Kind::kResolverFailure);
}

TEST_F(SystemDnsClientTest, DoesNotWaitLongerThanItMay) {
  const DnsServer silent([](base::ByteView, bool) { return base::Bytes(); });
  const auto begin = clock_.monotonic();
  EXPECT_EQ(srv(silent, "db.example.com", milliseconds(200)).error().kind, Kind::kTimedOut);
  EXPECT_LT(clock_.monotonic() - begin, seconds(3));
}

TEST_F(SystemDnsClientTest, RefusesNamesThatTheLibraryWouldCutShort) {
  const DnsServer server([](base::ByteView query, bool) { return dns::answer(query, dns::kNoError, {}); });
  EXPECT_EQ(srv(server, std::string("db\0.example.com", 15)).error().kind, Kind::kNameNotFound);
  EXPECT_EQ(srv(server, "").error().kind, Kind::kNameNotFound);
  EXPECT_EQ(srv(server, std::string(300, 'a')).error().kind, Kind::kResolverFailure);
}

TEST_F(SystemDnsClientTest, DiscoversASeedList) {
  const DnsServer server([](base::ByteView query, bool) {
    if (type_of(query) == dns::kTxt) return dns::answer(query, dns::kNoError, {dns::txt({"replicaSet=rs0"})});
    return dns::answer(
        query, dns::kNoError,
        {dns::srv(0, 0, 27018, "b.db.example.com"), dns::srv(0, 0, 27017, "a.db.example.com")});
  });
  const auto client = make_system_dns_client(pool_, clock_, server.address());
  const auto list = test_support::run_loop(
      loop_,
      discover_seed_list(*client, "cluster.db.example.com", base::Deadline::after(clock_, seconds(20))));
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->replica_set, "rs0");
  EXPECT_THAT(list->members, ElementsAre(SrvRecord{0, 0, 27017, "a.db.example.com"},
                                         SrvRecord{0, 0, 27018, "b.db.example.com"}));
}

}  // namespace
}  // namespace tlswarden::net
