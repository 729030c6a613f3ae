#include "store/material_cache.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store/resolution.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/store/object_maker.hpp"

namespace tlswarden::store {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// A key store stands in for all of them: its text is its password, and it holds the demo leaf with its key.
class KeyStoreTest : public ::testing::Test {
 protected:
  MaterialCache::Parsed parse(base::ByteView content, const base::Secret* password) {
    ++parsings_;
    if (password == nullptr)
      return tl::unexpected<pki::BundleError>(
          pki::BundleError{pki::BundleError::Kind::kPasswordRequired, "it is locked; declare its password"});
    if (password->reveal() != base::as_text(content))
      return tl::unexpected<pki::BundleError>(
          pki::BundleError{pki::BundleError::Kind::kPasswordIncorrect, "it does not open; correct it"});
    return pki::Bundle{test_support::chain_of({&pki_.leaf, &pki_.intermediate}), {}, pki_.leaf.private_key()};
  }

  static resource::Reference secret(const std::string& key) {
    resource::Reference reference;
    reference.kind = resource::Reference::Kind::kSecretKey;
    reference.name = "client";
    reference.key = key;
    return reference;
  }
  static resource::Reference key_store(const std::string& password) {
    resource::Reference store = secret("store.p12");
    store.password = std::make_shared<const resource::Reference>(secret(password));
    return store;
  }
  pki::Material resolve() {
    const ContentScope scope{documents_, endpoint_.metadata.ns, {}};
    return resolve_material(endpoint_, scope, {cache_, last_good_, [] { return test_support::store_of({}); }})
        .material;
  }

  KeyStoreTest() {
    endpoint_.metadata.ns = "payments";
    const ObjectMaker::Entries data{{"store.p12", "sesame"}, {"right", "sesame"}, {"wrong", "basil"}};
    documents_.objects = ObjectMaker().secret("payments", "client", data).done();
  }

  std::atomic<int> parsings_{0};
  test_support::FakeClock clock_{kToday};
  test_support::DemoPki pki_ = test_support::demo_pki(kToday);
  MaterialCache cache_{clock_, [this](base::ByteView content, const base::Secret* password) {
                         return parse(content, password);
                       }};
  LastGood last_good_{clock_};
  Documents documents_;
  resource::DatabaseEndpoint endpoint_;
};

TEST_F(KeyStoreTest, certificate_and_key_come_out_of_one_store_without_client_key) {
  endpoint_.spec.tls.client_certificate = key_store("right");
  const pki::Material material = resolve();
  EXPECT_THAT(material.problems, IsEmpty());
  ASSERT_TRUE(material.client);
  EXPECT_THAT(material.client->chain, SizeIs(2));
}

TEST_F(KeyStoreTest, client_key_may_name_the_same_store) {
  endpoint_.spec.tls.client_certificate = key_store("right");
  endpoint_.spec.tls.client_key = secret("store.p12");
  EXPECT_TRUE(resolve().client);
}

TEST_F(KeyStoreTest, a_wrong_password_and_a_missing_one_are_one_problem_each) {
  using Kind = pki::MaterialProblem::Kind;
  endpoint_.spec.tls.client_certificate = key_store("wrong");
  auto problems = resolve().problems;
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems.front().kind, Kind::kPassphraseIncorrect);
  EXPECT_TRUE(pki::client_problem(resolve()));
  endpoint_.spec.tls.client_certificate = key_store("absent");
  problems = resolve().problems;
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems.front().kind, Kind::kReferenceNotFound);
  EXPECT_EQ(problems.front().field, "spec.tls.clientCertificate.password");
  EXPECT_TRUE(pki::client_problem(resolve())) << "it keeps the certificate from being used";
}

TEST_F(KeyStoreTest, a_store_that_does_not_open_is_one_problem_where_both_fields_name_it) {
  endpoint_.spec.tls.client_certificate = key_store("wrong");
  endpoint_.spec.tls.client_key = secret("store.p12");
  const auto problems = resolve().problems;
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems.front().field, "spec.tls.clientCertificate");
}

TEST_F(KeyStoreTest, the_password_is_part_of_what_content_is_known_by) {
  endpoint_.spec.tls.client_certificate = key_store("wrong");
  resolve();
  endpoint_.spec.tls.client_certificate = key_store("right");
  const pki::Material kept = resolve();
  EXPECT_TRUE(kept.client);
  EXPECT_TRUE(resolve().client);
  EXPECT_EQ(parsings_, 2);
}

TEST_F(KeyStoreTest, a_key_goes_with_the_last_who_uses_it) {
  endpoint_.spec.tls.client_certificate = key_store("right");
  std::weak_ptr<const pki::PrivateKey> key = resolve().client->key;
  EXPECT_TRUE(key.expired());
  EXPECT_TRUE(resolve().client) << "and is read again when it is needed";
  EXPECT_EQ(parsings_, 2);
}

TEST_F(KeyStoreTest, threads_that_need_the_same_content_at_once_parse_it_once) {
  const base::Secret password(std::string_view("sesame"));
  MaterialCache slow(clock_, [this](base::ByteView, const base::Secret*) -> MaterialCache::Parsed {
    ++parsings_;
    std::this_thread::yield();
    return pki::Bundle{test_support::chain_of({&pki_.root}), {}, {}};
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { EXPECT_TRUE(slow.parse("name", password.bytes(), &password)); });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(parsings_, 1);
}

}  // namespace
}  // namespace tlswarden::store
