#include "kube/cluster_store.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/unit/kube/client_fixture.hpp"
#include "tests/unit/kube/cluster_fakes.hpp"

namespace tlswarden::kube {
namespace {

using std::chrono::seconds;
using test_support::ApiCall;
using test_support::ServerConnection;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Set = reconcile::EndpointSetPtr;

constexpr const char* kPlain = R"({"engine":"postgresql","host":"db.internal"})";

/// An endpoint whose CA is in the Secret `secret`.
std::string trusting(const std::string& secret) {
  return R"({"engine":"postgresql","host":"db.internal","tls":{"mode":"verify-full","ca":{"secretKeyRef":{"name":")" +
         secret + R"(","key":"ca.crt"}}}})";
}

ReferencedObject secret(const std::string& name) {
  return {ReferencedObject::Kind::kSecret, "payments", name};
}

/// A cluster with namespaces whose listing and watch a test decides on; statuses are taken.
class FakeCluster {
 public:
  FakeCluster() {
    for (int i = 0; i < 100; ++i)
      server_.then(
          [this](const ApiCall& call, ServerConnection& connection) { return answer(call, connection); });
  }
  ~FakeCluster() { close(); }
  const test_support::ApiServer& server() const { return server_; }

  void list(const std::string& ns, const std::vector<std::string>& objects) {
    std::string items;
    for (const std::string& object : objects)
      items += (items.empty() ? "" : ",") + object;
    const std::scoped_lock lock(mutex_);
    lists_[ns] = R"({"metadata":{"resourceVersion":"10"},"items":[)" + items + "]}";
    changed_.notify_all();
  }
  void event(const std::string& type, const std::string& object) {
    const std::scoped_lock lock(mutex_);
    events_.push_back(R"({"type":")" + type + R"(","object":)" + object + "}\n");
    changed_.notify_all();
  }
  /// Statuses written so far, by name of the endpoint, at least `count`; fewer when that takes too long.
  std::vector<std::pair<std::string, nlohmann::json>> written(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(60), [&] { return written_.size() >= count; });
    return written_;
  }
  void shut(bool shut) {
    const std::scoped_lock lock(mutex_);
    shut_ = shut;
    changed_.notify_all();
  }
  /// Waits until a status stands at the shut doors.
  bool await_waiting() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(60), [&] { return waiting_ > 0; });
  }
  /// Answers 403 to who lists the namespace next, and then not before list().
  void forbid(const std::string& ns) {
    const std::scoped_lock lock(mutex_);
    forbidden_.insert(ns);
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static std::string namespace_of(const ApiCall& call) {
    const std::string before = "/namespaces/";
    const std::size_t begin = call.target.find(before) + before.size();
    return call.target.substr(begin, call.target.find('/', begin) - begin);
  }
  bool answer(const ApiCall& call, ServerConnection& connection) {
    if (call.method == "PATCH") return take(call, connection);
    if (call.parameter("watch")) return watch(call, connection);
    std::unique_lock lock(mutex_);
    if (forbidden_.erase(namespace_of(call)) != 0) {
      lock.unlock();
      return test_support::refusal(403, "Forbidden")(call, connection);
    }
    changed_.wait(lock, [&] { return closed_ || lists_.contains(namespace_of(call)); });
    if (closed_) return false;
    const std::string body = lists_.at(namespace_of(call));
    lock.unlock();
    return test_support::reply(200, body)(call, connection);
  }
  bool watch(const ApiCall& call, ServerConnection& connection) {
    test_support::begin_chunks(connection);
    std::size_t sent = 0;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock,
                    [&] { return closed_ || (namespace_of(call) == "payments" && sent < events_.size()); });
      if (closed_) return false;
      const std::string event = events_[sent++];
      lock.unlock();
      test_support::send_chunk(connection, event);
      lock.lock();
    }
  }
  /// While the doors are shut a status waits at them, and is then sent away.
  bool turned_away(const ApiCall& call, ServerConnection& connection) {
    std::unique_lock lock(mutex_);
    if (!shut_) return false;
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return closed_ || !shut_; });
    lock.unlock();
    return test_support::refusal(503, "ServiceUnavailable")(call, connection);
  }
  bool take(const ApiCall& call, ServerConnection& connection) {
    const auto body = nlohmann::json::parse(call.body);
    const auto name = body.at("/metadata/name"_json_pointer).get<std::string>();
    if (turned_away(call, connection)) return true;
    std::string object;
    {
      const std::scoped_lock lock(mutex_);
      written_.emplace_back(name, body.at("status"));
      object = endpoint_object(name, "u-" + name, "w" + std::to_string(written_.size()), kPlain,
                               body.at("status").dump());
      changed_.notify_all();
    }
    return test_support::reply(200, object)(call, connection);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> lists_;
  std::set<std::string> forbidden_;
  std::vector<std::string> events_;
  std::vector<std::pair<std::string, nlohmann::json>> written_;
  bool closed_ = false, shut_ = false;
  int waiting_ = 0;
  test_support::ApiServer server_;  ///< last: its threads use the others
};

class ClusterStoreTest : public ClientFixture {
 protected:
  ~ClusterStoreTest() override {
    cluster_.close();
    store_.reset();
  }

  void start(const std::vector<std::string>& namespaces = {"payments"}) {
    client_ = client_of(access_to(cluster_.server()));
    ClusterStoreOptions options{.namespaces = namespaces, .writers = 1, .contents_changed = {}};
    options.contents_changed = [this](const ObjectContentsPtr& contents) {
      const std::scoped_lock lock(mutex_);
      contents_ = contents;
    };
    store_ = std::make_unique<ClusterStore>(
        ClusterStore::Services{*client_, references_, ownership_, saves_, events_, clock_, random_, pause_,
                               cancellation_},
        options);
    store_->watch([this](Set set) {
      const std::scoped_lock lock(mutex_);
      set_ = std::move(set);
      contents_of_set_ = contents_;
      ++sets_;
      told_.notify_all();
    });
  }
  /// The set that `wanted` accepts; null when none comes.
  Set await(const std::function<bool(const reconcile::EndpointSet&)>& wanted) {
    std::unique_lock lock(mutex_);
    const bool came = told_.wait_for(lock, seconds(60), [&] { return set_ && wanted(*set_); });
    return came ? set_ : nullptr;
  }
  static std::vector<std::string> names_of(const reconcile::EndpointSet& set) {
    std::vector<std::string> names;
    for (const auto& [key, endpoint] : set.endpoints)
      names.push_back(endpoint->metadata.name);
    return names;
  }
  Set await_names(const std::vector<std::string>& names) {
    return await([&](const reconcile::EndpointSet& set) { return names_of(set) == names; });
  }
  /// The set that comes with this endpoint next; the marker tells that what was sent before it was seen.
  Set after_marker() {
    const std::string marker = "z" + std::to_string(++markers_);
    cluster_.event("ADDED", endpoint_object(marker, "u-" + marker, "m" + std::to_string(markers_)));
    return await(
        [&](const reconcile::EndpointSet& set) { return set.endpoints.contains("payments/" + marker); });
  }
  static reconcile::EndpointPtr find(const reconcile::EndpointSet& set, const std::string& name) {
    const auto found = set.endpoints.find("payments/" + name);
    return found == set.endpoints.end() ? nullptr : found->second;
  }
  static const reconcile::EndpointPtr& one(const Set& set, const std::string& name) {
    return set->endpoints.at("payments/" + name);
  }
  static reconcile::Record record(const std::string& reason) {
    reconcile::Record record;
    record.status.observed_generation = 1;
    record.status.conditions = {{"Ready", resource::ConditionStatus::kTrue, reason, "All is well.", kNow, 1}};
    return record;
  }

  FakeOwnership ownership_;
  FakeReferences references_;
  CountedSaves saves_;
  FakeEvents events_;
  test_support::FakeRandom random_{0.5};
  FakeCluster cluster_;
  std::mutex mutex_;
  std::condition_variable told_;
  Set set_;
  ObjectContentsPtr contents_, contents_of_set_;
  int sets_ = 0, markers_ = 0;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<ClusterStore> store_;
};

TEST_F(ClusterStoreTest, the_first_set_comes_when_all_namespaces_are_listed) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  start({"payments", "billing", "payments"});
  cluster_.event("ADDED", endpoint_object("b", "u-b", "11"));
  cluster_.list("billing", {});
  ASSERT_TRUE(await([](const auto& set) { return find(set, "a") != nullptr; }));
  ASSERT_TRUE(await_names({"a", "b"}));
  EXPECT_EQ(store_->load_now().endpoints, 2u);
  EXPECT_EQ(store_->load_now().lists, 2u);
  store_->stop();
  EXPECT_TRUE(references_.stopped);
}

TEST_F(ClusterStoreTest, a_namespace_that_may_not_be_read_is_done_without_until_it_may) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  cluster_.forbid("billing");
  start({"payments", "billing"});
  ASSERT_TRUE(await_names({"a"}));
  EXPECT_EQ(store_->load_now().namespaces,
            (std::map<std::string, bool>{{"billing", true}, {"payments", false}}));
  EXPECT_EQ(store_->load_now().problem, "");
  cluster_.list("billing", {endpoint_object("b", "u-b", "2")});
  EXPECT_TRUE(await_names({"a", "b"}));
}

TEST_F(ClusterStoreTest, where_no_namespace_may_be_read_nothing_is_told) {
  cluster_.forbid("payments");
  cluster_.forbid("billing");
  start({"payments", "billing"});
  while (store_->load_now().lists < 4)
    std::this_thread::yield();
  cluster_.list("billing", {endpoint_object("b", "u-b", "2")});
  ASSERT_TRUE(await_names({"b"}));
  const std::scoped_lock lock(mutex_);
  EXPECT_EQ(sets_, 1) << "this is the first";
}

TEST_F(ClusterStoreTest, an_empty_cluster_is_told_too) {
  cluster_.list("payments", {});
  start();
  EXPECT_TRUE(await_names({}));
}

TEST_F(ClusterStoreTest, an_endpoint_waits_for_all_that_it_refers_to) {
  cluster_.list("payments",
                {endpoint_object("a", "u-a", "1", trusting("ca")), endpoint_object("b", "u-b", "2")});
  start();
  ASSERT_TRUE(await_names({"b"}));
  ASSERT_TRUE(references_.await_followed({"ca"}));
  EXPECT_EQ(store_->load_now().references, 1u);
  references_.settle(secret("ca"));
  ASSERT_TRUE(await_names({"a", "b"}));
  EXPECT_EQ(contents_of_set_, references_.contents()) << "told before the endpoint was";
}

TEST_F(ClusterStoreTest, the_old_version_stays_while_the_new_one_waits) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1", trusting("old"))});
  start();
  ASSERT_TRUE(references_.await_followed({"old"}));
  references_.settle(secret("old"));
  ASSERT_TRUE(await_names({"a"}));
  const Set before = after_marker();
  ASSERT_TRUE(before);
  cluster_.event("MODIFIED",
                 endpoint_object("a", "u-a", "11", trusting("new"), R"({"observedGeneration":-1})", 2));
  ASSERT_TRUE(references_.await_followed({"new", "old"}));
  const Set meanwhile = after_marker();
  ASSERT_TRUE(meanwhile);
  EXPECT_EQ(one(meanwhile, "a"), one(before, "a"));
  references_.settle(secret("new"));
  EXPECT_TRUE(await([](const auto& set) { return find(set, "a")->metadata.generation == 2; }));
  EXPECT_TRUE(references_.await_followed({"new"}));
}

TEST_F(ClusterStoreTest, an_endpoint_is_told_of_anew_when_the_content_behind_it_changes) {
  cluster_.list("payments",
                {endpoint_object("a", "u-a", "1", trusting("ca")), endpoint_object("b", "u-b", "2")});
  start();
  ASSERT_TRUE(references_.await_followed({"ca"}));
  references_.settle(secret("ca"));
  ASSERT_TRUE(await_names({"a", "b"}));
  const Set before = after_marker();
  ASSERT_TRUE(before);
  references_.settle(secret("ca"));
  const Set after = await([&](const auto& set) { return find(set, "a") != one(before, "a"); });
  ASSERT_TRUE(after);
  EXPECT_EQ(one(after, "b"), one(before, "b"));
  EXPECT_EQ(contents_of_set_, references_.contents());
}

TEST_F(ClusterStoreTest, what_another_replica_owns_is_neither_told_nor_are_its_references_followed) {
  ownership_.lose("u-a");
  cluster_.list("payments",
                {endpoint_object("a", "u-a", "1", trusting("ca")), endpoint_object("b", "u-b", "2")});
  start();
  ASSERT_TRUE(await_names({"b"}));
  EXPECT_TRUE(references_.await_followed({}));
  EXPECT_EQ(store_->fleet().size(), 2u);
  ownership_.regain("u-a");
  ASSERT_TRUE(references_.await_followed({"ca"}));
  references_.settle(secret("ca"));
  ASSERT_TRUE(await_names({"a", "b"}));
  ownership_.lose("u-a");
  ASSERT_TRUE(await_names({"b"}));
  EXPECT_TRUE(references_.await_followed({}));
}

TEST_F(ClusterStoreTest, a_status_that_changes_tells_nobody_anything) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  start();
  const Set before = await_names({"a"});
  ASSERT_TRUE(before);
  cluster_.event("MODIFIED", endpoint_object("a", "u-a", "11", kPlain, R"({"observedGeneration":1})"));
  const Set after = after_marker();
  ASSERT_TRUE(after);
  EXPECT_EQ(one(after, "a"), one(before, "a"));
  EXPECT_EQ(*store_->fleet().front().status, R"({"observedGeneration":1})");
}

TEST_F(ClusterStoreTest, a_record_is_written_and_read_again) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  start();
  const Set set = await_names({"a"});
  ASSERT_TRUE(set);
  const auto nothing = store_->load(*one(set, "a"));
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);

  reconcile::Record given = record("Healthy");
  given.memory.consecutive_failures = 1;
  ASSERT_TRUE(store_->save(*one(set, "a"), given));
  EXPECT_EQ((*store_->load(*one(set, "a")))->memory.consecutive_failures, 1) << "written or not";
  EXPECT_EQ(store_->flush(seconds(20)), 0u);
  const auto written = cluster_.written(1);
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].second.at("/conditions/0/reason"_json_pointer), "Healthy");
  const auto loaded = store_->load(*one(set, "a"));
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->memory.consecutive_failures, 1);
  EXPECT_EQ(saves_.kept(), 1);
}

TEST_F(ClusterStoreTest, a_record_of_a_predecessor_of_the_same_name_is_dropped) {
  cluster_.list("payments", {endpoint_object("a", "u-before", "1")});
  start();
  const Set before = await_names({"a"});
  ASSERT_TRUE(before);
  cluster_.event("MODIFIED", endpoint_object("a", "u-a", "11"));
  ASSERT_TRUE(await([](const auto& set) { return find(set, "a") && find(set, "a")->metadata.uid == "u-a"; }));
  ASSERT_TRUE(store_->save(*one(before, "a"), record("Healthy")));
  cluster_.event("DELETED", endpoint_object("a", "u-a", "12"));
  ASSERT_TRUE(await_names({}));
  ASSERT_TRUE(store_->save(*one(before, "a"), record("Healthy")));
  EXPECT_EQ(store_->flush(seconds(20)), 0u);
  EXPECT_THAT(cluster_.written(0), IsEmpty());
  const auto loaded = store_->load(*one(before, "a"));
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

TEST_F(ClusterStoreTest, a_record_from_before_another_replica_had_the_endpoint_is_dropped) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  cluster_.shut(true);
  start();
  const Set set = await_names({"a"});
  ASSERT_TRUE(set);
  ASSERT_TRUE(store_->save(*one(set, "a"), record("Healthy")));
  ASSERT_TRUE(cluster_.await_waiting());
  ownership_.lose("u-a");
  ASSERT_TRUE(await_names({}));
  ownership_.regain("u-a");
  ASSERT_TRUE(await_names({"a"}));
  const auto loaded = store_->load(*one(set, "a"));
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
  cluster_.shut(false);
  EXPECT_EQ(store_->flush(seconds(20)), 0u);
  EXPECT_THAT(cluster_.written(0), IsEmpty());
}

TEST_F(ClusterStoreTest, what_cannot_be_an_endpoint_is_told_so_once) {
  const std::string odd = R"({"engine":"postgresql","host":"db.internal","pace":"fast"})";
  cluster_.list("payments", {endpoint_object("a", "u-a", "1", odd)});
  start();
  ASSERT_TRUE(await_names({}));
  const auto written = cluster_.written(1);
  ASSERT_EQ(written.size(), 1u);
  const nlohmann::json& status = written[0].second;
  EXPECT_EQ(status.at("observedGeneration"), 1);
  std::map<std::string, std::string> conditions;
  for (const auto& condition : status.at("conditions"))
    conditions[condition.at("type")] =
        condition.at("status").get<std::string>() + " " + condition.at("reason").get<std::string>();
  EXPECT_THAT(conditions, Contains(std::pair("Ready", "False SpecInvalid")));
  EXPECT_THAT(conditions, Contains(std::pair("Stalled", "True SpecInvalid")));
  EXPECT_THAT(conditions, Contains(std::pair("Reconciling", "False SpecInvalid")));
  EXPECT_EQ(conditions.size(), resource::kAllConditions.size());
  EXPECT_THAT(status.at("/conditions/0/message"_json_pointer).get<std::string>(), HasSubstr("spec.pace"));

  cluster_.event("MODIFIED", endpoint_object("a", "u-a", "w1", odd, status.dump()));
  ASSERT_TRUE(after_marker());
  EXPECT_EQ(store_->flush(seconds(20)), 0u);
  EXPECT_EQ(cluster_.written(0).size(), 1u);
  EXPECT_THAT(events_.recorded(), ElementsAre("payments/a Stalled"));
  cluster_.event("MODIFIED", endpoint_object("a", "u-a", "12", kPlain, status.dump(), 2));
  EXPECT_TRUE(await([](const auto& set) { return find(set, "a") != nullptr; }));
}

TEST_F(ClusterStoreTest, what_was_told_of_it_before_is_no_event_again) {
  const std::string odd = R"({"engine":"postgresql","host":"db.internal","pace":"fast"})";
  cluster_.list("payments", {endpoint_object("a", "u-a", "1", odd)});
  start();
  const auto written = cluster_.written(1);
  ASSERT_EQ(written.size(), 1u);
  store_.reset();
  cluster_.list("payments", {endpoint_object("a", "u-a", "2", odd, written[0].second.dump())});
  start();
  ASSERT_TRUE(after_marker());
  store_->stop();
  EXPECT_THAT(events_.recorded(), ElementsAre("payments/a Stalled"));
}

TEST_F(ClusterStoreTest, what_was_seen_of_a_version_that_could_be_read_is_not_written_over_the_complaint) {
  cluster_.list("payments", {endpoint_object("a", "u-a", "1")});
  start();
  const Set before = await_names({"a"});
  ASSERT_TRUE(before);
  cluster_.event("MODIFIED", endpoint_object("a", "u-a", "11", R"({"engine":"postgresql"})",
                                             R"({"observedGeneration":-1})", 2));
  ASSERT_TRUE(await_names({}));
  ASSERT_TRUE(store_->save(*one(before, "a"), record("Healthy")));
  cluster_.written(1);
  EXPECT_EQ(store_->flush(seconds(20)), 0u);
  EXPECT_EQ(cluster_.written(0).size(), 1u);
}

}  // namespace
}  // namespace tlswarden::kube
