#include "verdict/rehearsal.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::Engine;
using resource::TlsMode;
using resource::Urgency;
using test_support::Minted;
using test_support::MintSpec;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

MintSpec ca_spec(const std::string& name) {
  return {.common_name = name, .not_before = kNow - kDay, .not_after = kNow + 3650 * kDay, .ca = true};
}

Minted leaf_under(const Minted& issuer, const std::string& dns = "localhost",
                  base::WallTime not_after = kNow + 90 * kDay) {
  return test_support::mint({.common_name = dns,
                             .dns_names = {dns},
                             .not_before = kNow - 90 * kDay,
                             .not_after = not_after,
                             .extended_key_usage = std::vector<std::string>{"serverAuth"}},
                            &issuer);
}

/// The demo PKI is the old CA; this one comes next.
const Minted& next_root() {
  static const Minted root = test_support::mint(ca_spec("Next Root CA"));
  return root;
}

struct Rotation : Scenario {
  explicit Rotation(TlsMode mode = TlsMode::kVerifyFull, Engine engine = Engine::kPostgresql)
      : Scenario(engine, mode) {
    next({&next_root()});
  }
  Rotation& bundle(std::initializer_list<const Minted*> anchors) {
    material.trust = test_support::store_of(anchors);
    return *this;
  }
  Rotation& next(std::initializer_list<const Minted*> anchors) {
    endpoint.spec.tls.next_ca = resource::Reference{};
    material.next_trust = test_support::store_of(anchors);
    return *this;
  }
  Rotation& system_trust() {
    auto store = std::make_shared<pki::TrustStore>(*material.trust);
    store->system = true;
    store->origin = "the system trust store";
    material.trust = store;
    material.ca_declared = false;
    endpoint.spec.tls.ca.reset();
    return *this;
  }
  Rotation& serve_next() {
    const Minted leaf = leaf_under(next_root());
    serve({&leaf});
    return *this;
  }
  resource::Condition answer() const { return condition_of(judge(), condition::kNextCaReady); }
  const resource::Advice* advice(const resource::EndpointStatus& status, const char* reason) const {
    for (const resource::Advice& item : status.advice) {
      if (item.reason == reason) return &item;
    }
    return nullptr;
  }
};

void expect(const Rotation& rotation, ConditionStatus status, const char* reason, const std::string& words) {
  const resource::Condition answer = rotation.answer();
  EXPECT_EQ(answer.status, status) << answer.message;
  EXPECT_EQ(answer.reason, reason) << answer.message;
  EXPECT_THAT(answer.message, HasSubstr(words));
}

TEST(Rehearsal, is_unknown_where_no_next_ca_is_declared) {
  const auto answer = condition_of(Scenario().judge(), condition::kNextCaReady);
  EXPECT_EQ(answer.status, ConditionStatus::kUnknown);
  EXPECT_EQ(answer.reason, reason::kNotDeclared);
}

TEST(Rehearsal, a_bundle_without_the_next_ca_comes_first_and_both_are_said) {
  const Rotation rotation;
  expect(rotation, ConditionStatus::kFalse, reason::kBundleMissingNextCa,
         "lacks the next CA 'CN=Next Root CA'");
  EXPECT_THAT(rotation.answer().message, AllOf(HasSubstr("still serves a chain under 'CN=Demo Root CA'"),
                                               HasSubstr("clients with verify-full are refused")));
}

TEST(Rehearsal, a_ready_bundle_waits_for_the_server) {
  Rotation rotation;
  rotation.bundle({&demo().root, &next_root()});
  expect(rotation, ConditionStatus::kFalse, reason::kOldCaStillNeeded, "under 'CN=Demo Root CA'");
}

TEST(Rehearsal, a_server_that_switched_lets_trust_follow) {
  Rotation rotation;
  rotation.bundle({&demo().root, &next_root()}).serve_next();
  expect(rotation, ConditionStatus::kTrue, reason::kSafeToSwitch, "alone in mode verify-full");
  EXPECT_THAT(rotation.answer().message, Not(HasSubstr("but not with")));
}

TEST(Rehearsal, a_server_that_switched_too_early_is_told_so) {
  Rotation rotation;
  rotation.serve_next();
  expect(rotation, ConditionStatus::kTrue, reason::kSafeToSwitch, "but not with spec.tls.ca");
}

TEST(Rehearsal, ends_where_the_bundle_is_the_next_ca) {
  Rotation rotation;
  rotation.bundle({&next_root()}).serve_next();
  expect(rotation, ConditionStatus::kTrue, reason::kSafeToSwitch, "remove spec.tls.nextCA");
  const auto status = rotation.judge();
  EXPECT_EQ(rotation.advice(status, reason::kSafeToSwitch)->urgency, Urgency::kConsider);
}

TEST(Rehearsal, changes_neither_ready_nor_severity_and_advises_with_commands) {
  Rotation rotation;
  rotation.endpoint.metadata.ns = "payments";
  rotation.endpoint.spec.tls.ca =
      resource::Reference{resource::Reference::Kind::kSecretKey, "orders-ca", "ca.crt", {}, {}};
  rotation.endpoint.spec.tls.next_ca =
      resource::Reference{resource::Reference::Kind::kFile, {}, {}, "/etc/next ca.pem", {}};
  const auto status = rotation.judge();
  EXPECT_EQ(condition_of(status, condition::kReady).status, ConditionStatus::kTrue);
  EXPECT_EQ(severity(status), Severity::kOk);
  const auto* advice = rotation.advice(status, reason::kBundleMissingNextCa);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->action, "AddNextCA");
  EXPECT_EQ(advice->urgency, Urgency::kPlanned);
  EXPECT_THAT(advice->steps,
              Contains("{ kubectl -n payments get secret orders-ca -o jsonpath='{.data.ca\\.crt}' | "
                       "base64 -d; echo; cat '/etc/next ca.pem'; } > both.pem"));
  EXPECT_THAT(advice->steps, Contains(HasSubstr("kubectl -n payments patch secret orders-ca --type merge")));
}

TEST(Rehearsal, says_how_the_server_takes_the_new_certificate) {
  Rotation rotation;
  rotation.bundle({&demo().root, &next_root()});
  const auto status = rotation.judge();
  const auto* advice = rotation.advice(status, reason::kOldCaStillNeeded);
  ASSERT_NE(advice, nullptr);
  EXPECT_THAT(advice->steps, Contains(HasSubstr("pg_reload_conf")));
}

TEST(Rehearsal, a_cross_signed_root_serves_both_generations) {
  auto spec = ca_spec("Next Root CA");
  spec.own_key = next_root().key;
  const Minted crossed = test_support::mint(spec, &demo().root);
  const Minted leaf = leaf_under(next_root());
  Rotation served;
  served.serve({&leaf, &crossed});
  expect(served, ConditionStatus::kTrue, reason::kSafeToSwitch, "through 'CN=Demo Root CA' as long as");
  EXPECT_EQ(condition_of(served.judge(), condition::kReady).status, ConditionStatus::kTrue);

  Rotation in_bundle;
  in_bundle.bundle({&demo().root, &crossed});
  expect(in_bundle, ConditionStatus::kFalse, reason::kOldCaStillNeeded, "");

  Rotation without_its_root;
  without_its_root.bundle({&demo().root}).next({&crossed});
  expect(without_its_root, ConditionStatus::kFalse, reason::kNextCaUnusable, "but no root");
}

TEST(Rehearsal, a_root_issued_again_with_its_key_is_the_same_authority) {
  auto spec = ca_spec("Demo Root CA");
  spec.own_key = demo().root.key;
  const Minted again = test_support::mint(spec, &demo().root);
  Rotation rotation;
  rotation.next({&again});
  expect(rotation, ConditionStatus::kTrue, reason::kSafeToSwitch, "alone in mode verify-full");

  auto next_spec = ca_spec("Next Root CA");
  next_spec.own_key = next_root().key;
  const Minted next_again = test_support::mint(next_spec, &next_root());
  Rotation held;
  held.bundle({&demo().root, &next_again});
  expect(held, ConditionStatus::kFalse, reason::kOldCaStillNeeded, "");
}

TEST(Rehearsal, a_root_of_the_same_name_with_another_key_is_another) {
  const Minted namesake = test_support::mint(ca_spec("Next Root CA"));
  Rotation rotation;
  rotation.bundle({&demo().root, &namesake});
  expect(rotation, ConditionStatus::kFalse, reason::kBundleMissingNextCa, "");
}

TEST(Rehearsal, an_intermediate_is_no_anchor) {
  Rotation rotation;
  rotation.next({&demo().intermediate});
  expect(rotation, ConditionStatus::kFalse, reason::kNextCaUnusable,
         "holds the intermediate 'CN=Demo Intermediate CA' but no root");
}

TEST(Rehearsal, of_several_next_cas_the_chain_needs_one_and_the_bundle_all) {
  const Minted other = test_support::mint(ca_spec("Other Next CA"));
  Rotation switched;
  switched.next({&other, &next_root()}).bundle({&demo().root, &next_root()}).serve_next();
  expect(switched, ConditionStatus::kTrue, reason::kSafeToSwitch, "");
  Rotation before;
  before.next({&other, &next_root()}).bundle({&demo().root, &next_root()});
  expect(before, ConditionStatus::kFalse, reason::kBundleMissingNextCa, "'CN=Other Next CA'");
  Rotation overlap;
  overlap.next({&demo().root, &next_root()});
  expect(overlap, ConditionStatus::kTrue, reason::kSafeToSwitch, "");
}

TEST(Rehearsal, the_system_trust_store_stands_for_an_undeclared_ca) {
  Rotation rotation;
  rotation.system_trust();
  expect(rotation, ConditionStatus::kFalse, reason::kBundleMissingNextCa,
         "The system trust store lacks the next CA");
  const auto status = rotation.judge();
  EXPECT_THAT(rotation.advice(status, reason::kBundleMissingNextCa)->steps,
              Contains(HasSubstr("update-ca-certificates")));
}

TEST(Rehearsal, a_mode_that_verifies_nothing_is_safe_by_nature) {
  expect(Rotation(TlsMode::kRequire, Engine::kRedis), ConditionStatus::kTrue, reason::kSafeToSwitch,
         "verifies no chain");
  EXPECT_THAT(Rotation(TlsMode::kRequire, Engine::kRedis).answer().message,
              HasSubstr("would still need 'CN=Demo Root CA'"));
  expect(Rotation(TlsMode::kDisable), ConditionStatus::kTrue, reason::kSafeToSwitch, "uses no TLS");
}

TEST(Rehearsal, libpq_verifies_under_require_once_a_ca_is_declared) {
  expect(Rotation(TlsMode::kRequire), ConditionStatus::kFalse, reason::kBundleMissingNextCa,
         "clients with require are refused");
  expect(Rotation(TlsMode::kPrefer), ConditionStatus::kFalse, reason::kBundleMissingNextCa,
         "clients with prefer go on in plaintext");
  // With no CA declared require looks at nothing now, but would as soon as the next CA is declared.
  Rotation undeclared(TlsMode::kRequire);
  undeclared.system_trust();
  expect(undeclared, ConditionStatus::kFalse, reason::kOldCaStillNeeded, "");
}

TEST(Rehearsal, the_name_counts_in_verify_full_alone) {
  const Minted leaf = leaf_under(next_root(), "elsewhere");
  Rotation full;
  full.serve({&leaf});
  expect(full, ConditionStatus::kFalse, reason::kHostnameMismatch, "ends at the next CA, but");
  Rotation chain_only(TlsMode::kVerifyCa);
  chain_only.serve({&leaf});
  expect(chain_only, ConditionStatus::kTrue, reason::kSafeToSwitch, "");
}

TEST(Rehearsal, a_fault_of_another_kind_keeps_its_reason) {
  const Minted expired = leaf_under(next_root(), "localhost", kNow - kDay);
  Rotation rotation;
  rotation.serve({&expired});
  expect(rotation, ConditionStatus::kFalse, reason::kCertificateExpired, "ends at the next CA, but");

  const Minted stranger = test_support::mint(ca_spec("Stranger CA"));
  const Minted strange = leaf_under(stranger);
  Rotation unknown;
  unknown.serve({&strange});
  expect(unknown, ConditionStatus::kFalse, reason::kUnknownIssuer, "'CN=Stranger CA' is in neither");
  EXPECT_THAT(unknown.answer().message, HasSubstr("lacks the next CA"));
}

TEST(Rehearsal, an_intermediate_that_only_the_old_bundle_holds_is_named) {
  const Minted intermediate = test_support::mint(ca_spec("Next Issuing CA"), &next_root());
  const Minted leaf = leaf_under(intermediate);
  Rotation rotation;
  rotation.bundle({&demo().root, &next_root(), &intermediate}).serve({&leaf});
  const resource::Condition answer = rotation.answer();
  EXPECT_EQ(answer.status, ConditionStatus::kFalse);
  EXPECT_NE(answer.reason, reason::kOldCaStillNeeded);
  EXPECT_THAT(answer.message, HasSubstr("the server does not send: 'CN=Next Issuing CA'"));
}

TEST(Rehearsal, a_next_ca_out_of_date_or_that_is_none_is_unusable) {
  auto spec = ca_spec("Late CA");
  spec.not_before = kNow + 3 * kDay;
  const Minted early = test_support::mint(spec);
  Rotation rotation;
  rotation.next({&early});
  expect(rotation, ConditionStatus::kFalse, reason::kNextCaUnusable, "becomes valid only in 3 days");
  rotation.now = kNow + 4 * kDay;
  expect(rotation, ConditionStatus::kFalse, reason::kBundleMissingNextCa, "");
  rotation.now = kNow + 3651 * kDay;
  expect(rotation, ConditionStatus::kFalse, reason::kNextCaUnusable, "expired");
  const Minted leaf = leaf_under(next_root());
  rotation.now = kNow;
  rotation.next({&leaf});
  expect(rotation, ConditionStatus::kFalse, reason::kNextCaUnusable, "which is no CA");
}

TEST(Rehearsal, a_reference_that_leads_nowhere_is_no_fault_of_the_endpoint) {
  Rotation rotation;
  rotation.material.next_trust.reset();
  rotation.material.problems.push_back({pki::MaterialProblem::Kind::kReferenceNotFound, "spec.tls.nextCA",
                                        "there is no Secret next; create it"});
  const auto status = rotation.judge();
  EXPECT_EQ(condition_of(status, condition::kNextCaReady).reason, reason::kReferenceNotFound);
  EXPECT_EQ(condition_of(status, condition::kReady).status, ConditionStatus::kTrue);
  EXPECT_EQ(severity(status), Severity::kOk);
}

TEST(Rehearsal, an_outage_keeps_the_last_answer) {
  Rotation rotation;
  const auto before = rotation.judge();
  rotation.history = {rotation.endpoint.spec.failure_threshold, before};
  rotation.unreachable();
  expect(rotation, ConditionStatus::kFalse, reason::kBundleMissingNextCa, "As last seen");
  rotation.history.previous.reset();
  expect(rotation, ConditionStatus::kUnknown, reason::kNoCertificateSeen, "");
}

TEST(Rehearsal, one_member_that_needs_the_old_ca_is_enough) {
  Rotation rotation;
  rotation.bundle({&demo().root, &next_root()}).serve_next();
  rotation.observation.members.push_back(Rotation().observation);
  rotation.observation.members.back().address->ip = "10.0.0.2";
  expect(rotation, ConditionStatus::kFalse, reason::kOldCaStillNeeded, "Member 10.0.0.2:5432: ");
  const auto status = rotation.judge();
  EXPECT_EQ(rotation.advice(status, reason::kSafeToSwitch), nullptr);
}

}  // namespace
}  // namespace tlswarden::verdict
