#include "store/reference_resolver.hpp"

#include <gmock/gmock.h>

#include "store/content_reader.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/keystore_writer.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/store/object_maker.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::store {
namespace {

using pki::MaterialProblem;
using resource::Reference;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class ReferenceResolverTest : public ::testing::Test {
 protected:
  ReferenceResolverTest() {
    auto documents = std::make_shared<Documents>();
    documents->directories["payments/orders"] = scratch_.root();
    documents_ = documents;
    endpoint_.metadata.ns = "payments";
    endpoint_.metadata.name = "orders";
    client_ = test_support::mint(
        {.common_name = "app", .not_before = kToday, .not_after = kToday + base::Seconds(86400)},
        &pki_.intermediate);
  }

  Reference file(const std::string& name, const std::string& content) {
    scratch_.write(name, content);
    Reference reference;
    reference.kind = Reference::Kind::kFile;
    reference.text = name;
    return reference;
  }
  void declare_client(const std::string& certificate, const std::string& key) {
    endpoint_.spec.tls.client_certificate = file("client.crt", certificate);
    endpoint_.spec.tls.client_key = file("client.key", key);
  }
  reconcile::ResolvedMaterial resolve() { return resolver_.resolve(endpoint_); }
  MaterialProblem only_problem() {
    const auto problems = resolve().material.problems;
    EXPECT_THAT(problems, SizeIs(1));
    return problems.empty() ? MaterialProblem{} : problems.front();
  }

  Scratch scratch_;
  test_support::FakeClock clock_{kToday};
  test_support::DemoPki pki_ = test_support::demo_pki(kToday);
  test_support::Minted client_;
  DocumentsPtr documents_;
  int system_reads_ = 0;
  resource::DatabaseEndpoint endpoint_;
  ReferenceResolver resolver_{nullptr, clock_, [this]() -> base::Result<pki::TrustStorePtr> {
                                ++system_reads_;
                                return test_support::store_of({&pki_.root});
                              }};

  void SetUp() override { resolver_.replace(documents_); }
};

TEST_F(ReferenceResolverTest, without_a_declared_ca_the_system_is_trusted_and_read_once_in_ten_minutes) {
  const auto material = resolve().material;
  EXPECT_FALSE(material.ca_declared);
  ASSERT_TRUE(material.trust);
  resolve();
  EXPECT_EQ(system_reads_, 1);
  clock_.advance(base::Seconds(601));
  EXPECT_EQ(resolve().material.trust, material.trust) << "the same content keeps the same object";
  EXPECT_EQ(system_reads_, 2);
}

TEST_F(ReferenceResolverTest, a_system_without_trust_store_is_a_problem_of_the_ca) {
  ReferenceResolver bare(nullptr, clock_,
                         []() -> base::Result<pki::TrustStorePtr> { return base::fail("empty"); });
  const auto material = bare.resolve(endpoint_).material;
  EXPECT_FALSE(material.trust);
  ASSERT_THAT(material.problems, SizeIs(1));
  EXPECT_EQ(material.problems[0].field, "spec.tls.ca");
  EXPECT_THAT(material.problems[0].message, HasSubstr("declare spec.tls.ca"));
}

TEST_F(ReferenceResolverTest, a_declared_ca_is_the_only_one_trusted) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  const auto material = resolve().material;
  EXPECT_TRUE(material.ca_declared);
  ASSERT_TRUE(material.trust);
  EXPECT_THAT(material.trust->anchors, SizeIs(1));
  EXPECT_THAT(material.trust->origin, HasSubstr("ca.pem"));
  EXPECT_EQ(system_reads_, 0);
}

TEST_F(ReferenceResolverTest, a_key_store_opens_with_its_own_password_whatever_was_remembered_of_it) {
  const auto value = [](const std::string& text) {
    auto reference = std::make_shared<Reference>();
    reference->kind = Reference::Kind::kValue;
    reference->text = text;
    return reference;
  };
  const std::string store = test_support::java_keystore(
      {.entries = {{"ca", {pki_.root.certificate->der}}}, .password = "tencentdb"});
  endpoint_.spec.tls.ca = file("ca.jks", store);
  for (const char* password : {"tencentdb", "wrong", "tencentdb"}) {
    endpoint_.spec.tls.ca->password = value(password);
    const auto material = resolve().material;
    if (std::string_view(password) == "wrong") {
      ASSERT_THAT(material.problems, SizeIs(1));
      EXPECT_EQ(material.problems[0].kind, MaterialProblem::Kind::kReferenceInvalid);
      EXPECT_THAT(material.problems[0].message,
                  HasSubstr("ca.jks: the JKS store does not open: the password is wrong"));
      EXPECT_FALSE(material.trust);
    } else {
      EXPECT_THAT(material.problems, IsEmpty());
      ASSERT_TRUE(material.trust);
      EXPECT_THAT(material.trust->anchors, SizeIs(1));
    }
  }
  auto missing = std::make_shared<Reference>();
  missing->kind = Reference::Kind::kFile;
  missing->text = "not-there";
  endpoint_.spec.tls.ca->password = missing;
  EXPECT_EQ(only_problem().kind, MaterialProblem::Kind::kReferenceNotFound);
}

TEST_F(ReferenceResolverTest, a_file_is_read_again_at_every_call) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  const std::string before = resolve().material.revision;
  EXPECT_EQ(resolve().material.revision, before);
  scratch_.write("ca.pem", pki_.intermediate.certificate_pem);
  EXPECT_NE(resolve().material.revision, before);
}

TEST_F(ReferenceResolverTest, a_ca_that_is_missing_or_no_certificate_leaves_no_trust) {
  endpoint_.spec.tls.ca = file("ca.pem", "rubbish");
  EXPECT_EQ(only_problem().kind, MaterialProblem::Kind::kReferenceInvalid);
  EXPECT_FALSE(resolve().material.trust);
  std::filesystem::remove(scratch_ / "ca.pem");
  EXPECT_EQ(only_problem().kind, MaterialProblem::Kind::kReferenceNotFound);
  EXPECT_EQ(only_problem().field, "spec.tls.ca");
  EXPECT_THAT(only_problem().message, HasSubstr("ca.pem"));
}

TEST_F(ReferenceResolverTest, certificate_and_key_become_an_identity) {
  declare_client(client_.certificate_pem + pki_.intermediate.certificate_pem, client_.key_pem);
  const auto material = resolve().material;
  EXPECT_THAT(material.problems, IsEmpty());
  ASSERT_TRUE(material.client);
  EXPECT_THAT(material.client->chain, SizeIs(2));
}

TEST_F(ReferenceResolverTest, a_renewed_client_certificate_changes_the_revision) {
  declare_client(client_.certificate_pem, client_.key_pem);
  const std::string before = resolve().material.revision;
  const auto renewed = test_support::mint(
      {.common_name = "app", .not_before = kToday, .not_after = kToday + base::Seconds(172800)},
      &pki_.intermediate);
  declare_client(renewed.certificate_pem, renewed.key_pem);
  EXPECT_NE(resolve().material.revision, before);
}

TEST_F(ReferenceResolverTest, a_key_of_another_certificate_is_a_mismatch_but_the_dates_stay) {
  declare_client(client_.certificate_pem, pki_.leaf.key_pem);
  EXPECT_EQ(only_problem().kind, MaterialProblem::Kind::kKeyMismatch);
  EXPECT_FALSE(resolve().material.client);
  EXPECT_THAT(resolve().material.client_certificates, SizeIs(1));
}

TEST_F(ReferenceResolverTest, a_certificate_without_key_and_a_key_without_certificate_are_told_apart) {
  endpoint_.spec.tls.client_certificate = file("client.crt", client_.certificate_pem);
  EXPECT_EQ(only_problem().field, "spec.tls.clientKey");
  endpoint_.spec.tls.client_certificate.reset();
  endpoint_.spec.tls.client_key = file("client.key", client_.key_pem);
  EXPECT_EQ(only_problem().field, "spec.tls.clientCertificate");
}

TEST_F(ReferenceResolverTest, a_missing_passphrase_file_is_the_only_complaint) {
  declare_client(client_.certificate_pem, client_.key_pem);
  Reference nowhere;
  nowhere.kind = Reference::Kind::kFile;
  nowhere.text = "nowhere";
  endpoint_.spec.tls.client_key_passphrase = nowhere;
  EXPECT_EQ(only_problem().field, "spec.tls.clientKeyPassphrase");
}

TEST_F(ReferenceResolverTest, credentials_are_lines_and_never_part_of_a_message) {
  endpoint_.spec.auth.emplace();
  endpoint_.spec.auth->username = file("user", "app\n");
  endpoint_.spec.auth->password = file("password", "hunter2\n");
  const auto resolved = resolve();
  ASSERT_TRUE(resolved.credentials);
  EXPECT_EQ(resolved.credentials->username.reveal(), "app");
  EXPECT_EQ(resolved.credentials->password.reveal(), "hunter2");
}

TEST_F(ReferenceResolverTest, half_of_the_credentials_is_none) {
  endpoint_.spec.auth.emplace();
  endpoint_.spec.auth->username = file("user", "app");
  endpoint_.spec.auth->password = file("password", "x");
  std::filesystem::remove(scratch_ / "password");
  EXPECT_FALSE(resolve().credentials);
  EXPECT_EQ(only_problem().field, "spec.auth.password");
}

TEST_F(ReferenceResolverTest, replaced_documents_hold_from_the_next_call_on) {
  Reference secret;
  secret.kind = Reference::Kind::kSecretKey;
  secret.name = "ca";
  secret.key = "ca.crt";
  endpoint_.spec.tls.ca = secret;
  EXPECT_FALSE(resolve().material.trust);
  auto documents = std::make_shared<Documents>();
  documents->objects = ObjectMaker().secret("payments", "ca", {{"ca.crt", pki_.root.certificate_pem}}).done();
  resolver_.replace(documents);
  EXPECT_TRUE(resolve().material.trust);
}

/// Material that many endpoints share, and material that turns bad under the agent's eyes.
class MaterialLifeTest : public ReferenceResolverTest {
 protected:
  MaterialLifeTest() { endpoint_.metadata.uid = "1"; }

  static std::string bundle_of_150() {
    std::string pem;
    for (int i = 0; i < 150; ++i) {
      pem += test_support::mint({.common_name = "CA " + std::to_string(i),
                                 .not_before = kToday,
                                 .not_after = kToday + base::Seconds(86400),
                                 .ca = true})
                 .certificate_pem;
    }
    return pem;
  }
  static Reference document(Reference::Kind kind) {
    Reference reference;
    reference.kind = kind;
    reference.name = "ca";
    reference.key = "ca.crt";
    return reference;
  }
  /// The file system's clock is the real one; the resolver's is moved behind it.
  void let_files_age() {
    const auto real = std::chrono::floor<base::Seconds>(std::chrono::system_clock::now());
    clock_.advance(real - clock_.now() + base::Seconds(60));
  }
  void declare_good_client() {
    declare_client(client_.certificate_pem, client_.key_pem);
    ASSERT_TRUE(resolve().material.client);
  }
  std::string served_by_client() {
    const auto material = resolve().material;
    return material.client ? material.client->chain.front()->facts.sha256 : "none";
  }
};

TEST_F(MaterialLifeTest, ten_thousand_endpoints_share_one_parsed_store) {
  endpoint_.spec.tls.ca = file("ca.pem", bundle_of_150());
  let_files_age();
  const pki::TrustStorePtr first = resolve().material.trust;
  ASSERT_TRUE(first);
  EXPECT_THAT(first->anchors, SizeIs(150));
  for (int i = 0; i < 10'000; ++i) {
    endpoint_.metadata.uid = std::to_string(i);
    ASSERT_EQ(resolve().material.trust, first);
  }
  EXPECT_EQ(resolver_.parses(), 1U);
}

TEST_F(MaterialLifeTest, the_same_bytes_are_parsed_once_in_whatever_form_they_are_declared) {
  auto documents = std::make_shared<Documents>();
  documents->directories["payments/orders"] = scratch_.root();
  documents->objects = ObjectMaker()
                           .secret("payments", "ca", {{"ca.crt", pki_.root.certificate_pem}})
                           .config_map("payments", "ca", {{"ca.crt", pki_.root.certificate_pem}})
                           .done();
  resolver_.replace(documents);
  for (const Reference& reference :
       {document(Reference::Kind::kSecretKey), document(Reference::Kind::kConfigMapKey),
        file("ca.pem", pki_.root.certificate_pem), file("copy.pem", pki_.root.certificate_pem)}) {
    endpoint_.spec.tls.ca = reference;
    const auto trust = resolve().material.trust;
    ASSERT_TRUE(trust);
    EXPECT_EQ(trust->origin, resource::describe(reference)) << "messages still name the right one";
  }
  EXPECT_EQ(resolver_.parses(), 1U);
}

TEST_F(MaterialLifeTest, content_that_cannot_be_parsed_is_tried_once_as_well) {
  endpoint_.spec.tls.ca = file("ca.pem", "rubbish");
  resolve();
  resolve();
  EXPECT_EQ(resolver_.parses(), 1U);
}

TEST_F(MaterialLifeTest, a_change_within_the_tick_of_the_file_systems_clock_is_not_missed) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  const auto times = std::filesystem::last_write_time(scratch_ / "ca.pem");
  ASSERT_EQ(resolve().material.trust->anchors.front()->facts.sha256, pki_.root.certificate->facts.sha256);
  std::string other = pki_.intermediate.certificate_pem;
  other.resize(std::max(other.size(), pki_.root.certificate_pem.size()), '\n');
  scratch_.write("ca.pem", other);
  std::filesystem::last_write_time(scratch_ / "ca.pem", times);
  EXPECT_EQ(resolve().material.trust->anchors.front()->facts.sha256,
            pki_.intermediate.certificate->facts.sha256);
}

TEST_F(MaterialLifeTest,
       a_ca_that_turns_bad_leaves_the_last_good_one_in_force_and_says_so_at_the_second_look) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  const auto good = resolve().material.trust;
  for (const std::string& bad : {pki_.root.certificate_pem.substr(0, 300), std::string("rubbish"),
                                 std::string(kMaxContent + 1, 'x'), std::string()}) {
    scratch_.write("ca.pem", bad);
    const auto first = resolve();
    EXPECT_EQ(first.material.trust, good);
    EXPECT_THAT(first.material.problems, IsEmpty()) << "it may be half written";
    ASSERT_TRUE(first.look_again);
    EXPECT_EQ(*first.look_again, kHalfWritten);
    clock_.advance(kHalfWritten);
    const auto second = resolve();
    EXPECT_EQ(second.material.trust, good);
    ASSERT_THAT(second.material.problems, SizeIs(1));
    EXPECT_TRUE(second.material.problems.front().last_good_kept);
    EXPECT_EQ(second.material.problems.front().kind, MaterialProblem::Kind::kReferenceInvalid);
    EXPECT_THAT(second.material.problems.front().message, HasSubstr("is used meanwhile"));
    EXPECT_FALSE(second.look_again);
    scratch_.write("ca.pem", pki_.root.certificate_pem);
    EXPECT_THAT(resolve().material.problems, IsEmpty()) << "and it is over as soon as the file is good";
  }
}

TEST_F(MaterialLifeTest, looking_again_at_once_does_not_make_it_count) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  resolve();
  std::filesystem::remove(scratch_ / "ca.pem");
  resolve();
  EXPECT_THAT(resolve().material.problems, IsEmpty());
  clock_.advance(kHalfWritten);
  EXPECT_EQ(only_problem().kind, MaterialProblem::Kind::kReferenceNotFound);
  EXPECT_TRUE(resolve().material.trust);
}

TEST_F(MaterialLifeTest, the_message_keeps_what_is_to_be_done_behind_what_is_used_meanwhile) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  resolve();
  std::filesystem::remove(scratch_ / "ca.pem");
  resolve();
  clock_.advance(kHalfWritten);
  EXPECT_THAT(only_problem().message,
              HasSubstr("ca.pem does not exist (what it held on 2026-03-01T00:00:00Z, when it was last good, "
                        "is used meanwhile); create it"));
}

TEST_F(MaterialLifeTest, what_was_never_good_is_a_problem_at_once) {
  endpoint_.spec.tls.ca = file("ca.pem", "rubbish");
  EXPECT_FALSE(only_problem().last_good_kept);
}

TEST_F(MaterialLifeTest, another_reference_has_no_claim_to_what_the_old_one_held) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  resolve();
  endpoint_.spec.tls.ca = file("other.pem", "rubbish");
  EXPECT_FALSE(only_problem().last_good_kept);
  EXPECT_FALSE(resolve().material.trust);
}

TEST_F(MaterialLifeTest, nothing_is_kept_of_an_endpoint_that_is_gone) {
  endpoint_.spec.tls.ca = file("ca.pem", pki_.root.certificate_pem);
  resolve();
  resolver_.retain({"2"});
  scratch_.write("ca.pem", "rubbish");
  EXPECT_FALSE(only_problem().last_good_kept);
}

TEST_F(MaterialLifeTest,
       a_certificate_and_its_key_replaced_one_after_the_other_are_never_mixed_nor_a_problem) {
  declare_good_client();
  const std::string old = client_.certificate->facts.sha256;
  const auto renewed = test_support::mint(
      {.common_name = "app", .not_before = kToday, .not_after = kToday + base::Seconds(172800)},
      &pki_.intermediate);
  scratch_.write("client.crt", renewed.certificate_pem);
  clock_.advance(base::Seconds(3));
  EXPECT_EQ(served_by_client(), old) << "the old pair, not the new certificate with the old key";
  clock_.advance(kHalfRotated - base::Seconds(1));
  EXPECT_THAT(resolve().material.problems, IsEmpty());
  scratch_.write("client.key", renewed.key_pem);
  EXPECT_EQ(served_by_client(), renewed.certificate->facts.sha256);
  EXPECT_THAT(resolve().material.problems, IsEmpty());
}

TEST_F(MaterialLifeTest, a_rotation_that_is_left_half_done_is_a_mismatch_beside_the_old_pair) {
  declare_good_client();
  scratch_.write("client.key", pki_.leaf.key_pem);
  EXPECT_THAT(resolve().material.problems, IsEmpty());
  clock_.advance(kHalfRotated);
  const auto problem = only_problem();
  EXPECT_EQ(problem.kind, MaterialProblem::Kind::kKeyMismatch);
  EXPECT_TRUE(problem.last_good_kept);
  EXPECT_EQ(served_by_client(), client_.certificate->facts.sha256);
}

TEST_F(MaterialLifeTest, the_permissions_of_a_key_file_are_noted) {
  declare_good_client();
  std::filesystem::permissions(scratch_ / "client.key", std::filesystem::perms(0640));
  const auto noted = resolve().material.client_key_file;
  ASSERT_TRUE(noted);
  EXPECT_EQ(noted->mode, 0640U);
  EXPECT_THAT(noted->path, HasSubstr("client.key"));
}

class ReferenceResolverTunnelTest : public ReferenceResolverTest {
 protected:
  ReferenceResolverTunnelTest() {
    auto& tunnel = endpoint_.spec.ssh_tunnel.emplace();
    tunnel.host = "bastion.test";
    tunnel.port = 2222;
    tunnel.user = "me";
    tunnel.key = file("id", "the key\n");
    tunnel.known_hosts = file("known_hosts", "bastion.test ssh-ed25519 AAAA\n");
  }
};

TEST_F(ReferenceResolverTunnelTest, ReadsWhatTheTunnelNeeds) {
  endpoint_.spec.ssh_tunnel->key_passphrase = file("passphrase", "open sesame\n");
  const auto resolved = resolve();
  EXPECT_THAT(resolved.material.problems, IsEmpty());
  ASSERT_TRUE(resolved.bastion);
  EXPECT_EQ(resolved.bastion->host, "bastion.test");
  EXPECT_EQ(resolved.bastion->port, 2222);
  EXPECT_EQ(resolved.bastion->user, "me");
  EXPECT_EQ(resolved.bastion->key.reveal(), "the key\n");
  EXPECT_EQ(resolved.bastion->passphrase->reveal(), "open sesame");
  EXPECT_EQ(resolved.bastion->known_hosts, "bastion.test ssh-ed25519 AAAA\n");
}

TEST_F(ReferenceResolverTunnelTest, IsStillATunnelWhereAReferenceIsBroken) {
  endpoint_.spec.ssh_tunnel->key_passphrase = Reference{};
  endpoint_.spec.ssh_tunnel->key_passphrase->kind = Reference::Kind::kFile;
  endpoint_.spec.ssh_tunnel->key_passphrase->text = "missing";
  const auto resolved = resolve();
  EXPECT_EQ(only_problem().field, "spec.tunnel.ssh.keyPassphrase");
  ASSERT_TRUE(resolved.bastion);
  EXPECT_TRUE(resolved.bastion->key.empty()) << "it would only be called encrypted";
}

TEST_F(ReferenceResolverTest, KnowsNoBastionUnlessOneIsDeclared) {
  EXPECT_FALSE(resolve().bastion);
}

}  // namespace
}  // namespace tlswarden::store
