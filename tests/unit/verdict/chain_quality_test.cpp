#include "verdict/chain_quality.hpp"

#include <gmock/gmock.h>

#include "tests/support/mint_revocation.hpp"
#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::Urgency;
using test_support::chain_of;
using test_support::mint;
using test_support::Minted;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Minted ca(const char* name, const Minted* issuer = nullptr, base::Seconds until = 90 * kDay) {
  return mint({.common_name = name, .not_before = kNow - 200 * kDay, .not_after = kNow + until, .ca = true},
              issuer);
}

const resource::Advice* advice_for(const resource::EndpointStatus& status, const char* reason) {
  for (const resource::Advice& item : status.advice) {
    if (item.reason == reason) return &item;
  }
  return nullptr;
}

/// What is untidy never makes a healthy endpoint anything but healthy.
void expect_healthy(const resource::EndpointStatus& status) {
  EXPECT_EQ(outcomes(status), "RWWWW");
  EXPECT_EQ(condition_of(status, condition::kReady).status, ConditionStatus::kTrue);
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).status, ConditionStatus::kTrue);
  EXPECT_EQ(severity(status), Severity::kOk);
}

std::vector<std::string> reasons_of(std::initializer_list<const Minted*> served) {
  const pki::Chain chain = chain_of(served);
  const auto path = chain_of({&demo().leaf, &demo().intermediate, &demo().root});
  std::vector<std::string> reasons;
  for (const Remark& remark : judge_chain_quality(chain, path, kNow))
    reasons.push_back(remark.finding.reason);
  return reasons;
}

TEST(ChainQuality, HasNothingToSayOfATidyChain) {
  EXPECT_THAT(reasons_of({&demo().leaf, &demo().intermediate}), IsEmpty());
  EXPECT_THAT(reasons_of({&demo().leaf}), IsEmpty());
  EXPECT_EQ(condition_of(Scenario().judge(), condition::kCertificateValid).reason, reason::kChainVerified);
}

TEST(ChainQuality, OnlyHintsAtARoot) {
  const auto status = Scenario().serve({&demo().leaf, &demo().intermediate, &demo().root}).judge();
  expect_healthy(status);
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainVerified);
  const resource::Advice* advice = advice_for(status, reason::kRootSent);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->urgency, Urgency::kConsider);
  EXPECT_THAT(advice->message, HasSubstr("'Demo Root CA'"));
}

TEST(ChainQuality, NamesTheRightOrder) {
  const Minted lower = ca("Lower CA", &demo().intermediate);
  const Minted leaf = mint({.common_name = "localhost",
                            .dns_names = {"localhost"},
                            .not_before = kNow - kDay,
                            .not_after = kNow + 90 * kDay},
                           &lower);
  EXPECT_THAT(outcomes(Scenario().serve({&leaf, &lower, &demo().intermediate}).judge()), "RWWWW");
  const auto status = Scenario().serve({&leaf, &demo().intermediate, &lower}).judge();
  expect_healthy(status);
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainOutOfOrder);
  const resource::Advice* advice = advice_for(status, reason::kChainOutOfOrder);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->urgency, Urgency::kPlanned);
  EXPECT_EQ(advice->action, "TidyServedChain");
  EXPECT_THAT(advice->message, HasSubstr("'localhost', 'Lower CA', 'Demo Intermediate CA'"));
}

TEST(ChainQuality, KnowsARootBeforeItsIntermediateForDisorder) {
  EXPECT_THAT(reasons_of({&demo().leaf, &demo().root, &demo().intermediate}),
              ElementsAre(reason::kChainOutOfOrder, reason::kRootSent));
}

TEST(ChainQuality, NamesWhatHasNothingToDoWithTheLeaf) {
  const Minted stranger = ca("Stranger CA");
  const auto status = Scenario().serve({&demo().leaf, &demo().intermediate, &stranger}).judge();
  expect_healthy(status);
  const auto& valid = condition_of(status, condition::kCertificateValid);
  EXPECT_EQ(valid.reason, reason::kUnneededCertificate);
  EXPECT_THAT(valid.message, HasSubstr("'Stranger CA', which has nothing to do with"));
  // A stranger's root is no root of this chain.
  EXPECT_EQ(advice_for(status, reason::kRootSent), nullptr);
}

TEST(ChainQuality, NamesDuplicates) {
  EXPECT_THAT(reasons_of({&demo().leaf, &demo().leaf, &demo().intermediate}),
              ElementsAre(reason::kUnneededCertificate));
  EXPECT_THAT(
      condition_of(Scenario().serve({&demo().leaf, &demo().intermediate, &demo().intermediate}).judge(),
                   condition::kCertificateValid)
          .message,
      HasSubstr("'Demo Intermediate CA' a second time"));
}

/// A second certificate of the demo root's name and key, which another CA signed.
Minted cross_signed(const Minted& by, base::Seconds until) {
  Minted cross = demo().root;
  cross.certificate = mint({.common_name = "Demo Root CA",
                            .not_before = kNow - 200 * kDay,
                            .not_after = kNow + until,
                            .ca = true,
                            .adjust =
                                [](X509* certificate) {
                                  X509_set_pubkey(certificate, demo().root.key.get());
                                  const int at =
                                      X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1);
                                  X509_EXTENSION_free(X509_delete_ext(certificate, at));
                                }},
                           &by)
                          .certificate;
  return cross;
}

TEST(ChainQuality, LeavesACrossSignedCaAloneUntilItExpires) {
  const Minted old_root = ca("Old Root CA");
  const Minted good = cross_signed(old_root, 30 * kDay), expired = cross_signed(old_root, -30 * kDay);
  EXPECT_THAT(reasons_of({&demo().leaf, &demo().intermediate, &good}), IsEmpty());
  const auto status = Scenario().serve({&demo().leaf, &demo().intermediate, &expired}).judge();
  expect_healthy(status);
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message,
              AllOf(HasSubstr("'Demo Root CA', another certificate of an issuer"),
                    HasSubstr("expired on 2026-10-23")));
}

TEST(ChainQuality, NamesAtMostThreeStrangers) {
  std::vector<Minted> strangers;
  for (const char* name : {"A", "B", "C", "D", "E"})
    strangers.push_back(ca(name));
  const auto status = Scenario()
                          .serve({&demo().leaf, &demo().intermediate, &strangers[0], &strangers[1],
                                  &strangers[2], &strangers[3], &strangers[4]})
                          .judge();
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message,
              AllOf(HasSubstr("'C'"), HasSubstr("and 2 more"), Not(HasSubstr("'D'"))));
}

/// As `openssl req -x509` leaves it: with a key usage OpenSSL would refuse the server.
void drop_key_usage(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_key_usage, -1);
  X509_EXTENSION_free(X509_delete_ext(certificate, at));
}

TEST(ChainQuality, NamesACaThatPosesAsAServer) {
  const Minted own = mint({.common_name = "localhost",
                           .dns_names = {"localhost"},
                           .not_before = kNow - kDay,
                           .not_after = kNow + 90 * kDay,
                           .ca = true,
                           .adjust = drop_key_usage});
  Scenario scenario;
  scenario.material.trust = test_support::store_of({&own});
  const auto status = scenario.serve({&own}).judge();
  expect_healthy(status);
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kCaUsedForServer);
  EXPECT_EQ(advice_for(status, reason::kRootSent), nullptr);
}

TEST(ChainQuality, SaysNothingOfAChainThatDoesNotVerify) {
  const Minted stranger = ca("Stranger CA");
  const auto status = Scenario().serve_expired().serve({&demo().leaf, &stranger}).judge();
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kIncompleteChain);
  EXPECT_EQ(advice_for(status, reason::kUnneededCertificate), nullptr);
}

TEST(IncompleteChain, ThatTheTrustHappensToCompleteNamesWhoFails) {
  for (const bool system : {false, true}) {
    Scenario scenario;
    scenario.serve({&demo().leaf});
    auto store =
        std::make_shared<pki::TrustStore>(*test_support::store_of({&demo().root, &demo().intermediate}));
    store->system = system;
    if (system) store->origin = "the system trust store";
    scenario.material.trust = store;
    const auto status = scenario.judge();
    expect_healthy(status);
    const auto& valid = condition_of(status, condition::kCertificateValid);
    EXPECT_EQ(valid.reason, reason::kIntermediateNotSent);
    EXPECT_THAT(
        valid.message,
        AllOf(HasSubstr(system ? "the system trust store holds" : "spec.tls.ca (the test's trust store)"),
              HasSubstr("'Demo Intermediate CA'"), HasSubstr("the root alone refuse the server")));
  }
}

TEST(WrongPurpose, SaysWhatTheCertificateIsMadeFor) {
  const auto message_for = [](std::optional<std::vector<std::string>> extended, const char* usage) {
    const Minted leaf = mint({.common_name = "localhost",
                              .dns_names = {"localhost"},
                              .not_before = kNow - kDay,
                              .not_after = kNow + 90 * kDay,
                              .extended_key_usage = std::move(extended),
                              .adjust =
                                  [usage](X509* certificate) {
                                    if (usage != nullptr)
                                      test_support::add_extension(certificate, NID_key_usage, usage);
                                  }},
                             &demo().intermediate);
    const auto status = Scenario().serve({&leaf, &demo().intermediate}).judge();
    const auto& valid = condition_of(status, condition::kCertificateValid);
    return valid.reason + ": " + valid.message;
  };
  EXPECT_THAT(message_for(std::vector<std::string>{"clientAuth"}, nullptr),
              HasSubstr("WrongPurpose: The server's certificate 'localhost' is made for clients only"));
  EXPECT_THAT(message_for(std::vector<std::string>{"codeSigning"}, nullptr),
              HasSubstr("WrongPurpose: The usage that the server's certificate"));
  EXPECT_THAT(message_for(std::nullopt, "critical,keyCertSign,cRLSign"),
              HasSubstr("WrongPurpose: The usage that the server's certificate"));
  EXPECT_THAT(message_for(std::nullopt, "critical,digitalSignature"), HasSubstr("ChainVerified"));
  EXPECT_THAT(message_for(std::nullopt, "critical,keyEncipherment"), HasSubstr("ChainVerified"));
}

TEST(ChainFaults, NameTheCertificateThatIsAtFault) {
  const auto made = [](const char* name, bool is_ca, const Minted* issuer,
                       std::optional<int> path_length = {}) {
    return mint({.common_name = name,
                 .dns_names = {"localhost"},
                 .not_before = kNow - kDay,
                 .not_after = kNow + 90 * kDay,
                 .ca = is_ca,
                 .path_length = path_length},
                issuer);
  };
  const auto message_for = [](std::initializer_list<const Minted*> chain) {
    const auto status = Scenario().serve(chain).judge();
    const auto& valid = condition_of(status, condition::kCertificateValid);
    return valid.reason + ": " + valid.message;
  };
  const Minted no_ca = made("No CA", false, &demo().intermediate);
  const Minted below_no_ca = made("localhost", false, &no_ca);
  EXPECT_EQ(message_for({&below_no_ca, &no_ca, &demo().intermediate}),
            "InvalidChain: 'No CA' in the chain may not issue certificates (invalid CA certificate). Next: "
            "reissue the certificate from a proper CA.");
  const Minted last = made("Last CA", true, &demo().intermediate, 0);
  const Minted too_deep = made("Too Deep CA", true, &last);
  const Minted below_too_deep = made("localhost", false, &too_deep);
  EXPECT_EQ(message_for({&below_too_deep, &too_deep, &last, &demo().intermediate}),
            "InvalidChain: 'Last CA' in the chain may not have so many CAs below it (path length constraint "
            "exceeded). Next: reissue the certificate from a proper CA.");
}

TEST(ChainFaults, NameTheUnknownCaAsWhatItIs) {
  const Minted stranger =
      mint({.common_name = "Stranger CA", .not_before = kNow - kDay, .not_after = kNow + kDay, .ca = true});
  const auto message_for = [&](std::initializer_list<const Minted*> chain) {
    Scenario scenario;
    scenario.serve(chain).material.trust = test_support::store_of({&stranger});
    const auto status = scenario.judge();
    return condition_of(status, condition::kCertificateValid).message;
  };
  EXPECT_THAT(message_for({&demo().leaf, &demo().intermediate}),
              HasSubstr("The served chain leads to the CA 'CN=Demo Root CA', which is not in spec.tls.ca"));
  const Minted leaf = mint({.common_name = "localhost",
                            .dns_names = {"localhost"},
                            .not_before = kNow - kDay,
                            .not_after = kNow + kDay},
                           &demo().root);
  EXPECT_THAT(
      message_for({&leaf}),
      HasSubstr("The server's certificate is issued by 'CN=Demo Root CA', which is not in spec.tls.ca"));
}

TEST(ChainFaults, NameTheCertificateThatACaMayNotIssue) {
  const auto below = [](const char* name, int extension, const char* value) {
    return mint({.common_name = name,
                 .not_before = kNow - kDay,
                 .not_after = kNow + 90 * kDay,
                 .ca = true,
                 .adjust = [=](X509* it) { test_support::add_extension(it, extension, value); }},
                &demo().intermediate);
  };
  const auto message_for = [](const Minted& ca) {
    const Minted leaf = mint({.common_name = "localhost",
                              .dns_names = {"localhost"},
                              .not_before = kNow - kDay,
                              .not_after = kNow + 90 * kDay},
                             &ca);
    const auto status = Scenario().serve({&leaf, &ca, &demo().intermediate}).judge();
    const auto& valid = condition_of(status, condition::kCertificateValid);
    return valid.reason + ": " + valid.message;
  };
  EXPECT_EQ(message_for(below("Client CA", NID_ext_key_usage, "clientAuth")),
            "WrongPurpose: 'Client CA' in the chain may not issue certificates for servers (unsuitable "
            "certificate purpose). Next: reissue the server's certificate from a CA that may.");
  EXPECT_EQ(message_for(below("Other Names CA", NID_name_constraints, "critical,permitted;DNS:example.com")),
            "InvalidChain: A CA in the chain may not issue certificates for the names of 'localhost' "
            "(permitted subtree violation). Next: reissue the certificate from a proper CA.");
}

TEST(WeakSignature, IsFoundAnywhereButOnTheAnchor) {
  const auto faults = [](const char* root_digest, const char* intermediate_digest) {
    const auto made = [](const char* name, const char* digest, bool is_ca, const Minted* issuer) {
      return mint({.common_name = name,
                   .dns_names = {name},
                   .not_before = kNow - kDay,
                   .not_after = kNow + 90 * kDay,
                   .ca = is_ca,
                   .key = "RSA-2048",
                   .digest = digest},
                  issuer);
    };
    const Minted root = made("Root", root_digest, true, nullptr);
    const Minted intermediate = made("Intermediate", intermediate_digest, true, &root);
    const Minted leaf = made("localhost", "SHA256", false, &intermediate);
    Scenario scenario;
    scenario.material.trust = test_support::store_of({&root});
    return condition_of(scenario.serve({&leaf, &intermediate}).judge(), condition::kCertificateValid).reason;
  };
  EXPECT_EQ(faults("SHA1", "SHA256"), reason::kChainVerified);
  EXPECT_EQ(faults("SHA256", "SHA1"), reason::kWeakSignature);
}

}  // namespace
}  // namespace tlswarden::verdict
