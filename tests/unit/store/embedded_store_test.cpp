#include "store/embedded_store.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "base/clock.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::store {
namespace {

using namespace std::chrono_literals;
using reconcile::EndpointSetPtr;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string manifest(const std::string& name, const std::string& host = "db.internal") {
  return "apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: " + name +
         ", namespace: payments}\nspec: {engine: postgresql, host: " + host + "}\n---\n";
}

/// An endpoint whose CA stands in `file`.
std::string trusting(const std::string& name, const std::string& file) {
  return "apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: " + name +
         ", namespace: payments}\nspec: {engine: postgresql, host: db.internal, tls: {ca: {file: \"" + file +
         "\"}}}\n---\n";
}

/// What the store told last.
struct Told {
  EndpointSetPtr set;
  int sets = 0, reads = 0, saved = 0, not_saved = 0;
  bool flawless = false;

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    if (!set) return names;
    for (const auto& [key, endpoint] : set->endpoints)
      names.push_back(endpoint->metadata.name);
    return names;
  }
};

/// Listens to the store and lets a test wait for something to become true of it.
class Witness final : public reconcile::MetricsSink {
 public:
  void take(EndpointSetPtr set) {
    const std::scoped_lock lock(mutex_);
    told_.set = std::move(set);
    ++told_.sets;
    changed_.notify_all();
  }
  void manifests_read(bool flawless) override {
    const std::scoped_lock lock(mutex_);
    told_.flawless = flawless;
    ++told_.reads;
    changed_.notify_all();
  }
  void check_finished(const reconcile::CheckMeasure&) override {}
  void check_started(std::chrono::nanoseconds) override {}
  void status_saved(bool kept) override {
    const std::scoped_lock lock(mutex_);
    ++(kept ? told_.saved : told_.not_saved);
  }
  void api_request(std::string_view, int) override {}

  Told told() {
    const std::scoped_lock lock(mutex_);
    return told_;
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    told_ = {};
  }
  template <class Predicate>
  bool await(Predicate predicate, std::chrono::milliseconds patience = 30s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return predicate(told_); });
  }

 private:
  Told told_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

class EmbeddedStoreTest : public ::testing::Test {
 protected:
  void start() {
    auto store = EmbeddedStore::open((scratch_ / "state.db").string(), {directory()}, resolver_, witness_,
                                     {.quiet = 10ms, .longest = 200ms, .idle = 60s});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    store_->watch([this](EndpointSetPtr set) { witness_.take(std::move(set)); });
    ASSERT_TRUE(witness_.await([](const Told& told) { return told.reads > 0; }));
  }
  std::filesystem::path directory() const { return scratch_ / "manifests"; }
  bool await_names(std::vector<std::string> names) {
    return witness_.await([&](const Told& told) { return told.names() == names; });
  }
  bool await_flaw() {
    return witness_.await([](const Told& told) { return !told.flawless; });
  }

  Scratch scratch_;
  base::SystemClock clock_;
  ReferenceResolver resolver_{nullptr, clock_};
  Witness witness_;
  std::unique_ptr<EmbeddedStore> store_;

  void SetUp() override { std::filesystem::create_directory(directory()); }
};

TEST_F(EmbeddedStoreTest, the_first_set_is_delivered_even_when_it_is_empty) {
  start();
  ASSERT_TRUE(witness_.await([](const Told& told) { return told.sets == 1; }));
  EXPECT_THAT(witness_.told().names(), IsEmpty());
  EXPECT_TRUE(witness_.told().flawless);
}

TEST_F(EmbeddedStoreTest, files_of_all_kinds_and_subdirectories_are_read_and_hidden_ones_are_not) {
  scratch_.write("manifests/a.yaml", manifest("a"));
  scratch_.write("manifests/team/b.yml", manifest("b"));
  scratch_.write("manifests/c.json",
                 R"({"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
                     "metadata": {"name": "c"}, "spec": {"engine": "redis", "host": "cache"}})");
  scratch_.write("manifests/.hidden.yaml", manifest("hidden"));
  scratch_.write("manifests/notes.txt", manifest("notes"));
  start();
  EXPECT_THAT(witness_.told().names(), ::testing::UnorderedElementsAre("a", "b", "c"));
}

TEST_F(EmbeddedStoreTest, a_new_file_a_changed_one_and_a_deleted_one_are_noticed) {
  start();
  scratch_.write("manifests/a.yaml", manifest("a"));
  ASSERT_TRUE(await_names({"a"}));
  scratch_.replace("manifests/a.yaml", manifest("a") + manifest("b"));
  ASSERT_TRUE(await_names({"a", "b"}));
  std::filesystem::remove(directory() / "a.yaml");
  EXPECT_TRUE(await_names({}));
}

TEST_F(EmbeddedStoreTest, a_subdirectory_that_appears_later_is_watched_too) {
  start();
  scratch_.write("manifests/team/a.yaml", manifest("a"));
  ASSERT_TRUE(await_names({"a"}));
  scratch_.write("manifests/team/b.yaml", manifest("b"));
  EXPECT_TRUE(await_names({"a", "b"}));
}

TEST_F(EmbeddedStoreTest, a_mounted_config_map_is_followed_through_its_swap) {
  scratch_.write("manifests/..2026_01/a.yaml", manifest("a"));
  std::filesystem::create_symlink("..2026_01", directory() / "..data");
  std::filesystem::create_symlink("..data/a.yaml", directory() / "a.yaml");
  start();
  ASSERT_TRUE(await_names({"a"}));
  scratch_.write("manifests/..2026_02/a.yaml", manifest("b"));
  std::filesystem::create_symlink("..2026_02", directory() / "..data_tmp");
  std::filesystem::rename(directory() / "..data_tmp", directory() / "..data");
  EXPECT_TRUE(await_names({"b"}));
}

/// Endpoints that refer to a file outside the manifests' directory.
class ReferencedFileTest : public EmbeddedStoreTest {
 protected:
  void declare_trust_in(const std::string& file) {
    scratch_.write("manifests/a.yaml", trusting("a", (scratch_ / file).string()) + manifest("b"));
    start();
    first_ = endpoint("a");
    other_ = endpoint("b");
  }
  reconcile::EndpointPtr endpoint(const std::string& name) {
    return witness_.told().set->endpoints.at("payments/" + name);
  }
  bool await_new_look_at_a() {
    const bool noticed =
        witness_.await([&](const Told& told) { return told.set->endpoints.at("payments/a") != first_; });
    first_ = endpoint("a");
    return noticed;
  }

  reconcile::EndpointPtr first_, other_;
};

TEST_F(ReferencedFileTest, a_changed_file_makes_its_endpoints_new_and_no_others) {
  scratch_.write("certs/ca.pem", "one");
  declare_trust_in("certs/ca.pem");
  scratch_.write("certs/ca.pem", "in place");
  EXPECT_TRUE(await_new_look_at_a());
  scratch_.replace("certs/ca.pem", "in one step");
  EXPECT_TRUE(await_new_look_at_a());
  std::filesystem::permissions(scratch_ / "certs/ca.pem", std::filesystem::perms(0600));
  EXPECT_TRUE(await_new_look_at_a());
  std::filesystem::remove(scratch_ / "certs/ca.pem");
  EXPECT_TRUE(await_new_look_at_a());
  EXPECT_EQ(endpoint("b"), other_);
  EXPECT_EQ(endpoint("a")->metadata.generation, 1) << "nothing that is declared has changed";
}

TEST_F(ReferencedFileTest, a_file_that_is_missing_with_its_directories_is_noticed_when_it_comes) {
  declare_trust_in("later/certs/ca.pem");
  scratch_.write("later/certs/ca.pem", "here");
  EXPECT_TRUE(await_new_look_at_a());
}

TEST_F(ReferencedFileTest, a_mounted_secret_is_followed_through_its_swaps) {
  scratch_.write("mount/..1/ca.pem", "one");
  std::filesystem::create_symlink("..1", scratch_ / "mount/..data");
  std::filesystem::create_symlink("..data/ca.pem", scratch_ / "mount/ca.pem");
  declare_trust_in("mount/ca.pem");
  for (const std::string version : {"..2", "..3"}) {
    scratch_.write("mount/" + version + "/ca.pem", version);
    std::filesystem::create_symlink(version, scratch_ / "mount/..data_tmp");
    std::filesystem::rename(scratch_ / "mount/..data_tmp", scratch_ / "mount/..data");
    EXPECT_TRUE(await_new_look_at_a());
  }
}

TEST_F(ReferencedFileTest, a_file_that_is_touched_again_and_again_counts_once) {
  scratch_.write("certs/ca.pem", "one");
  declare_trust_in("certs/ca.pem");
  scratch_.replace("certs/ca.pem", "two");
  ASSERT_TRUE(await_new_look_at_a());
  scratch_.replace("certs/ca.pem", "two");
  EXPECT_FALSE(witness_.await(
      [&](const Told& told) { return told.set->endpoints.at("payments/a") != first_; }, 300ms));
  scratch_.replace("certs/ca.pem", "three");
  EXPECT_TRUE(await_new_look_at_a());
}

TEST_F(ReferencedFileTest, what_else_happens_in_the_directory_is_nobodys_business) {
  scratch_.write("certs/ca.pem", "one");
  declare_trust_in("certs/ca.pem");
  const int reads = witness_.told().reads;
  scratch_.write("certs/app.log", "busy");
  EXPECT_FALSE(witness_.await([&](const Told& told) { return told.reads > reads; }, 300ms));
}

TEST_F(EmbeddedStoreTest, a_file_that_turns_bad_keeps_what_it_last_held_until_it_is_good_again) {
  scratch_.write("manifests/a.yaml", manifest("a"));
  scratch_.write("manifests/b.yaml", manifest("b"));
  start();
  scratch_.replace("manifests/a.yaml", "kind: [");
  ASSERT_TRUE(await_flaw());
  EXPECT_THAT(witness_.told().names(), ElementsAre("a", "b"));
  scratch_.replace("manifests/b.yaml", manifest("b") + manifest("c"));
  ASSERT_TRUE(await_names({"a", "b", "c"})) << "other files are taken up all the same";
  scratch_.replace("manifests/a.yaml", manifest("a2"));
  ASSERT_TRUE(await_names({"a2", "b", "c"}));
  EXPECT_TRUE(witness_.await([](const Told& told) { return told.flawless; }));
}

TEST_F(EmbeddedStoreTest, a_file_with_one_bad_document_at_the_start_gives_the_good_ones) {
  scratch_.write("manifests/a.yaml", manifest("a") + "kind: DatabaseEndpoint\n");
  start();
  EXPECT_THAT(witness_.told().names(), ElementsAre("a"));
  EXPECT_FALSE(witness_.told().flawless);
}

TEST_F(EmbeddedStoreTest, a_directory_that_goes_away_leaves_what_it_held_in_force) {
  scratch_.write("manifests/a.yaml", manifest("a"));
  start();
  std::filesystem::rename(directory(), scratch_ / "elsewhere");
  ASSERT_TRUE(await_flaw());
  EXPECT_THAT(witness_.told().names(), ElementsAre("a"));
}

TEST_F(EmbeddedStoreTest, of_two_declarations_of_one_name_the_first_file_has_it) {
  scratch_.write("manifests/a.yaml", manifest("a", "first"));
  scratch_.write("manifests/b.yaml", manifest("a", "second"));
  start();
  EXPECT_FALSE(witness_.told().flawless);
  EXPECT_EQ(witness_.told().set->endpoints.at("payments/a")->spec.host, "first");
  std::filesystem::remove(directory() / "a.yaml");
  EXPECT_TRUE(witness_.await([](const Told& told) {
    return told.flawless && told.set->endpoints.at("payments/a")->spec.host == "second";
  }));
}

TEST_F(EmbeddedStoreTest, an_unchanged_endpoint_keeps_its_pointer_and_a_changed_one_its_uid) {
  scratch_.write("manifests/a.yaml", manifest("a") + manifest("b"));
  start();
  const EndpointSetPtr before = witness_.told().set;
  scratch_.replace("manifests/a.yaml", manifest("a") + manifest("b", "moved"));
  ASSERT_TRUE(witness_.await([&](const Told& told) { return told.set != before; }));
  EXPECT_EQ(witness_.told().set->endpoints.at("payments/a"), before->endpoints.at("payments/a"));
  EXPECT_EQ(witness_.told().set->endpoints.at("payments/b")->metadata.generation, 2);
  EXPECT_EQ(witness_.told().set->endpoints.at("payments/b")->metadata.uid,
            before->endpoints.at("payments/b")->metadata.uid);
}

TEST_F(EmbeddedStoreTest, a_changed_secret_renews_the_endpoints_that_refer_to_it_and_no_others) {
  const auto with_secret = [](const std::string& user) {
    return "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: payments}\nstringData: {user: " +
           user + "}\n---\n";
  };
  scratch_.write("manifests/a.yaml", manifest("a") + R"(apiVersion: tlswarden.dev/v1alpha1
kind: DatabaseEndpoint
metadata: {name: b, namespace: payments}
spec:
  engine: postgresql
  host: db.internal
  auth: {username: {secretKeyRef: {name: login, key: user}}}
)");
  scratch_.write("manifests/secret.yaml", with_secret("app"));
  start();
  const EndpointSetPtr before = witness_.told().set;
  ASSERT_EQ(before->endpoints.size(), 2U);
  scratch_.replace("manifests/secret.yaml", with_secret("other"));
  ASSERT_TRUE(witness_.await([&](const Told& told) { return told.set != before; }));
  const EndpointSetPtr after = witness_.told().set;
  EXPECT_EQ(after->endpoints.at("payments/a"), before->endpoints.at("payments/a"));
  EXPECT_NE(after->endpoints.at("payments/b"), before->endpoints.at("payments/b"));
  EXPECT_EQ(after->endpoints.at("payments/b")->metadata.generation, 1);
}

TEST_F(EmbeddedStoreTest, rereading_tells_the_watcher_even_if_nothing_changed) {
  scratch_.write("manifests/a.yaml", manifest("a"));
  start();
  store_->reread();
  EXPECT_TRUE(witness_.await([](const Told& told) { return told.sets == 2; }));
}

TEST_F(EmbeddedStoreTest, records_survive_a_restart_while_a_manifest_is_bad) {
  scratch_.write("manifests/a.yaml", manifest("a"));
  start();
  const auto endpoint = witness_.told().set->endpoints.at("payments/a");
  reconcile::Record record;
  record.status.conditions = {{"Ready", resource::ConditionStatus::kTrue, "Healthy", "well", {}, 1}};
  ASSERT_TRUE(store_->save(*endpoint, record));
  EXPECT_EQ(witness_.told().saved, 1);
  store_.reset();
  witness_.forget();

  scratch_.replace("manifests/a.yaml", "kind: [");
  start();
  EXPECT_FALSE(witness_.told().flawless);
  scratch_.replace("manifests/a.yaml", manifest("a"));
  ASSERT_TRUE(await_names({"a"}));
  const auto loaded = store_->load(*witness_.told().set->endpoints.at("payments/a"));
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->status.conditions.at(0).reason, "Healthy");
}

TEST_F(EmbeddedStoreTest, secrets_beside_the_endpoints_are_what_references_find) {
  scratch_.write("manifests/a.yaml",
                 manifest("a") +
                     "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: payments}\n"
                     "stringData: {user: app}\n");
  start();
  resource::DatabaseEndpoint endpoint = *witness_.told().set->endpoints.at("payments/a");
  endpoint.spec.auth.emplace();
  endpoint.spec.auth->username.emplace();
  endpoint.spec.auth->username->kind = resource::Reference::Kind::kSecretKey;
  endpoint.spec.auth->username->name = "login";
  endpoint.spec.auth->username->key = "user";
  const auto resolved = resolver_.resolve(endpoint);
  ASSERT_TRUE(resolved.credentials);
  EXPECT_EQ(resolved.credentials->username.reveal(), "app");
}

}  // namespace
}  // namespace tlswarden::store
