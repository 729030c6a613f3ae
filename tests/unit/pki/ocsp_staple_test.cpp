#include "pki/ocsp_staple.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "pki/verification.hpp"
#include "tests/support/mint_revocation.hpp"

namespace tlswarden::pki {
namespace {

using std::chrono::days;
using test_support::demo_pki;
using test_support::DemoPki;
using test_support::mint;
using test_support::mint_staple;
using test_support::Minted;
using test_support::MintSpec;
using test_support::StapleSpec;
using testing::HasSubstr;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();
constexpr std::chrono::hours kHalfDay{12};

class ExamineStaple : public testing::Test {
 protected:
  StapleSpec good() const {
    return {.subject = &demo_.leaf,
            .issuer = &demo_.intermediate,
            .this_update = kNow - kHalfDay,
            .next_update = kNow + days(6)};
  }

  Staple examine(const base::Bytes& response) const {
    return examine_staple(response, *demo_.leaf.certificate, *demo_.intermediate.certificate);
  }
  std::string problem(const StapleSpec& spec) const { return examine(mint_staple(spec)).problem; }

  static MintSpec responder(std::string usage) {
    return {.common_name = "Responder",
            .not_before = kNow - days(1),
            .not_after = kNow + days(20),
            .extended_key_usage = std::vector<std::string>{std::move(usage)}};
  }

  const DemoPki demo_ = demo_pki(kNow, 90);
};

TEST_F(ExamineStaple, BelievesTheIssuer) {
  const Staple staple = examine(mint_staple(good()));
  EXPECT_EQ(staple.problem, "");
  EXPECT_EQ(staple.answer, Staple::Answer::kGood);
  EXPECT_EQ(staple.this_update, kNow - kHalfDay);
  EXPECT_EQ(staple.next_update, kNow + days(6));
  EXPECT_EQ(staple_problem(staple, kNow), "");
  EXPECT_FALSE(is_stale(staple, kNow));
}

TEST_F(ExamineStaple, BelievesTheIssuerWithoutItsCertificateAndByAnyDigest) {
  StapleSpec spec = good();
  spec.with_signer = false;
  spec.digest = EVP_sha256();
  EXPECT_EQ(problem(spec), "");
}

TEST_F(ExamineStaple, TellsARevocation) {
  StapleSpec spec = good();
  spec.status = V_OCSP_CERTSTATUS_REVOKED;
  spec.revoked_at = kNow - days(3);
  spec.reason = CRL_REASON_SUPERSEDED;
  const Staple staple = examine(mint_staple(spec));
  EXPECT_EQ(staple.answer, Staple::Answer::kRevoked);
  EXPECT_EQ(staple.revoked_at, kNow - days(3));
  EXPECT_EQ(staple.revocation_reason, "superseded");
}

TEST_F(ExamineStaple, TellsThatTheCaDoesNotKnow) {
  StapleSpec spec = good();
  spec.status = V_OCSP_CERTSTATUS_UNKNOWN;
  EXPECT_EQ(examine(mint_staple(spec)).answer, Staple::Answer::kUnknown);
}

TEST_F(ExamineStaple, BelievesOnlyDelegatesOfTheIssuer) {
  const auto signed_by = [&](const Minted& signer) {
    StapleSpec spec = good();
    spec.signer = &signer;
    return problem(spec);
  };
  EXPECT_EQ(signed_by(mint(responder("OCSPSigning"), &demo_.intermediate)), "");
  EXPECT_THAT(signed_by(mint(responder("serverAuth"), &demo_.intermediate)), HasSubstr("may not speak"));
  // Another CA's delegate, even of the CA above, is none of this one's.
  EXPECT_THAT(signed_by(mint(responder("OCSPSigning"), &demo_.root)), HasSubstr("may not speak"));
  EXPECT_THAT(signed_by(mint(responder("OCSPSigning"))), HasSubstr("may not speak"));
  EXPECT_THAT(signed_by(demo_.leaf), HasSubstr("may not speak"));
  EXPECT_THAT(signed_by(demo_.root), HasSubstr("may not speak"));
}

TEST_F(ExamineStaple, NeedsTheDelegatesCertificate) {
  const Minted delegate = mint(responder("OCSPSigning"), &demo_.intermediate);
  StapleSpec spec = good();
  spec.signer = &delegate;
  spec.with_signer = false;
  EXPECT_THAT(problem(spec), HasSubstr("not in it"));
}

TEST_F(ExamineStaple, RefusesAnImpostorOfTheIssuersName) {
  const Minted impostor = mint({.common_name = "Demo Intermediate CA",
                                .not_before = kNow - days(1),
                                .not_after = kNow + days(90),
                                .ca = true});
  StapleSpec spec = good();
  spec.signer = &impostor;
  EXPECT_NE(problem(spec), "");
}

TEST_F(ExamineStaple, RefusesTheAnswerAboutAnotherCertificate) {
  const Minted before =
      mint({.common_name = "localhost", .not_before = kNow - days(1), .not_after = kNow + days(9)},
           &demo_.intermediate);
  StapleSpec spec = good();
  spec.subject = &before;
  EXPECT_THAT(problem(spec), HasSubstr("another certificate"));
}

TEST_F(ExamineStaple, RefusesWhatIsNoAnswer) {
  EXPECT_THAT(examine({}).problem, HasSubstr("no OCSP response"));
  EXPECT_THAT(examine({1, 2, 3}).problem, HasSubstr("no OCSP response"));
  EXPECT_THAT(examine(test_support::mint_refusal(OCSP_RESPONSE_STATUS_TRYLATER)).problem,
              HasSubstr("try again later"));
  EXPECT_THAT(examine(test_support::mint_refusal(OCSP_RESPONSE_STATUS_UNAUTHORIZED)).problem,
              HasSubstr("no answer (unauthorized)"));
  base::Bytes followed = mint_staple(good());
  followed.push_back(0);
  EXPECT_THAT(examine(followed).problem, HasSubstr("no OCSP response"));
  EXPECT_THAT(examine(base::Bytes(64 * 1024 + 1, 0x30)).problem, HasSubstr("no OCSP response"));
}

TEST_F(ExamineStaple, KnowsTheTime) {
  const Staple staple = examine(mint_staple(good()));
  const base::WallTime from = kNow - kHalfDay, until = kNow + days(6);
  EXPECT_THAT(staple_problem(staple, from - kStapleSkew - base::Seconds(1)), HasSubstr("in the future"));
  EXPECT_EQ(staple_problem(staple, from - kStapleSkew), "");
  EXPECT_FALSE(is_stale(staple, until + kStapleSkew));
  EXPECT_TRUE(is_stale(staple, until + kStapleSkew + base::Seconds(1)));
  EXPECT_EQ(staple_problem(staple, until + days(1)), "") << "stale, not wrong";
  EXPECT_THAT(staple_problem(staple, kNow + days(91)), HasSubstr("signed it has expired"));
}

TEST_F(ExamineStaple, IsNeverStaleWithoutADate) {
  StapleSpec spec = good();
  spec.next_update.reset();
  EXPECT_FALSE(is_stale(examine(mint_staple(spec)), kNow + days(80)));
}

TEST_F(ExamineStaple, IsRememberedByResponseAndCertificates) {
  VerificationCache cache;
  const base::Bytes response = mint_staple(good());
  const auto look = [&](const Minted& subject) -> const Staple& {
    return cache.staple(response, *subject.certificate, *demo_.intermediate.certificate);
  };
  const Staple* first = &look(demo_.leaf);
  EXPECT_EQ(first, &look(demo_.leaf));
  EXPECT_EQ(first->problem, "");
  EXPECT_NE(look(demo_.root).problem, "");
}

/// Whatever is done to a response: it is not believed, or says what it said.
TEST_F(ExamineStaple, SurvivesHostileBytes) {
  const Minted delegate = mint(responder("OCSPSigning"), &demo_.intermediate);
  StapleSpec spec = good();
  spec.signer = &delegate;
  const base::Bytes response = mint_staple(spec);
  for (std::size_t i = 0; i < response.size(); ++i) {
    base::Bytes altered = response;
    altered[i] ^= 0x41U;
    const Staple staple = examine(altered);
    EXPECT_TRUE(!staple.problem.empty() || staple.answer == Staple::Answer::kGood) << i;
    EXPECT_NE(examine({response.begin(), response.begin() + static_cast<std::ptrdiff_t>(i)}).problem, "")
        << i;
  }
}

TEST(CertificateFacts, KnowThatAStapleIsPromised) {
  const auto with = [](const char* features) {
    return mint({.common_name = "x",
                 .not_before = kNow,
                 .not_after = kNow + days(1),
                 .adjust =
                     [features](X509* certificate) {
                       if (features != nullptr)
                         test_support::add_extension(certificate, NID_tlsfeature, features);
                     }})
        .certificate->facts.must_staple;
  };
  EXPECT_FALSE(with(nullptr));
  EXPECT_FALSE(with("17"));
  EXPECT_TRUE(with("status_request"));
  EXPECT_TRUE(with("17,5"));
}

}  // namespace
}  // namespace tlswarden::pki
