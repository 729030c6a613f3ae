#include "cli/resource_arguments.hpp"

#include <gmock/gmock.h>

namespace tlswarden::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ResourceArguments words(std::vector<std::string> given) {
  ResourceArguments arguments;
  arguments.words = std::move(given);
  return arguments;
}

struct Spelling {
  std::vector<std::string> words;
  std::vector<std::string> names;
};

class ResourceWords : public ::testing::TestWithParam<Spelling> {};
INSTANTIATE_TEST_SUITE_P(
    Table, ResourceWords,
    ::testing::Values(Spelling{{}, {}}, Spelling{{"dbe"}, {}}, Spelling{{"DatabaseEndpoint"}, {}},
                      Spelling{{"databaseendpoints.tlswarden.dev"}, {}},
                      Spelling{{"databaseendpoints.v1alpha1.tlswarden.dev", "a"}, {"a"}},
                      Spelling{{"dbe", "a", "b"}, {"a", "b"}}, Spelling{{"a"}, {"a"}},
                      Spelling{{"dbe/a", "databaseendpoint.tlswarden.dev/b"}, {"a", "b"}},
                      Spelling{{"dbe", "dbe"}, {"dbe"}}, Spelling{{"dbe.orders"}, {"dbe.orders"}},
                      Spelling{{"dbe."}, {"dbe."}}));

TEST_P(ResourceWords, AreTheNamesBehindTheResource) {
  const auto choice = choose_resources(words(GetParam().words), "shop");
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->names, GetParam().names);
  EXPECT_EQ(choice->ns, "shop");
}

struct Contradiction {
  ResourceArguments arguments;
  const char* answer;
};

class WrongResourceWords : public ::testing::TestWithParam<Contradiction> {};
INSTANTIATE_TEST_SUITE_P(
    Table, WrongResourceWords,
    ::testing::Values(Contradiction{words({"pods/a"}), "no resource type \"pods\""},
                      Contradiction{words({"dbe", "dbe/a"}), "leave the resource type out"},
                      Contradiction{words({"a", "dbe/b"}), "all of the words"},
                      Contradiction{words({"dbe/a/b"}), "no object can be called"},
                      Contradiction{words({"dbe/"}), "a name is empty"},
                      Contradiction{words({"dbe", ".."}), "no object can be called"},
                      Contradiction{{{"a"}, "", true, ""}, "by name across all namespaces"},
                      Contradiction{{{"a"}, "", false, "x=y"}, "when a selector is specified"}));

TEST_P(WrongResourceWords, AreRefused) {
  const auto choice = choose_resources(GetParam().arguments, "shop");
  ASSERT_FALSE(choice);
  EXPECT_THAT(choice.error().message, HasSubstr(GetParam().answer));
}

TEST(ResourceArguments, AllNamespacesIsNone) {
  const auto choice = choose_resources({{"dbe"}, "other", true, "a=b"}, "shop");
  ASSERT_TRUE(choice);
  EXPECT_THAT(choice->ns, IsEmpty());
  EXPECT_EQ(choice->selector, "a=b");
}

TEST(ResourceArguments, TheNamespaceGivenIsBeforeTheContexts) {
  EXPECT_EQ(choose_resources({{}, "other", false, ""}, "shop")->ns, "other");
}

TEST(ResourceArguments, AreAddedToAVerb) {
  CLI::App app;
  CLI::App* verb = app.add_subcommand("get");
  ResourceArguments arguments;
  add_resource_arguments(*verb, arguments);
  app.parse("get dbe a -n first b -l x=y -n other");
  EXPECT_THAT(arguments.words, ElementsAre("dbe", "a", "b"));
  EXPECT_EQ(arguments.ns, "other");
  EXPECT_EQ(arguments.selector, "x=y");
}

}  // namespace
}  // namespace tlswarden::cli
