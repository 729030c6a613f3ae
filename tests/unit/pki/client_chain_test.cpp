#include "pki/client_chain.hpp"

#include <gmock/gmock.h>

#include "pki/content_digest.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using test_support::chain_of;
using test_support::Minted;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class ClientChainTest : public ::testing::Test {
 protected:
  static Minted authority(const std::string& name, const Minted* issuer) {
    return test_support::mint(
        {.common_name = name, .not_before = kToday, .not_after = kToday + base::Seconds(86400), .ca = true},
        issuer);
  }
  test_support::DemoPki pki_ = test_support::demo_pki(kToday);
};

TEST_F(ClientChainTest, follows_signatures_to_the_root_or_as_far_as_the_file_goes) {
  const ClientChain whole = trace_client_chain(chain_of({&pki_.leaf, &pki_.intermediate, &pki_.root}));
  EXPECT_THAT(whole.path,
              ElementsAre(pki_.leaf.certificate, pki_.intermediate.certificate, pki_.root.certificate));
  EXPECT_TRUE(whole.ordered);
  EXPECT_FALSE(whole.open());
  const ClientChain usual = trace_client_chain(chain_of({&pki_.leaf, &pki_.intermediate}));
  EXPECT_TRUE(usual.open());
  EXPECT_THAT(usual.unrelated, IsEmpty());
}

TEST_F(ClientChainTest, finds_its_way_through_disorder_and_past_strangers) {
  const Minted stranger = authority("Stranger", nullptr);
  const ClientChain chain =
      trace_client_chain(chain_of({&pki_.leaf, &stranger, &pki_.root, &pki_.intermediate}));
  EXPECT_EQ(chain.path.size(), 3U);
  EXPECT_FALSE(chain.ordered);
  EXPECT_THAT(chain.unrelated, ElementsAre(stranger.certificate));
  EXPECT_FALSE(chain.impostor);
}

TEST_F(ClientChainTest, tells_a_renewed_issuer_of_the_same_name_from_the_one_that_signed) {
  const Minted before = authority("Issuing CA", &pki_.root);
  const Minted after = authority("Issuing CA", &pki_.root);
  const Minted leaf = test_support::mint(
      {.common_name = "app", .not_before = kToday, .not_after = kToday + base::Seconds(86400)}, &before);
  const ClientChain wrong = trace_client_chain(chain_of({&leaf, &after}));
  EXPECT_EQ(wrong.impostor, after.certificate);
  EXPECT_TRUE(wrong.open());
  const ClientChain both = trace_client_chain(chain_of({&leaf, &after, &before}));
  EXPECT_FALSE(both.impostor);
  EXPECT_THAT(both.path, ElementsAre(leaf.certificate, before.certificate));
}

TEST_F(ClientChainTest, ends_where_two_authorities_certify_each_other) {
  const Minted one = authority("One", &pki_.root);
  const Minted other = authority("Other", &one);
  const ClientChain chain = trace_client_chain(chain_of({&other, &one, &other, &one}));
  EXPECT_LE(chain.path.size(), 4U);
  EXPECT_THAT(trace_client_chain({}).path, IsEmpty());
}

TEST(ContentDigestTest, tells_contents_apart_and_keeps_none) {
  const std::string digest = content_digest(base::as_bytes("hunter2"));
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(digest, content_digest(base::as_bytes("hunter2")));
  EXPECT_NE(digest, content_digest(base::as_bytes("hunter3")));
  EXPECT_NE(base::to_hex(base::as_bytes(digest)),
            "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7")
      << "the plain SHA-256 of a password could be looked up";
}

}  // namespace
}  // namespace tlswarden::pki
