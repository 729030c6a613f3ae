#include "store/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/store/scratch.hpp"

namespace tlswarden::store {
namespace {

using ::testing::HasSubstr;

resource::DatabaseEndpoint endpoint(const std::string& name, const std::string& host = "db") {
  resource::DatabaseEndpoint made;
  made.metadata.ns = "payments";
  made.metadata.name = name;
  made.spec.engine = resource::Engine::kPostgresql;
  made.spec.host = host;
  made.spec.port = 5432;
  return made;
}

reconcile::Record record(const std::string& reason) {
  reconcile::Record made;
  made.status.observed_generation = 1;
  made.status.conditions = {{"Ready", resource::ConditionStatus::kTrue, reason, "all is well",
                             base::WallTime(base::Seconds(1'700'000'000)), 1}};
  made.memory.consecutive_failures = 1;
  return made;
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open() {
    auto store = SqliteStore::open(path_);
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return store ? std::move(*store) : nullptr;
  }
  std::string refusal() {
    const auto store = SqliteStore::open(path_);
    return store ? "" : store.error().message;
  }
  static resource::DatabaseEndpoint declare(SqliteStore& store, const resource::DatabaseEndpoint& one) {
    return store.declare({one}, false)->at(0);
  }
  static std::string reason(SqliteStore& store, const resource::DatabaseEndpoint& one) {
    const auto loaded = store.load(one);
    return loaded && *loaded ? (*loaded)->status.conditions.at(0).reason : "nothing";
  }

  Scratch scratch_;
  std::string path_ = (scratch_ / "state.db").string();
};

TEST_F(SqliteStoreTest, what_was_saved_is_loaded_after_reopening) {
  resource::DatabaseEndpoint orders;
  {
    const auto store = open();
    orders = declare(*store, endpoint("orders"));
    ASSERT_TRUE(store->save(orders, record("Healthy")));
  }
  const auto store = open();
  const auto again = declare(*store, endpoint("orders"));
  EXPECT_EQ(again.metadata.uid, orders.metadata.uid);
  EXPECT_EQ(again.metadata.generation, 1);
  const auto loaded = store->load(again);
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->status.conditions.at(0).reason, "Healthy");
  EXPECT_EQ((*loaded)->status.conditions.at(0).last_transition, base::WallTime(base::Seconds(1'700'000'000)));
  EXPECT_EQ((*loaded)->memory.consecutive_failures, 1);
}

TEST_F(SqliteStoreTest, a_kill_in_the_midst_of_writing_loses_nothing_that_was_said_to_be_kept) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = SqliteStore::open(path_);
    const auto orders = (*store)->declare({endpoint("orders")}, false)->at(0);
    for (int i = 0;; ++i) {
      if (!(*store)->save(orders, record("Write" + std::to_string(i)))) ::_exit(1);
      if (::write(pipe[1], &i, sizeof i) != sizeof i) ::_exit(1);
    }
  }
  ::close(pipe[1]);
  int kept = -1;
  while (kept < 100)
    ASSERT_EQ(::read(pipe[0], &kept, sizeof kept), static_cast<ssize_t>(sizeof kept));
  ::kill(child, SIGKILL);
  for (int next = 0; ::read(pipe[0], &next, sizeof next) == sizeof next;)
    kept = next;
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);

  const auto store = open();
  ASSERT_TRUE(store);
  const std::string found = reason(*store, declare(*store, endpoint("orders")));
  ASSERT_THAT(found, ::testing::StartsWith("Write"));
  EXPECT_GE(std::stoi(found.substr(5)), kept);
}

TEST_F(SqliteStoreTest, a_changed_spec_raises_the_generation_and_keeps_uid_and_status) {
  const auto store = open();
  const auto first = declare(*store, endpoint("orders", "one"));
  ASSERT_TRUE(store->save(first, record("Healthy")));
  const auto second = declare(*store, endpoint("orders", "two"));
  EXPECT_EQ(second.metadata.generation, 2);
  EXPECT_EQ(second.metadata.uid, first.metadata.uid);
  EXPECT_EQ(reason(*store, second), "Healthy");
  EXPECT_EQ(declare(*store, endpoint("orders", "two")).metadata.generation, 2);
}

TEST_F(SqliteStoreTest, labels_are_no_change_of_the_spec) {
  const auto store = open();
  auto labelled = endpoint("orders");
  declare(*store, labelled);
  labelled.metadata.labels["team"] = "payments";
  EXPECT_EQ(declare(*store, labelled).metadata.generation, 1);
}

TEST_F(SqliteStoreTest, a_deleted_endpoint_takes_its_status_with_it) {
  const auto store = open();
  const auto first = declare(*store, endpoint("orders"));
  ASSERT_TRUE(store->save(first, record("Healthy")));
  ASSERT_TRUE(store->declare({}, false));
  const auto second = declare(*store, endpoint("orders"));
  EXPECT_NE(second.metadata.uid, first.metadata.uid);
  EXPECT_EQ(reason(*store, second), "nothing");
  ASSERT_TRUE(store->save(first, record("TooLate"))) << "a late write is no error";
  EXPECT_EQ(reason(*store, second), "nothing") << "and does not land on the namesake";
}

TEST_F(SqliteStoreTest, what_is_only_unreadable_for_now_keeps_its_status) {
  const auto store = open();
  const auto first = declare(*store, endpoint("orders"));
  ASSERT_TRUE(store->save(first, record("Healthy")));
  ASSERT_TRUE(store->declare({}, true));
  EXPECT_EQ(reason(*store, declare(*store, endpoint("orders"))), "Healthy");
}

TEST_F(SqliteStoreTest, the_file_is_for_its_owner_only) {
  std::ofstream(path_).close();
  ::chmod(path_.c_str(), 0644);
  const auto store = open();
  struct stat facts = {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(SqliteStoreTest, secrets_of_a_spec_are_not_in_the_file) {
  auto orders = endpoint("orders");
  orders.spec.auth.emplace();
  orders.spec.auth->username.emplace();
  orders.spec.auth->username->kind = resource::Reference::Kind::kValue;
  orders.spec.auth->username->text = "a-very-telling-name";
  declare(*open(), orders);
  std::ifstream file(path_, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(content, ::testing::Not(HasSubstr("a-very-telling-name")));
}

TEST_F(SqliteStoreTest, a_second_agent_is_refused_the_file) {
  const auto store = open();
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr(path_), HasSubstr("in use by another process")));
}

TEST_F(SqliteStoreTest, a_damaged_file_is_one_clear_error_and_stays_as_it_is) {
  const std::string rubbish(8192, 'x');
  scratch_.write("state.db", rubbish);
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr(path_), HasSubstr("damaged"), HasSubstr("move it away")));
  EXPECT_EQ(std::filesystem::file_size(path_), rubbish.size());
}

TEST_F(SqliteStoreTest, a_damaged_page_is_found_at_the_start) {
  {
    const auto store = open();
    std::vector<resource::DatabaseEndpoint> many;
    for (int i = 0; i < 200; ++i)
      many.push_back(endpoint("orders-" + std::to_string(i)));
    ASSERT_TRUE(store->declare(many, false));
  }
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(8192);
  file << std::string(4096, '\xff');
  file.close();
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
}

TEST_F(SqliteStoreTest, a_file_of_a_newer_version_is_refused) {
  open();
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr("newer tlswarden"), HasSubstr("99")));
}

TEST_F(SqliteStoreTest, the_database_of_another_program_is_left_alone) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (x)");
  EXPECT_THAT(refusal(), HasSubstr("another program"));
}

TEST_F(SqliteStoreTest, a_place_that_cannot_hold_a_file_is_an_error_that_names_it) {
  path_ = (scratch_ / "absent/state.db").string();
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr(path_), HasSubstr("--state")));
  path_ = scratch_.root().string();
  EXPECT_THAT(refusal(), HasSubstr(path_));
}

TEST_F(SqliteStoreTest, an_unreadable_record_is_judged_anew_rather_than_fatal) {
  auto orders = declare(*open(), endpoint("orders"));
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE endpoint SET status = '{', memory = 'x'");
  const auto store = open();
  EXPECT_EQ(reason(*store, orders), "nothing");
}

}  // namespace
}  // namespace tlswarden::store
