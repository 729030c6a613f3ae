#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "base/time_text.hpp"
#include "pki/bundle.hpp"
#include "tests/support/keystore_writer.hpp"
#include "tests/support/mint.hpp"

/// Cut and altered files of every form: never a crash, never without words, never for long. A sanitizer's
/// build says more than this one.
namespace tlswarden::pki {
namespace {

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();
constexpr std::size_t kPositions = 400;                // of each form, spread evenly
constexpr std::clock_t kLongest = 5 * CLOCKS_PER_SEC;  // of our own: others may be busy

struct Form {
  const char* name;
  std::string (*make)(const test_support::DemoPki&);
};

class DamagedBundle : public testing::TestWithParam<Form> {
 protected:
  /// With the right password and without one.
  static void expect_words(const std::string& content) {
    const base::Secret password(std::string_view("tencentdb"));
    const std::clock_t start = std::clock();
    for (const base::Secret* given : {&password, static_cast<const base::Secret*>(nullptr)}) {
      const auto bundle = parse_bundle(base::as_bytes(content), given);
      if (bundle) {
        EXPECT_FALSE(bundle->certificates.empty());
      } else {
        EXPECT_FALSE(bundle.error().message.empty());
        EXPECT_LT(bundle.error().message.size(), 700U);
      }
    }
    EXPECT_LT(std::clock() - start, kLongest);
  }

  const std::string whole_ = GetParam().make(test_support::demo_pki(kNow));
  const std::size_t step_ = std::max<std::size_t>(1, whole_.size() / kPositions);
};

TEST_P(DamagedBundle, OpensWhileItIsWhole) {
  const base::Secret password(std::string_view("tencentdb"));
  const auto bundle = parse_bundle(base::as_bytes(whole_), &password);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->certificates.size(), 3U);
}

TEST_P(DamagedBundle, SurvivesBeingCutAnywhere) {
  for (std::size_t size = 0; size < whole_.size(); size += step_)
    expect_words(whole_.substr(0, size));
}

TEST_P(DamagedBundle, SurvivesAlteredBytes) {
  for (std::size_t at = 0; at < whole_.size(); at += step_) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string damaged = whole_;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      expect_words(damaged);
    }
  }
}

TEST_P(DamagedBundle, SurvivesPiecesTakenOutAndDoubled) {
  std::mt19937 random(20260301);  // NOLINT(bugprone-random-generator-seed): the same damage each time
  for (std::size_t round = 0; round < kPositions; ++round) {
    const std::size_t at = random() % whole_.size();
    const std::size_t size = 1 + random() % 64;
    std::string damaged = whole_;
    if (round % 2 == 0) {
      damaged.erase(at, size);
    } else {
      damaged.insert(at, whole_.substr(random() % whole_.size(), size));
    }
    expect_words(damaged);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, DamagedBundle,
    testing::Values(
        Form{"Pem",
             [](const test_support::DemoPki& demo) {
               return test_support::pem_of({&demo.leaf, &demo.intermediate, &demo.root}) +
                      test_support::armoured("X509 CRL",
                                             base::as_text(test_support::revocation_list(demo.root, kNow)));
             }},
        Form{"Der",
             [](const test_support::DemoPki& demo) {
               return test_support::der_of(demo.leaf) + test_support::der_of(demo.intermediate) +
                      test_support::der_of(demo.root);
             }},
        Form{"Pkcs7",
             [](const test_support::DemoPki& demo) {
               return test_support::pkcs7({&demo.leaf, &demo.intermediate, &demo.root},
                                          {test_support::revocation_list(demo.root, kNow)});
             }},
        Form{"Pkcs7Indefinite",
             [](const test_support::DemoPki& demo) {
               return test_support::with_indefinite_lengths(
                   test_support::pkcs7({&demo.leaf, &demo.intermediate, &demo.root}));
             }},
        Form{"Pkcs12",
             [](const test_support::DemoPki& demo) {
               return test_support::pkcs12(
                   {.certificates = {&demo.leaf, &demo.intermediate, &demo.root}, .keys = {&demo.leaf}});
             }},
        Form{"Pkcs12Plain",
             [](const test_support::DemoPki& demo) {
               return test_support::pkcs12({.certificates = {&demo.leaf, &demo.intermediate, &demo.root},
                                            .lists = {test_support::revocation_list(demo.root, kNow)},
                                            .keys = {&demo.leaf},
                                            .cipher = -1,
                                            .mac = false});
             }},
        Form{"Jks",
             [](const test_support::DemoPki& demo) {
               return test_support::java_keystore({.entries = {{"a", {demo.leaf.certificate->der}},
                                                               {"b", {demo.intermediate.certificate->der}},
                                                               {"c", {demo.root.certificate->der}}}});
             }},
        Form{"Base64",
             [](const test_support::DemoPki& demo) {
               return test_support::base64_lines(
                   test_support::pkcs7({&demo.leaf, &demo.intermediate, &demo.root}));
             }}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tlswarden::pki
