#include "pki/certificate.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

TEST(Certificate, SaysWhatTheLeafSays) {
  const auto demo = test_support::demo_pki(kNow);
  const CertificateFacts& facts = demo.leaf.certificate->facts;
  EXPECT_EQ(facts.subject, "CN=localhost");
  EXPECT_EQ(facts.issuer, "CN=Demo Intermediate CA");
  EXPECT_EQ(facts.not_before, kNow - std::chrono::days(1));
  EXPECT_EQ(facts.not_after, kNow + std::chrono::days(90));
  EXPECT_EQ(facts.spki_sha256, demo.leaf.private_key()->spki_sha256());
}

}  // namespace
}  // namespace tlswarden::pki
