#include "kube/reference_follower.hpp"

#include <atomic>
#include <thread>

#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/object_server.hpp"
#include "tests/unit/kube/timeline_pause.hpp"

namespace tlswarden::kube {
namespace {

using Ask = ObjectServer::Ask;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const ReferencedObject kOrders{ReferencedObject::Kind::kSecret, "payments", "orders"};
const ReferencedObject kLedger{ReferencedObject::Kind::kSecret, "payments", "ledger"};
const ReferencedObject kMail{ReferencedObject::Kind::kSecret, "shop", "mail"};
const ReferencedObject kAuthority{ReferencedObject::Kind::kConfigMap, "payments", "ca"};

std::string path_of(const ReferencedObject& object) {
  return "/api/v1/namespaces/" + object.ns +
         (object.kind == ReferencedObject::Kind::kSecret ? "/secrets/" : "/configmaps/") + object.name;
}

/// Different at every call, and spread evenly.
class SpreadRandom final : public base::Random {
 public:
  double unit() override { return static_cast<double>(next_.fetch_add(37) % 100) / 100; }

 private:
  std::atomic<unsigned> next_{0};
};

class ReferenceFollowerTest : public ClientFixture {
 protected:
  ReferenceFollowerTest()
      : client_(access_to(server_.server()),
                {.user_agent = user_agent("1.2.3"), .writes = nullptr, .observer = {}}, clock_, timeline_,
                cancellation_) {}
  ~ReferenceFollowerTest() override {
    if (follower_) follower_->stop();
  }
  void TearDown() override {
    if (follower_) follower_->stop();
    for (const test_support::ApiCall& call : server_.server().calls(0))
      EXPECT_TRUE(names_one_object(call)) << call.target;
  }
  static bool names_one_object(const test_support::ApiCall& call) {
    const std::string path = call.target.substr(0, call.target.find('?'));
    for (const std::string collection : {"/secrets", "/configmaps"}) {
      if (path.find(collection + "/") != std::string::npos) return !path.ends_with("/");
      if (!path.ends_with(collection)) continue;
      constexpr std::string_view kSelector = "metadata.name%3D";
      const std::string selector = call.parameter("fieldSelector").value_or("");
      return selector.starts_with(kSelector) && selector.size() > kSelector.size();
    }
    return false;
  }

  void start(std::set<ReferencedObject> wanted, ReferenceFollowerOptions options = {}) {
    follower_ = std::make_unique<ReferenceFollower>(
        ReferenceFollower::Services{client_, clock_, random_, timeline_, cancellation_}, options);
    follower_->watch([this](const std::set<ReferencedObject>& changed) {
      const std::scoped_lock lock(mutex_);
      told_.push_back(changed);
    });
    follower_->follow(std::move(wanted));
  }
  /// Waits until `done`; false when that takes too long.
  template <class Done>
  static bool eventually(const Done& done) {
    for (int i = 0; i < 60'000; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return false;
  }
  /// How often something about `object` was told.
  std::size_t told(const ReferencedObject& object) {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(told_.begin(), told_.end(), [&](const auto& set) { return set.contains(object); }));
  }
  bool await_told(const ReferencedObject& object, std::size_t times) {
    return eventually([&] { return told(object) >= times; });
  }
  /// Moves time on until `done`, and gives those who wait the time to act on it.
  bool in_time(seconds span, const std::function<bool()>& done) {
    pass(span, done);
    return eventually(done);
  }
  void pass(seconds span, const std::function<bool()>& done = [] { return false; }) {
    for (seconds passed{0}; passed < span && !done(); passed += seconds(1)) {
      timeline_.advance(seconds(1));
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  std::string value(const ReferencedObject& object, const std::string& key) const {
    const auto contents = follower_->contents();
    if (object.kind == ReferencedObject::Kind::kSecret) {
      const auto found = contents->secrets.find({object.ns, object.name});
      return found == contents->secrets.end() ? "absent" : std::string(found->second->at(key).reveal());
    }
    const auto found = contents->config_maps.find({object.ns, object.name});
    return found == contents->config_maps.end() ? "absent" : found->second->at(key);
  }
  std::string problem(const ReferencedObject& object) const {
    const auto contents = follower_->contents();
    const auto found = contents->unreadable_secrets.find({object.ns, object.name});
    return found == contents->unreadable_secrets.end() ? "" : found->second;
  }
  void put(const ReferencedObject& object, const std::string& members) {
    server_.put(path_of(object), members);
  }

  TimelinePause timeline_{clock_};
  SpreadRandom random_;
  ObjectServer server_;
  ApiClient client_;
  std::mutex mutex_;
  std::vector<std::set<ReferencedObject>> told_;
  std::unique_ptr<ReferenceFollower> follower_;
};

TEST_F(ReferenceFollowerTest, what_objects_hold_is_decoded) {
  put(kOrders, R"("data":{"password":"aHVudGVyMg=="})");
  put(kAuthority, R"("data":{"ca.crt":"PEM"},"binaryData":{"ca.p12":"AQI="})");
  start({kOrders, kAuthority});
  EXPECT_FALSE(follower_->settled(kLedger));
  ASSERT_TRUE(await_told(kOrders, 1) && await_told(kAuthority, 1));
  EXPECT_TRUE(follower_->settled(kOrders));
  EXPECT_EQ(value(kOrders, "password"), "hunter2");
  EXPECT_EQ(value(kAuthority, "ca.crt"), "PEM");
  EXPECT_EQ(value(kAuthority, "ca.p12"), "\x01\x02");
  EXPECT_EQ(follower_->watches(), 2u);
}

TEST_F(ReferenceFollowerTest, requests_are_such_as_rbac_for_one_name_lets_through) {
  // tests/cluster/test_secret_access.py shows that it does.
  start({kLedger}, {.most_watches = 1});
  ASSERT_TRUE(await_told(kLedger, 1));
  follower_->follow({kLedger, kOrders});
  const auto calls = server_.server().calls(3);
  ASSERT_THAT(calls, SizeIs(3));
  std::set<std::string> targets;
  for (const test_support::ApiCall& call : calls)
    targets.insert(call.target);
  const std::string one = "/api/v1/namespaces/payments/secrets?fieldSelector=metadata.name%3Dledger";
  EXPECT_THAT(targets, Contains(one + "&limit=500&resourceVersion=0"));
  EXPECT_THAT(targets, Contains(::testing::StartsWith(one + "&watch=true&allowWatchBookmarks=true&")));
  EXPECT_THAT(targets, Contains("/api/v1/namespaces/payments/secrets/orders"));
}

TEST_F(ReferenceFollowerTest, changes_come_at_once_and_are_told_once) {
  put(kOrders, R"("data":{"password":"b25l"})");
  start({kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  put(kOrders, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(await_told(kOrders, 2));
  EXPECT_EQ(value(kOrders, "password"), "two");
  put(kOrders, R"("type":"Opaque","data":{"password":"dHdv"})");
  put(kOrders, R"("data":{"password":"dGhyZWU="})");
  ASSERT_TRUE(await_told(kOrders, 3));
  EXPECT_EQ(value(kOrders, "password"), "three");
  EXPECT_EQ(told(kOrders), 3u) << "another version that holds the same is no change";
}

TEST_F(ReferenceFollowerTest, one_that_does_not_exist_is_settled_and_may_come_and_go) {
  start({kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  EXPECT_TRUE(follower_->settled(kOrders));
  EXPECT_THAT(follower_->contents()->secrets, IsEmpty());
  EXPECT_THAT(follower_->contents()->unreadable_secrets, IsEmpty());
  put(kOrders, R"("data":{"password":"b25l"})");
  ASSERT_TRUE(await_told(kOrders, 2));
  EXPECT_EQ(value(kOrders, "password"), "one");
  server_.remove(path_of(kOrders));
  ASSERT_TRUE(await_told(kOrders, 3));
  EXPECT_EQ(value(kOrders, "password"), "absent");
}

TEST_F(ReferenceFollowerTest, what_is_not_wanted_any_more_is_forgotten) {
  put(kOrders, R"("data":{"password":"b25l"})");
  put(kLedger, R"("data":{"password":"b25l"})");
  start({kOrders, kLedger});
  ASSERT_TRUE(await_told(kOrders, 1) && await_told(kLedger, 1));
  const std::weak_ptr<const resource::SecretData> held =
      follower_->contents()->secrets.at({kOrders.ns, kOrders.name});
  follower_->follow({kLedger});
  EXPECT_FALSE(follower_->settled(kOrders));
  EXPECT_THAT(follower_->contents()->secrets, SizeIs(1));
  EXPECT_TRUE(held.expired()) << "base::Secret wipes what nobody holds";
  EXPECT_TRUE(eventually([&] { return follower_->watches() == 1; }));
  put(kOrders, R"("data":{"password":"dHdv"})");
  put(kLedger, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(await_told(kLedger, 2));
  EXPECT_EQ(told(kOrders), 1u);
  follower_->follow({kOrders, kLedger});
  ASSERT_TRUE(await_told(kOrders, 2));
  EXPECT_EQ(value(kOrders, "password"), "two");
}

TEST_F(ReferenceFollowerTest, a_version_that_the_server_forgot_loses_no_change) {
  put(kOrders, R"("data":{"password":"b25l"})");
  put(kLedger, R"("data":{"password":"b25l"})");
  start({kOrders, kLedger});
  ASSERT_TRUE(await_told(kOrders, 1) && await_told(kLedger, 1));
  ASSERT_TRUE(eventually([&] {
    return server_.asked("watch " + path_of(kOrders)) == 1 && server_.asked("watch " + path_of(kLedger)) == 1;
  }));
  server_.forget();
  put(kOrders, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(await_told(kOrders, 2));
  EXPECT_EQ(value(kOrders, "password"), "two");
  ASSERT_TRUE(eventually([&] { return server_.asked("watch " + path_of(kLedger)) == 2; }));
  EXPECT_EQ(told(kLedger), 1u) << "listed again, but the same";
}

TEST_F(ReferenceFollowerTest, a_burst_is_told_as_one) {
  std::set<ReferencedObject> wanted;
  for (int i = 0; i < 20; ++i)
    wanted.insert({ReferencedObject::Kind::kSecret, "payments", "s" + std::to_string(i)});
  timeline_.hold_short_waits(true);
  start(wanted);
  ASSERT_TRUE(eventually([&] {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const ReferencedObject& object) { return follower_->settled(object); });
  }));
  timeline_.hold_short_waits(false);
  ASSERT_TRUE(await_told(*wanted.begin(), 1));
  const std::scoped_lock lock(mutex_);
  EXPECT_THAT(told_, ElementsAre(wanted));
}

TEST_F(ReferenceFollowerTest, a_forbidden_one_is_settled_says_what_to_grant_and_is_taken_up_once_granted) {
  put(kOrders, R"("data":{"password":"b25l"})");
  server_.forbid(path_of(kOrders), {Ask::kList, Ask::kWatch, Ask::kGet});
  start({kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  EXPECT_TRUE(follower_->settled(kOrders));
  EXPECT_EQ(
      problem(kOrders),
      "Secret orders in namespace payments may not be read by the agent; add it to the chart's value "
      "secrets.namespaces, or let the agent's service account get, list and watch this Secret by a Role "
      "with resourceNames");
  EXPECT_EQ(follower_->watches(), 0u) << "its place is for others";
  pass(seconds(14));
  EXPECT_THAT(server_.asked(), SizeIs(2)) << "a list, and a GET in case that is allowed";
  pass(seconds(120));
  EXPECT_LE(server_.asked().size(), 12u);
  server_.forbid(path_of(kOrders), {});
  ASSERT_TRUE(in_time(seconds(46), [&] { return told(kOrders) == 2; }));
  EXPECT_EQ(value(kOrders, "password"), "one");
  EXPECT_EQ(problem(kOrders), "");
  EXPECT_TRUE(eventually([&] { return follower_->watches() == 1; }));
}

TEST_F(ReferenceFollowerTest, a_thousand_forbidden_ones_make_no_storm) {
  std::set<ReferencedObject> wanted;
  for (int i = 0; i < 1000; ++i) {
    const ReferencedObject object{ReferencedObject::Kind::kSecret, "payments", "s" + std::to_string(i)};
    server_.forbid(path_of(object), {Ask::kList, Ask::kWatch, Ask::kGet});
    wanted.insert(object);
  }
  start(wanted, {.most_watches = 8});
  ASSERT_TRUE(eventually([&] {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const ReferencedObject& object) { return follower_->settled(object); });
  }));
  ASSERT_TRUE(eventually([&] { return server_.asked().size() >= 1008; })) << server_.asked().size();
  std::size_t before = server_.asked().size();
  std::size_t busiest = 0;
  for (int i = 0; i < 45; ++i) {
    timeline_.advance(seconds(10));
    // What is due now is asked for within this time.
    for (std::size_t seen = 0; seen != server_.asked().size();) {
      seen = server_.asked().size();
      std::this_thread::sleep_for(milliseconds(20));
    }
    busiest = std::max(busiest, server_.asked().size() - std::exchange(before, server_.asked().size()));
  }
  EXPECT_LE(busiest, 100u) << "in 10 seconds";
  EXPECT_GE(server_.asked().size(), 1900u) << "but each is tried again";
}

TEST_F(ReferenceFollowerTest, one_that_may_be_read_but_not_watched_is_read_now_and_then) {
  put(kOrders, R"("data":{"password":"b25l"})");
  server_.forbid(path_of(kOrders), {Ask::kList, Ask::kWatch});
  start({kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  EXPECT_EQ(value(kOrders, "password"), "one");
  put(kOrders, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(in_time(minutes(8), [&] { return told(kOrders) == 2; }));
  EXPECT_EQ(value(kOrders, "password"), "two");
  EXPECT_LE(server_.asked().size(), 6u) << "and not in a circle";
}

TEST_F(ReferenceFollowerTest, a_refusal_of_what_could_be_read_counts_when_it_lasts) {
  put(kOrders, R"("data":{"password":"b25l"})");
  start({kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  server_.forbid(path_of(kOrders), {Ask::kList, Ask::kWatch, Ask::kGet});
  ASSERT_TRUE(in_time(minutes(5), [&] { return server_.asked("get " + path_of(kOrders)) == 1; }));
  EXPECT_EQ(value(kOrders, "password"), "one");
  server_.forbid(path_of(kOrders), {});
  ASSERT_TRUE(in_time(seconds(40), [&] { return follower_->watches() == 1; }));
  EXPECT_EQ(told(kOrders), 1u) << "a server that had just begun";
  server_.forbid(path_of(kOrders), {Ask::kList, Ask::kWatch, Ask::kGet});
  ASSERT_TRUE(in_time(minutes(6), [&] { return told(kOrders) == 2; }));
  EXPECT_THAT(problem(kOrders), HasSubstr("may not be read"));
  EXPECT_EQ(value(kOrders, "password"), "absent");
}

TEST_F(ReferenceFollowerTest, those_beyond_the_limit_are_read_now_and_then) {
  put(kLedger, R"("data":{"password":"b25l"})");
  put(kOrders, R"("data":{"password":"b25l"})");
  start({kLedger}, {.most_watches = 1});
  ASSERT_TRUE(await_told(kLedger, 1));
  follower_->follow({kLedger, kOrders, kMail});
  ASSERT_TRUE(await_told(kOrders, 1) && await_told(kMail, 1));
  EXPECT_TRUE(follower_->settled(kMail));
  EXPECT_EQ(value(kOrders, "password"), "one");
  put(kOrders, R"("data":{"password":"dHdv"})");
  put(kLedger, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(await_told(kLedger, 2));
  EXPECT_EQ(told(kOrders), 1u);
  ASSERT_TRUE(in_time(minutes(8), [&] { return told(kOrders) == 2; }));
  EXPECT_EQ(value(kOrders, "password"), "two");
  EXPECT_EQ(server_.asked("watch " + path_of(kOrders)), 0u);
  EXPECT_EQ(follower_->watches(), 1u);
}

TEST_F(ReferenceFollowerTest, a_place_that_became_free_goes_to_the_next) {
  put(kOrders, R"("data":{"password":"b25l"})");
  start({kLedger}, {.most_watches = 1});
  ASSERT_TRUE(await_told(kLedger, 1));
  follower_->follow({kLedger, kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  follower_->follow({kOrders});
  ASSERT_TRUE(in_time(minutes(8), [&] { return server_.asked("watch " + path_of(kOrders)) == 1; }));
  put(kOrders, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(await_told(kOrders, 2)) << "without time passing";
}

TEST_F(ReferenceFollowerTest, what_is_known_stays_while_the_server_is_away) {
  put(kLedger, R"("data":{"password":"b25l"})");
  start({kLedger}, {.most_watches = 1});
  ASSERT_TRUE(await_told(kLedger, 1));
  put(kOrders, R"("data":{"password":"b25l"})");
  follower_->follow({kLedger, kOrders});
  ASSERT_TRUE(await_told(kOrders, 1));
  server_.be_away(true);
  follower_->follow({kLedger, kOrders, kMail});
  pass(minutes(1));
  EXPECT_EQ(value(kLedger, "password") + value(kOrders, "password"), "oneone");
  EXPECT_FALSE(follower_->settled(kMail)) << "nobody knows";
  server_.be_away(false);
  put(kLedger, R"("data":{"password":"dHdv"})");
  ASSERT_TRUE(in_time(minutes(3), [&] { return told(kMail) == 1 && told(kLedger) == 2; }));
  EXPECT_EQ(value(kLedger, "password"), "two");
  EXPECT_EQ(told(kOrders), 1u);
}

TEST_F(ReferenceFollowerTest, one_that_the_server_cannot_give_is_settled_in_the_end) {
  server_.break_object(path_of(kLedger));
  server_.break_object(path_of(kOrders));
  start({kLedger}, {.most_watches = 1});
  ASSERT_TRUE(eventually([&] { return server_.asked("list " + path_of(kLedger)) > 0; }));
  follower_->follow({kLedger, kOrders});
  ASSERT_TRUE(in_time(minutes(10), [&] { return told(kLedger) == 1 && told(kOrders) == 1; }));
  EXPECT_THAT(problem(kLedger), HasSubstr("Secret ledger in namespace payments cannot be read: "));
  EXPECT_THAT(problem(kOrders), HasSubstr("Secret orders in namespace payments cannot be read: "));
}

TEST_F(ReferenceFollowerTest, no_request_is_made_of_a_name_that_no_object_has) {
  const std::set<ReferencedObject> odd{{ReferencedObject::Kind::kSecret, "payments", ""},
                                       {ReferencedObject::Kind::kSecret, "payments", ".."},
                                       {ReferencedObject::Kind::kSecret, "payments", "a,metadata.name!=b"},
                                       {ReferencedObject::Kind::kSecret, "", "orders"},
                                       {ReferencedObject::Kind::kSecret, "a/b", "orders"}};
  start(odd);
  ASSERT_TRUE(await_told(*odd.rbegin(), 1));
  for (const ReferencedObject& object : odd)
    EXPECT_TRUE(follower_->settled(object)) << object.name;
  EXPECT_THAT(server_.asked(), IsEmpty());
}

TEST_F(ReferenceFollowerTest, the_listener_may_follow_others_and_nothing_is_told_after_the_end) {
  follower_ = std::make_unique<ReferenceFollower>(
      ReferenceFollower::Services{client_, clock_, random_, timeline_, cancellation_});
  std::atomic<int> calls{0};
  follower_->watch([&](const std::set<ReferencedObject>& changed) {
    ++calls;
    if (changed.contains(kLedger)) follower_->follow({kOrders});
  });
  follower_->follow({kLedger});
  ASSERT_TRUE(eventually([&] { return calls == 2; }));
  EXPECT_TRUE(follower_->settled(kOrders));
  follower_->stop();
  follower_->stop();
  put(kOrders, R"("data":{})");
  follower_->follow({kMail});
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(follower_->settled(kMail));
  EXPECT_THAT(server_.asked(), Not(Contains(HasSubstr("mail"))));
}

}  // namespace
}  // namespace tlswarden::kube
