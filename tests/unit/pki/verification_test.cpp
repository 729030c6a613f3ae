#include "pki/verification.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using std::chrono::days;
using test_support::chain_of;
using test_support::demo_pki;
using test_support::DemoPki;
using test_support::mint;
using test_support::Minted;
using test_support::MintSpec;
using test_support::store_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

MintSpec ca_spec(std::string name) {
  return {
      .common_name = std::move(name), .not_before = kNow - days(1), .not_after = kNow + days(90), .ca = true};
}

MintSpec leaf_spec(std::string name = "localhost") {
  return {
      .common_name = name, .dns_names = {name}, .not_before = kNow - days(1), .not_after = kNow + days(90)};
}

ChainVerification verify(const Chain& served, const TrustStorePtr& store,
                         Purpose purpose = Purpose::kServer) {
  return verify_chain(served, *store, purpose, kNow);
}

class VerifyChain : public testing::Test {
 protected:
  const DemoPki demo_ = demo_pki(kNow);
  const Minted stranger_ = mint(ca_spec("Stranger Root"));
};

TEST_F(VerifyChain, AcceptsACompleteChain) {
  const auto result = verify(chain_of({&demo_.leaf, &demo_.intermediate}), store_of({&demo_.root}));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.detail, "");
  EXPECT_EQ(result.openssl_error, X509_V_OK);
  EXPECT_EQ(result.path, chain_of({&demo_.leaf, &demo_.intermediate, &demo_.root}));
  EXPECT_TRUE(result.anchored);
  EXPECT_FALSE(result.intermediate_from_store);
}

TEST_F(VerifyChain, AcceptsAnyOrderStrangersAndTheRootItself) {
  const auto result = verify(chain_of({&demo_.leaf, &stranger_, &demo_.root, &demo_.intermediate}),
                             store_of({&stranger_, &demo_.root}));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.path.size(), 3U);
  EXPECT_TRUE(result.anchored);
}

TEST_F(VerifyChain, SaysThatNothingWasServed) {
  EXPECT_THAT(verify({}, store_of({&demo_.root})).faults, ElementsAre(ChainFault::kNoCertificate));
}

TEST_F(VerifyChain, TellsASelfSignedLeaf) {
  const Minted own = mint(leaf_spec());
  const auto result = verify(chain_of({&own}), store_of({&demo_.root}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kSelfSignedLeaf));
  EXPECT_EQ(result.openssl_error, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  EXPECT_THAT(result.detail, HasSubstr("self-signed"));
  EXPECT_FALSE(result.anchored);
  EXPECT_EQ(result.path, chain_of({&own}));
}

TEST_F(VerifyChain, AcceptsASelfSignedLeafThatIsDeclared) {
  const Minted own = mint(leaf_spec());
  const auto result = verify(chain_of({&own}), store_of({&own}));
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result.anchored);
}

TEST_F(VerifyChain, CallsADeclaredSelfSignedLeafThatExpiredAnExpiredLeaf) {
  MintSpec spec = leaf_spec();
  spec.not_after = kNow - days(1);
  spec.not_before = kNow - days(9);
  const Minted own = mint(spec);
  const auto result = verify(chain_of({&own}), store_of({&own}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kLeafExpired));
  EXPECT_TRUE(result.anchored);
}

TEST_F(VerifyChain, TellsARootThatIsServedButNotTrusted) {
  const auto result =
      verify(chain_of({&demo_.leaf, &demo_.intermediate, &demo_.root}), store_of({&stranger_}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kSelfSignedInChain));
  EXPECT_FALSE(result.anchored);
}

TEST_F(VerifyChain, TellsAMissingIntermediateOfADeclaredAuthority) {
  const auto result = verify(chain_of({&demo_.leaf}), store_of({&demo_.root}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kIncompleteChain));
  EXPECT_EQ(result.openssl_error, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(result.missing_issuer, "CN=Demo Intermediate CA");
  EXPECT_THAT(result.hint, HasSubstr("CN=Demo Intermediate CA"));
  EXPECT_THAT(result.hint, HasSubstr("is a root"));
  EXPECT_EQ(result.path, chain_of({&demo_.leaf}));
}

TEST_F(VerifyChain, TellsAMissingIntermediateByTheSharedOrganisation) {
  MintSpec root = ca_spec("Trust Anchor 1");
  root.organization = "Example Ltd";
  MintSpec issuing = ca_spec("Issuing 7");
  issuing.organization = "EXAMPLE LTD";
  const Minted root_made = mint(root);
  const Minted issuing_made = mint(issuing, &root_made);
  const Minted leaf = mint(leaf_spec(), &issuing_made);
  EXPECT_THAT(verify(chain_of({&leaf}), store_of({&root_made})).faults,
              ElementsAre(ChainFault::kIncompleteChain));
}

TEST_F(VerifyChain, TakesTheIssuersAddressInTheLeafAsASignOfAMissingIntermediate) {
  MintSpec spec = leaf_spec();
  spec.ca_issuers_url = "http://ca.example/intermediate.cer";
  const Minted leaf = mint(spec, &demo_.intermediate);
  EXPECT_THAT(verify(chain_of({&leaf}), store_of({&stranger_})).faults,
              ElementsAre(ChainFault::kIncompleteChain));
}

TEST_F(VerifyChain, TakesServedCertificatesThatDoNotConnectAsASignOfAMissingIntermediate) {
  EXPECT_THAT(verify(chain_of({&demo_.leaf, &stranger_}), store_of({&stranger_})).faults,
              ElementsAre(ChainFault::kIncompleteChain));
}

TEST_F(VerifyChain, TellsAnUnknownIssuer) {
  const auto with_intermediate = verify(chain_of({&demo_.leaf, &demo_.intermediate}), store_of({&stranger_}));
  EXPECT_THAT(with_intermediate.faults, ElementsAre(ChainFault::kUnknownIssuer));
  EXPECT_EQ(with_intermediate.missing_issuer, "CN=Demo Root CA");
  EXPECT_EQ(with_intermediate.path, chain_of({&demo_.leaf, &demo_.intermediate}));
  const auto leaf_alone = verify(chain_of({&demo_.leaf}), store_of({&stranger_}));
  EXPECT_THAT(leaf_alone.faults, ElementsAre(ChainFault::kUnknownIssuer));
  EXPECT_THAT(leaf_alone.hint, HasSubstr("is an intermediate"));
}

TEST_F(VerifyChain, TellsACaThatWasRenewedWithANewKey) {
  const Minted renewed = mint(ca_spec("Demo Root CA"));
  const auto result = verify(chain_of({&demo_.leaf, &demo_.intermediate}), store_of({&renewed}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kUnknownIssuer));
  EXPECT_THAT(result.hint, HasSubstr("another key"));
}

TEST_F(VerifyChain, TellsAStoreThatHoldsAnIntermediateWithoutItsRoot) {
  const auto result = verify(chain_of({&demo_.leaf}), store_of({&demo_.intermediate}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kUnknownIssuer));
  EXPECT_THAT(result.hint, HasSubstr("up to the root"));
  EXPECT_FALSE(result.anchored);
}

/// Names the issuer's issuer in authorityKeyIdentifier, as "keyid,issuer:always" does.
auto name_issuers_issuer(const Minted& issuer) {
  return [der = issuer.certificate->der](X509* certificate) {
    const int old = X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1);
    X509_EXTENSION_free(X509_delete_ext(certificate, old));
    const unsigned char* position = der.data();
    const X509Ptr handle(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
    X509V3_CTX context;
    X509V3_set_ctx(&context, handle.get(), certificate, nullptr, nullptr, 0);
    X509_EXTENSION* made =
        X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always,issuer:always");
    ASSERT_NE(made, nullptr);
    X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
  };
}

TEST_F(VerifyChain, BelievesTheAuthorityKeyIdentifierBeforeAnyLikeness) {
  MintSpec below_intermediate = leaf_spec();
  below_intermediate.adjust = name_issuers_issuer(demo_.intermediate);
  const Minted under_intermediate = mint(below_intermediate, &demo_.intermediate);
  EXPECT_THAT(verify(chain_of({&under_intermediate}), store_of({&stranger_})).faults,
              ElementsAre(ChainFault::kIncompleteChain));

  const Minted other_demo_root = mint(ca_spec("Demo Root CA 2"));
  MintSpec below_root = leaf_spec();
  below_root.adjust = name_issuers_issuer(other_demo_root);
  const Minted under_root = mint(below_root, &other_demo_root);
  EXPECT_THAT(verify(chain_of({&under_root}), store_of({&demo_.root})).faults,
              ElementsAre(ChainFault::kUnknownIssuer));
}

TEST_F(VerifyChain, TellsASignatureThatDoesNotVerify) {
  Minted impostor = demo_.intermediate;
  impostor.key = stranger_.key;
  const Minted forged = mint(leaf_spec(), &impostor);
  const auto result = verify(chain_of({&forged, &demo_.intermediate}), store_of({&demo_.root}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kBadSignature));
  EXPECT_EQ(result.openssl_error, X509_V_ERR_CERT_SIGNATURE_FAILURE);
}

struct DateCase {
  const char* name;
  int root_ends, intermediate_starts, intermediate_ends, leaf_starts, leaf_ends;  ///< days from now
  std::vector<ChainFault> faults;
};

class VerifyDates : public testing::TestWithParam<DateCase> {};

TEST_P(VerifyDates, NamesTheRoleWhoseDateIsWrong) {
  const DateCase& dates = GetParam();
  MintSpec spec = ca_spec("Dated Root");
  spec.not_before = kNow - days(400);
  spec.not_after = kNow + days(dates.root_ends);
  const Minted root = mint(spec);
  spec.common_name = "Dated Intermediate";
  spec.not_before = kNow + days(dates.intermediate_starts);
  spec.not_after = kNow + days(dates.intermediate_ends);
  const Minted intermediate = mint(spec, &root);
  MintSpec leaf = leaf_spec();
  leaf.not_before = kNow + days(dates.leaf_starts);
  leaf.not_after = kNow + days(dates.leaf_ends);
  const Minted server = mint(leaf, &intermediate);

  const auto result = verify(chain_of({&server, &intermediate}), store_of({&root}));
  EXPECT_EQ(result.faults, dates.faults);
  EXPECT_TRUE(result.anchored);
  EXPECT_EQ(result.path, chain_of({&server, &intermediate, &root}));
}

INSTANTIATE_TEST_SUITE_P(
    Roles, VerifyDates,
    testing::Values(
        DateCase{"InDate", 90, -9, 60, -5, 30, {}},
        DateCase{"LeafExpired", 90, -9, 60, -5, -1, {ChainFault::kLeafExpired}},
        DateCase{"LeafNotYetValid", 90, -9, 60, 2, 30, {ChainFault::kLeafNotYetValid}},
        DateCase{"IntermediateExpired", 90, -9, -1, -5, 30, {ChainFault::kIntermediateExpired}},
        DateCase{"IntermediateNotYetValid", 90, 2, 60, -5, 30, {ChainFault::kIntermediateExpired}},
        DateCase{"AnchorExpired", -1, -9, 60, -5, 30, {ChainFault::kAnchorExpired}},
        DateCase{"AllExpired",
                 -1,
                 -9,
                 -1,
                 -5,
                 -1,
                 {ChainFault::kLeafExpired, ChainFault::kIntermediateExpired, ChainFault::kAnchorExpired}}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(VerifyChain, CallsAnExpiredRootThatIsNotTrustedNoAnchor) {
  MintSpec spec = ca_spec("Old Root");
  spec.not_before = kNow - days(9);
  spec.not_after = kNow - days(1);
  const Minted root = mint(spec);
  const Minted leaf = mint(leaf_spec(), &root);
  EXPECT_THAT(verify(chain_of({&leaf, &root}), store_of({&stranger_})).faults,
              ElementsAre(ChainFault::kSelfSignedInChain, ChainFault::kIntermediateExpired));
}

TEST_F(VerifyChain, TellsAWrongPurpose) {
  MintSpec spec = leaf_spec();
  spec.extended_key_usage = std::vector<std::string>{"clientAuth"};
  const Minted client = mint(spec, &demo_.intermediate);
  const Chain chain = chain_of({&client, &demo_.intermediate});
  EXPECT_THAT(verify(chain, store_of({&demo_.root})).faults, ElementsAre(ChainFault::kWrongPurpose));
  EXPECT_THAT(verify(chain, store_of({&demo_.root}), Purpose::kClient).faults, IsEmpty());
}

TEST_F(VerifyChain, GathersEveryFaultTheGravestFirst) {
  MintSpec spec = leaf_spec();
  spec.not_before = kNow - days(9);
  spec.not_after = kNow - days(1);
  spec.extended_key_usage = std::vector<std::string>{"clientAuth"};
  const Minted leaf = mint(spec, &demo_.intermediate);
  const auto result = verify(chain_of({&leaf, &demo_.intermediate}), store_of({&stranger_}));
  EXPECT_THAT(result.faults,
              ElementsAre(ChainFault::kUnknownIssuer, ChainFault::kLeafExpired, ChainFault::kWrongPurpose));
  EXPECT_EQ(result.openssl_error, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  ASSERT_EQ(result.evidence.size(), result.faults.size());
  EXPECT_EQ(result.evidence[1].detail, "certificate has expired");
  EXPECT_EQ(result.evidence[2].concerns, leaf.certificate);
  EXPECT_TRUE(result.has(ChainFault::kLeafExpired));
  EXPECT_FALSE(result.has(ChainFault::kNotACa));
}

TEST_F(VerifyChain, TellsAnIssuerThatIsNoCa) {
  const Minted server = mint(leaf_spec("not-a-ca.example"), &demo_.intermediate);
  const Minted below = mint(leaf_spec(), &server);
  EXPECT_THAT(verify(chain_of({&below, &server, &demo_.intermediate}), store_of({&demo_.root})).faults,
              ElementsAre(ChainFault::kNotACa));
}

TEST_F(VerifyChain, TellsAPathThatIsTooLongForItsCa) {
  MintSpec spec = ca_spec("Short Root");
  spec.path_length = 0;
  const Minted root = mint(spec);
  const Minted intermediate = mint(ca_spec("Too Much"), &root);
  const Minted leaf = mint(leaf_spec(), &intermediate);
  EXPECT_THAT(verify(chain_of({&leaf, &intermediate}), store_of({&root})).faults,
              ElementsAre(ChainFault::kNotACa));
}

TEST_F(VerifyChain, TellsANameConstraintThatIsViolated) {
  MintSpec spec = ca_spec("Constrained Root");
  spec.adjust = [](X509* certificate) {
    X509_EXTENSION* made =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_name_constraints, "critical,permitted;DNS:inside.example");
    X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
  };
  const Minted root = mint(spec);
  const Minted inside = mint(leaf_spec("db.inside.example"), &root);
  const Minted outside = mint(leaf_spec("db.outside.example"), &root);
  EXPECT_THAT(verify(chain_of({&inside}), store_of({&root})).faults, IsEmpty());
  EXPECT_THAT(verify(chain_of({&outside}), store_of({&root})).faults, ElementsAre(ChainFault::kNotACa));
}

TEST_F(VerifyChain, SaysWhenAnUnsentIntermediateCameFromTheStore) {
  const auto unsent = verify(chain_of({&demo_.leaf}), store_of({&demo_.root, &demo_.intermediate}));
  EXPECT_TRUE(unsent.ok());
  EXPECT_TRUE(unsent.intermediate_from_store);
  const auto sent =
      verify(chain_of({&demo_.leaf, &demo_.intermediate}), store_of({&demo_.root, &demo_.intermediate}));
  EXPECT_TRUE(sent.ok());
  EXPECT_FALSE(sent.intermediate_from_store);
}

TEST_F(VerifyChain, LeavesKeyAndDigestStrengthToTheFacts) {
  MintSpec spec = ca_spec("Old Root");
  spec.key = "RSA-1024";
  spec.digest = "MD5";
  const Minted root = mint(spec);
  MintSpec leaf = leaf_spec();
  leaf.key = "RSA-1024";
  leaf.digest = "SHA1";
  const Minted server = mint(leaf, &root);
  EXPECT_TRUE(verify(chain_of({&server}), store_of({&root})).ok());
}

TEST_F(VerifyChain, SaysOpenSslsWordsForWhatHasNoNameOfItsOwn) {
  MintSpec spec = leaf_spec();
  spec.adjust = [](X509* certificate) {
    // A critical extension of an unknown kind must be refused (RFC 5280 section 4.2).
    const std::unique_ptr<ASN1_OBJECT, Releaser<ASN1_OBJECT_free>> oid(OBJ_txt2obj("1.2.3.4.5", 1));
    const std::unique_ptr<ASN1_OCTET_STRING, Releaser<ASN1_OCTET_STRING_free>> value(ASN1_OCTET_STRING_new());
    X509_EXTENSION* made = X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 1, value.get());
    X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
  };
  const Minted leaf = mint(spec, &demo_.root);
  const auto result = verify(chain_of({&leaf}), store_of({&demo_.root}));
  EXPECT_THAT(result.faults, ElementsAre(ChainFault::kOther));
  EXPECT_THAT(result.detail, HasSubstr("critical extension"));
}

}  // namespace
}  // namespace tlswarden::pki
