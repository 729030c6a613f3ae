#include "cli/explain_verb.hpp"

#include <gmock/gmock.h>

#include "surroundings_for_test.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Explain : public SurroundingsForTest {
 protected:
  int explain(std::vector<std::string> topic) { return run_explain({std::move(topic)}, surroundings()); }
};

TEST_F(Explain, AReasonWithItsRunbook) {
  EXPECT_EQ(explain({"CertificateExpired"}), 0);
  EXPECT_THAT(out(), StartsWith("CertificateExpired\n\nMEANING\n  "));
  for (const char* heading : {"\nCAUSE\n", "\nNEXT STEP\n", "\nSTEPS\n  1. ", "\nALSO KNOWN AS\n"}) {
    EXPECT_THAT(out(), HasSubstr(heading));
  }
}

TEST_F(Explain, AReasonByTheWordsThatAnotherProgramPrinted) {
  EXPECT_EQ(explain({"Error:", "self-signed", "certificate;", "code", "DEPTH_ZERO_SELF_SIGNED_CERT"}), 0);
  EXPECT_THAT(out(), StartsWith("SelfSignedLeaf\n"));
}

TEST_F(Explain, EveryReasonThatOtherProgramsSayTheSameOf) {
  EXPECT_EQ(explain({"UNABLE_TO_VERIFY_LEAF_SIGNATURE"}), 0);
  EXPECT_THAT(out(), StartsWith("UnknownIssuer\n"));
  EXPECT_THAT(out(), HasSubstr("\nTHE SAME WORDS ARE ALSO SAID OF\n"));
  EXPECT_THAT(out(),
              HasSubstr("\nIncompleteChain  The server does not send the intermediate certificate.\n"));
}

TEST_F(Explain, AReasonByAMessageThatWasShortened) {
  EXPECT_EQ(explain({"no", "pg_hba.conf", "entry", "...", "no", "encryption"}), 0);
  EXPECT_THAT(out(), StartsWith("ServerRequiresTLS\n"));
}

TEST_F(Explain, AFieldWithTypeAndAcceptedValues) {
  EXPECT_EQ(explain({"spec.tls.mode"}), 0);
  EXPECT_THAT(out(), StartsWith("spec.tls.mode <string>\n\nDESCRIPTION\n  "));
  EXPECT_THAT(out(), HasSubstr("\nACCEPTED\n  disable, prefer, require, verify-ca, verify-full\n"));
}

TEST_F(Explain, AFieldWithoutItsFirstStepAndInAnyCase) {
  EXPECT_EQ(explain({"TLS.minversion"}), 0);
  EXPECT_THAT(out(), StartsWith("spec.tls.minVersion <string>\n"));
  EXPECT_THAT(out(), HasSubstr("\nDEFAULT\n  TLSv1.2\n"));
}

TEST_F(Explain, AnObjectWithTheFieldsBelowIt) {
  EXPECT_EQ(explain({"spec"}), 0);
  EXPECT_THAT(out(), StartsWith("spec <object> -required-\n"));
  EXPECT_THAT(out(), HasSubstr("\nFIELDS\nFIELD "));
  EXPECT_THAT(out(), HasSubstr("\nengine "));
}

TEST_F(Explain, AListThroughItsItems) {
  EXPECT_EQ(explain({"spec.rotation.maintenanceWindows[0].days"}), 0);
  EXPECT_THAT(out(), StartsWith("spec.rotation.maintenanceWindows.days <[]string>\n"));
}

TEST_F(Explain, TheSameFieldTwiceBecauseLookingChangesNothing) {
  EXPECT_EQ(explain({"spec.tls.mode"}), 0);
  const std::string once = out();
  EXPECT_EQ(explain({"spec.tls.mode"}), 0);
  EXPECT_EQ(out(), once + once);
}

TEST_F(Explain, AnEngine) {
  EXPECT_EQ(explain({"engine/mysql"}), 0);
  EXPECT_THAT(out(), StartsWith("MySQL (engine: mysql)\n"));
  EXPECT_THAT(out(), HasSubstr("verify-full  --ssl-mode=VERIFY_IDENTITY --ssl-ca=FILE\n"));
  EXPECT_THAT(out(), HasSubstr("ALTER INSTANCE RELOAD TLS"));
}

TEST_F(Explain, ListsItsTopicsWhenAskedForNone) {
  EXPECT_EQ(explain({}), 0);
  EXPECT_THAT(out(), HasSubstr("\nengine/postgresql "));
  EXPECT_THAT(out(), HasSubstr("\nHostnameMismatch "));
}

struct MisspeltTopic {
  const char* given;
  const char* meant;
};

class MisspeltTopics : public Explain, public ::testing::WithParamInterface<MisspeltTopic> {};
INSTANTIATE_TEST_SUITE_P(Table, MisspeltTopics,
                         ::testing::Values(MisspeltTopic{"CertificatExpired", "CertificateExpired"},
                                           MisspeltTopic{"spec.tls.mod", "spec.tls.mode"},
                                           MisspeltTopic{"minVersion", "spec.tls.minVersion"},
                                           MisspeltTopic{"engine/postgres", "engine/postgresql"}));

TEST_P(MisspeltTopics, AreAnsweredWithTheNearestTopic) {
  EXPECT_EQ(explain({GetParam().given}), 3);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr(std::string("did you mean ") + GetParam().meant + "?"));
}

TEST_F(Explain, EscapesWhatItCannotFind) {
  EXPECT_EQ(explain({"\x1b[31mzzzzzzzzzz"}), 3);
  EXPECT_THAT(err(), HasSubstr("'\\x1b[31mzzzzzzzzzz'"));
}

}  // namespace
}  // namespace tlswarden::cli
