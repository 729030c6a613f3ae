#include "verdict/client_preflight.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"

namespace tlswarden::verdict {
namespace {

using resource::ConditionStatus;
using resource::TlsMode;
using test_support::Minted;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Minted client_of(const Minted* issuer, base::WallTime not_after = kNow + 90 * kDay, bool ca = false) {
  return test_support::mint({.common_name = "app",
                             .not_before = kNow - 90 * kDay,
                             .not_after = not_after,
                             .ca = ca,
                             .extended_key_usage = std::vector<std::string>{"clientAuth"}},
                            issuer);
}

/// An endpoint that declares a client certificate with these behind it, and the key that belongs to it.
Scenario with_client(std::initializer_list<const Minted*> chain,
                     resource::Engine engine = resource::Engine::kPostgresql) {
  Scenario scenario(engine);
  scenario.endpoint.spec.tls.client_certificate = resource::Reference{};
  scenario.endpoint.spec.tls.client_key = resource::Reference{};
  scenario.material.client_certificates = test_support::chain_of(chain);
  scenario.material.client =
      pki::ClientIdentity{scenario.material.client_certificates, (*chain.begin())->private_key()};
  scenario.observation.client_certificate = probe::ClientCertificateOutcome::kAccepted;
  return scenario;
}

Scenario with_key_mode(unsigned mode, bool root, resource::Engine engine = resource::Engine::kPostgresql) {
  const Minted client = client_of(&demo().intermediate);
  Scenario scenario = with_client({&client, &demo().intermediate}, engine);
  scenario.material.client_key_file = pki::KeyFile{"/certs/client.key", mode, root};
  return scenario;
}

const resource::Condition& verdict_on(const resource::EndpointStatus& status) {
  return condition_of(status, resource::condition::kClientCertificateValid);
}

bool advises(const resource::EndpointStatus& status, const std::string& action) {
  return std::any_of(status.advice.begin(), status.advice.end(),
                     [&](const resource::Advice& item) { return item.action == action; });
}

/// What the condition says about `scenario`, which must be the same with the host down.
std::string reason_up_and_down(Scenario scenario, ConditionStatus expected) {
  const auto up = scenario.judge();
  EXPECT_EQ(verdict_on(up).status, expected) << verdict_on(up).message;
  scenario.history.previous = up;
  scenario.history.consecutive_failures = 1;
  scenario.endpoint.spec.failure_threshold = 3;
  const auto held = scenario.unreachable().judge();
  EXPECT_EQ(verdict_on(held).reason, verdict_on(up).reason);
  scenario.history = {3, std::nullopt};
  const auto down = scenario.judge();
  EXPECT_EQ(verdict_on(down).status, expected) << verdict_on(down).message;
  EXPECT_EQ(verdict_on(down).reason, verdict_on(up).reason);
  return verdict_on(up).reason;
}

TEST(ClientPreflightTest, a_sound_chain_needs_no_word) {
  const Minted client = client_of(&demo().intermediate);
  const auto status = with_client({&client, &demo().intermediate}).judge();
  EXPECT_EQ(verdict_on(status).reason, "ClientCertificateAccepted");
}

TEST(ClientPreflightTest, a_client_of_the_root_itself_is_complete_alone) {
  const Minted client = client_of(&demo().root);
  EXPECT_EQ(verdict_on(with_client({&client}).judge()).reason, "ClientCertificateAccepted");
}

TEST(ClientPreflightTest, dates_and_purpose_are_judged_with_the_host_down_as_well) {
  const Minted expired = client_of(&demo().intermediate, kNow - kDay);
  EXPECT_EQ(reason_up_and_down(with_client({&expired, &demo().intermediate}), ConditionStatus::kFalse),
            "ClientCertificateExpired");
  const Minted server = server_leaf("localhost", kNow - kDay, kNow + kDay);
  EXPECT_EQ(reason_up_and_down(with_client({&server, &demo().intermediate}), ConditionStatus::kFalse),
            "ClientCertificateWrongPurpose");
}

TEST(ClientPreflightTest, an_intermediate_that_expired_before_its_leaf_is_a_fault_that_names_it) {
  const Minted intermediate = test_support::mint(
      {.common_name = "Old Issuing CA", .not_before = kNow - 90 * kDay, .not_after = kNow - kDay, .ca = true},
      &demo().root);
  const Minted client = client_of(&intermediate);
  const Scenario scenario = with_client({&client, &intermediate});
  EXPECT_EQ(reason_up_and_down(scenario, ConditionStatus::kFalse), "ClientCertificateExpired");
  const auto status = scenario.judge();
  EXPECT_THAT(verdict_on(status).message,
              AllOf(HasSubstr("Old Issuing CA"), HasSubstr("spec.tls.clientCertificate")));
  EXPECT_TRUE(advises(status, "RotateClientCertificate"));
}

TEST(ClientPreflightTest, an_intermediate_that_is_missing_is_told_and_is_the_likely_cause_of_a_refusal) {
  const Minted client = client_of(&demo().intermediate);
  Scenario scenario = with_client({&client});
  scenario.material.trust = test_support::store_of({&demo().root, &demo().intermediate});
  const auto accepted = scenario.judge();
  EXPECT_EQ(verdict_on(accepted).status, ConditionStatus::kTrue);
  EXPECT_EQ(verdict_on(accepted).reason, "ClientCertificateChainBroken");
  EXPECT_TRUE(advises(accepted, "CompleteClientChain"));
  scenario.observation.client_certificate = probe::ClientCertificateOutcome::kRejected;
  const auto refused = scenario.judge();
  EXPECT_EQ(verdict_on(refused).status, ConditionStatus::kFalse);
  EXPECT_EQ(verdict_on(refused).reason, "ClientCertificateRejected");
  EXPECT_THAT(verdict_on(refused).message,
              AllOf(HasSubstr("is missing behind the client certificate"),
                    HasSubstr("append its certificate in spec.tls.clientCertificate")));
  EXPECT_THAT(headline(refused), HasSubstr("is missing behind the client certificate"));
  EXPECT_FALSE(advises(refused, "CompleteClientChain")) << "the refusal's own item has said so";
}

/// What a server that sends the TLS alert `code` to a certificate that expired is said to have refused.
resource::EndpointStatus refused_after_expiry(const char* code) {
  const Minted client = client_of(&demo().intermediate, kNow - kDay);
  Scenario scenario = with_client({&client, &demo().intermediate});
  scenario.observation.client_certificate = probe::ClientCertificateOutcome::kRejected;
  scenario.fail(probe::Stage::kProtocolStep, probe::Cause::kClientCertificateRejected, code);
  return scenario.judge();
}

TEST(ClientPreflightTest, a_refusal_whose_cause_is_known_is_one_finding_with_that_cause) {
  const auto status = refused_after_expiry("45");
  const auto& ready = condition_of(status, resource::condition::kReady);
  EXPECT_EQ(ready.reason, "ClientCertificateExpired");
  EXPECT_THAT(ready.message, AllOf(HasSubstr("the client certificate expired on"),
                                   HasSubstr("Next: renew the client certificate")));
  EXPECT_TRUE(advises(status, "RotateClientCertificate"));
  EXPECT_FALSE(advises(status, "ReplaceClientCertificate"));
}

TEST(ClientPreflightTest, an_issuer_that_the_server_does_not_know_is_not_cured_by_a_new_date) {
  const auto status = refused_after_expiry("48");
  EXPECT_EQ(condition_of(status, resource::condition::kReady).reason, "ClientCertificateRejected");
  EXPECT_TRUE(advises(status, "RotateClientCertificate"));
  EXPECT_TRUE(advises(status, "ReplaceClientCertificate"));
}

TEST(ClientPreflightTest, an_issuer_of_an_unknown_ca_may_well_be_a_root) {
  const auto other = test_support::demo_pki(kNow);
  const Minted client = client_of(&other.root);
  EXPECT_EQ(verdict_on(with_client({&client}).judge()).reason, "ClientCertificateAccepted");
}

TEST(ClientPreflightTest, an_issuer_of_the_right_name_with_another_key_is_an_impostor) {
  const Minted client = client_of(&demo().intermediate);
  const Minted renewed =
      test_support::mint({.common_name = demo().intermediate.certificate->facts.common_name,
                          .not_before = kNow - kDay,
                          .not_after = kNow + kDay,
                          .ca = true,
                          .organization = "Demo"},
                         &demo().root);
  Minted impostor = renewed;
  auto copy = std::make_shared<pki::Certificate>(*renewed.certificate);
  copy->facts.subject = demo().intermediate.certificate->facts.subject;
  impostor.certificate = copy;
  EXPECT_THAT(verdict_on(with_client({&client, &impostor}).judge()).message, HasSubstr("did not sign it"));
}

TEST(ClientPreflightTest, disorder_and_strangers_are_told) {
  const Minted client = client_of(&demo().intermediate);
  EXPECT_THAT(verdict_on(with_client({&client, &demo().root, &demo().intermediate}).judge()).message,
              HasSubstr("out of order"));
  EXPECT_THAT(verdict_on(with_client({&client, &demo().intermediate, &demo().leaf}).judge()).message,
              HasSubstr("has nothing to do with it"));
}

TEST(ClientPreflightTest, a_certificate_signed_by_itself_or_that_of_a_ca_is_worth_a_word) {
  const Minted own = client_of(nullptr);
  EXPECT_EQ(verdict_on(with_client({&own}).judge()).reason, "ClientCertificateSelfSigned");
  const Minted ca = client_of(&demo().intermediate, kNow + kDay, true);
  const auto refused = with_client({&ca, &demo().intermediate}).judge();
  EXPECT_EQ(verdict_on(refused).status, ConditionStatus::kFalse) << "its key usage permits signing alone";
  EXPECT_THAT(verdict_on(refused).message, HasSubstr("that of a CA"));
  Minted lenient = client_of(&demo().intermediate);
  auto copy = std::make_shared<pki::Certificate>(*lenient.certificate);
  copy->facts.is_ca = true;
  lenient.certificate = copy;
  const auto accepted = with_client({&lenient, &demo().intermediate}).judge();
  EXPECT_EQ(verdict_on(accepted).status, ConditionStatus::kTrue);
  EXPECT_THAT(verdict_on(accepted).message, HasSubstr("that of a CA"));
}

TEST(ClientPreflightTest, libpq_loads_no_key_that_the_group_may_read_so_that_no_rung_with_tls_works) {
  const Scenario scenario = with_key_mode(0644, false);
  EXPECT_EQ(reason_up_and_down(scenario, ConditionStatus::kFalse), "ClientKeyPermissions");
  const auto status = scenario.judge();
  EXPECT_EQ(rung(status, TlsMode::kVerifyFull).outcome, resource::RungOutcome::kRejected);
  EXPECT_EQ(rung(status, TlsMode::kVerifyFull).reason, "ClientKeyPermissions");
  EXPECT_EQ(condition_of(status, resource::condition::kReady).status, ConditionStatus::kFalse);
  EXPECT_THAT(verdict_on(status).message, HasSubstr("chmod 600 /certs/client.key"));
  EXPECT_TRUE(advises(status, "ProtectClientKey"));
}

/// fe-secure-openssl.c: 0600 or less, or 0640 or less where root owns the file.
TEST(ClientPreflightTest, libpq_lets_the_group_read_what_root_owns) {
  const auto accepts = [](unsigned mode, bool root) {
    return !key_file_refusal(with_key_mode(mode, root).material,
                             resource::engine_facts(resource::Engine::kPostgresql));
  };
  EXPECT_TRUE(accepts(0600, false));
  EXPECT_TRUE(accepts(0400, false));
  EXPECT_FALSE(accepts(0640, false));
  EXPECT_TRUE(accepts(0640, true));
  EXPECT_FALSE(accepts(0660, true));
  EXPECT_FALSE(accepts(0644, true));
}

TEST(ClientPreflightTest, other_clients_load_it_and_are_only_warned_of_what_everybody_may_read) {
  const auto open = with_key_mode(0644, false, resource::Engine::kRedis).judge();
  EXPECT_EQ(verdict_on(open).status, ConditionStatus::kTrue);
  EXPECT_EQ(verdict_on(open).reason, "ClientKeyPermissions");
  EXPECT_EQ(rung(open, TlsMode::kVerifyFull).outcome, resource::RungOutcome::kWorks);
  EXPECT_TRUE(advises(open, "ProtectClientKey"));
  const auto shared = with_key_mode(0640, false, resource::Engine::kRedis).judge();
  EXPECT_EQ(verdict_on(shared).reason, "ClientCertificateAccepted");
}

TEST(ClientPreflightTest, a_fault_that_was_mended_while_the_host_is_down_is_not_remembered) {
  Scenario scenario = with_key_mode(0644, false);
  scenario.history.previous = scenario.judge();
  scenario.history.consecutive_failures = scenario.endpoint.spec.failure_threshold;
  scenario.material.client_key_file->mode = 0600;
  EXPECT_EQ(verdict_on(scenario.unreachable().judge()).status, ConditionStatus::kUnknown);
}

/// What the resolver hands over where material that was good has turned bad.
TEST(LastGoodMaterialTest, the_modes_are_judged_with_what_is_kept_while_ready_says_what_is_wrong) {
  const Minted client = client_of(&demo().intermediate);
  Scenario scenario = with_client({&client, &demo().intermediate});
  for (const char* field : {"spec.tls.ca", "spec.tls.clientKey"}) {
    scenario.material.problems = {{pki::MaterialProblem::Kind::kReferenceInvalid, field,
                                   "file x: it is broken (what it held is used meanwhile); replace it",
                                   true}};
    const auto status = scenario.judge();
    EXPECT_EQ(rung(status, TlsMode::kVerifyFull).outcome, resource::RungOutcome::kWorks);
    EXPECT_EQ(verdict_on(status).status, ConditionStatus::kTrue);
    EXPECT_EQ(condition_of(status, resource::condition::kCertificateValid).status, ConditionStatus::kTrue);
    const auto& ready = condition_of(status, resource::condition::kReady);
    EXPECT_EQ(ready.status, ConditionStatus::kFalse);
    EXPECT_EQ(ready.reason, "ReferenceInvalid");
    EXPECT_THAT(ready.message, AllOf(HasSubstr("is used meanwhile"), HasSubstr("Next: replace it")));
    EXPECT_TRUE(advises(status, "FixReference"));
    scenario.material.problems.front().last_good_kept = false;
    EXPECT_EQ(rung(scenario.judge(), TlsMode::kVerifyFull).outcome, resource::RungOutcome::kRejected);
  }
}

}  // namespace
}  // namespace tlswarden::verdict
