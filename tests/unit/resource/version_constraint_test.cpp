#include "resource/version_constraint.hpp"

#include <gmock/gmock.h>

namespace tlswarden::resource {
namespace {

using ::testing::HasSubstr;

struct Reported {
  Engine engine;
  const char* reported;
  const char* version;
};

class ServersName : public ::testing::TestWithParam<Reported> {};
INSTANTIATE_TEST_SUITE_P(
    Versions, ServersName,
    ::testing::Values(
        Reported{Engine::kPostgresql, "15.20 (Debian 15.20-0+deb12u1)", "15.20"},
        Reported{Engine::kPostgresql, "PostgreSQL 16beta1 on x86_64-pc-linux-gnu, compiled by gcc 12.2.0",
                 "16"},
        Reported{Engine::kPostgresql, "9.6.24", "9.6.24"},
        Reported{Engine::kRedshift,
                 "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12345",
                 "1.0.12345"},
        Reported{Engine::kRedshift, "1.0.12345", "1.0.12345"},
        Reported{Engine::kCockroachdb,
                 "CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu, built 2025/01/02, go1.23)", "25.2.22"},
        Reported{Engine::kMysql, "9.7.4-2", "9.7.4"}, Reported{Engine::kMysql, "8.0.36-28.1", "8.0.36"},
        Reported{Engine::kMysql, "5.5.5-10.11.19-MariaDB-0+deb12u1", "10.11.19"},
        Reported{Engine::kMysql, "5.5.5-m3", "5.5.5"},
        Reported{Engine::kMariadb, "5.5.5-10.11.19-MariaDB-0+deb12u1", "10.11.19"},
        Reported{Engine::kMariadb, "11.8.6-MariaDB-0+deb13u1 from Debian", "11.8.6"},
        Reported{Engine::kSqlserver, "Microsoft SQL Server 2022 (RTM-CU14) - 16.0.4135.4 (X64)",
                 "16.0.4135.4"},
        Reported{Engine::kOracle, "Oracle Database 19c Enterprise Edition Release 19.3.0.0.0", "19.3.0.0.0"},
        Reported{Engine::kOracle, "21", "21"}, Reported{Engine::kRedis, "7.0.15", "7.0.15"},
        Reported{Engine::kRedis, "valkey 8.1.1", "8.1.1"}, Reported{Engine::kEtcd, "3.5.16", "3.5.16"}));

TEST_P(ServersName, AreReadWithoutPackaging) {
  const auto version = parse_server_version(GetParam().engine, GetParam().reported);
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(version->text, GetParam().version);
}

TEST(ParseServerVersion, RefusesWhatHoldsNoVersion) {
  for (const char* text : {"", "unknown", "x86_64", "99999999999999999999", "1.2.3.4.5.6.7.8.9"}) {
    EXPECT_FALSE(parse_server_version(Engine::kPostgresql, text)) << text;
  }
}

TEST(ParseServerVersion, DoesNotTakeThePostgresqlThatRedshiftClaimsToBeForItsOwn) {
  EXPECT_FALSE(parse_server_version(Engine::kRedshift, "8.0.2"));
}

TEST(ParseServerVersion, EscapesWhatTheServerSentInItsError) {
  const auto version = parse_server_version(Engine::kRedis, "\x1b[mred");
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().message.find('\x1b'), std::string::npos);
}

struct Question {
  const char* constraint;
  const char* version;
  bool matches;
};

class Constraints : public ::testing::TestWithParam<Question> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Constraints,
    ::testing::Values(Question{"15", "15.4", true}, Question{"15", "16.0", false},
                      Question{"1", "15.4", false}, Question{"8.0", "8.0.36", true},
                      Question{"8.0", "8.1.0", false}, Question{"8.0.36", "8.0", false},
                      Question{">=15.4 <17", "15.4", true}, Question{">=15.4 <17", "15.3", false},
                      Question{">=15.4 <17", "16.9.9", true}, Question{">=15.4 <17", "17.0", false},
                      Question{">=15.4,<17", "15.4", true}, Question{">= 15.4 ,  < 17", "15.10", true},
                      Question{">15", "15.9", false}, Question{">15", "16.0", true},
                      Question{"<=15", "15.9", true}, Question{"<=15", "16.0", false},
                      Question{"=15.4", "15.4", true}, Question{"==15.4", "15.5", false},
                      Question{"!=15.3", "15.3.1", false}, Question{"!=15.3", "15.4", true},
                      Question{">=15 !=15.3", "15.3", false}, Question{"  15  ", "15.1", true},
                      Question{">=15.0", "15", true}, Question{"v15", "15.4", true},
                      Question{">=v15.4 <V17", "16.0", true}, Question{">=v15.4", "15.3", false}));

TEST_P(Constraints, CompareAsFarAsTheConstraintGoes) {
  const auto constraint = VersionConstraint::parse(GetParam().constraint);
  ASSERT_TRUE(constraint) << constraint.error().message;
  const auto version = parse_server_version(Engine::kPostgresql, GetParam().version);
  ASSERT_TRUE(version);
  EXPECT_EQ(constraint->matches(*version), GetParam().matches)
      << GetParam().constraint << " against " << GetParam().version;
}

struct Precision {
  const char* constraint;
  const char* version;
  bool decided;
};

class Decisions : public ::testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Decisions,
    ::testing::Values(Precision{">=19", "19", true}, Precision{">=19.10", "19", false},
                      Precision{">=19.10", "21", true}, Precision{">=19.10", "18", true},
                      Precision{">=19.0", "19", true}, Precision{"<19.0", "19", true},
                      Precision{"<=19.0", "19", false}, Precision{">19.0", "19", false},
                      Precision{"19.10", "19", false}, Precision{"19.10", "19.10.0", true},
                      Precision{"!=19.3", "19", false}, Precision{">=19.10 <20", "19", false},
                      Precision{">=19.10 <19", "19", true}, Precision{">=19.10", "19.10", true}));

TEST_P(Decisions, AreLeftOpenWhereTheVersionEndsTooEarly) {
  const auto constraint = VersionConstraint::parse(GetParam().constraint);
  ASSERT_TRUE(constraint) << constraint.error().message;
  const auto version = parse_server_version(Engine::kOracle, GetParam().version);
  ASSERT_TRUE(version);
  EXPECT_EQ(constraint->is_decided_by(*version), GetParam().decided)
      << GetParam().constraint << " against " << GetParam().version;
}

class Refused : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Refused,
    ::testing::Values(std::pair{"", "it is empty"}, std::pair{"  ", "it is empty"},
                      std::pair{">=", "a version is missing"}, std::pair{">= <17", "'<17' is no version"},
                      std::pair{"latest", "'latest' is no version"}, std::pair{"~15", "'~15' is no version"},
                      std::pair{"15.x", "'15.x' is no version"}, std::pair{"15..4", "'15..4' is no version"},
                      std::pair{"15.", "'15.' is no version"}, std::pair{"v", "'v' is no version"},
                      std::pair{"vv15", "'vv15' is no version"}, std::pair{">>15", "'>15' is no version"},
                      std::pair{"99999999999", "'99999999999' is no version"},
                      std::pair{"15 16", "it names two versions"}));

TEST_P(Refused, SayWhatIsWrongAndWhatIsAccepted) {
  const auto constraint = VersionConstraint::parse(GetParam().first);
  ASSERT_FALSE(constraint);
  EXPECT_THAT(constraint.error().message, HasSubstr(GetParam().second));
  EXPECT_THAT(constraint.error().message, HasSubstr("'>=15.4 <17'"));
}

TEST(VersionConstraint, KeepsItsTextForMessages) {
  EXPECT_EQ(VersionConstraint::parse(" >=15.4 <17 ")->text(), ">=15.4 <17");
}

}  // namespace
}  // namespace tlswarden::resource
