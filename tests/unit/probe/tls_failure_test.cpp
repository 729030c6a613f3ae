#include "probe/tls_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/openssl.hpp"

namespace tlswarden::probe {
namespace {

using testing::HasSubstr;

struct AlertCase {
  int alert;
  bool requested, presented;
  Cause cause;
};

class Alert : public testing::TestWithParam<AlertCase> {};

TEST_P(Alert, MeansThisInTheseCircumstances) {
  const auto& [alert, requested, presented, cause] = GetParam();
  const Failure failure = tls_failure(
      TlsFault{alert, 0, "alert"}, TlsCircumstances{Stage::kHandshake, requested, presented, {}, "db:5432"});
  EXPECT_EQ(failure.cause, cause) << to_string(failure.cause);
  EXPECT_EQ(failure.code, std::to_string(alert));
  EXPECT_THAT(failure.message, HasSubstr("db:5432"));
  EXPECT_THAT(failure.message, HasSubstr("TLS alert " + std::to_string(alert)));
}

INSTANTIATE_TEST_SUITE_P(All, Alert,
                         testing::Values(AlertCase{70, false, false, Cause::kProtocolVersion},
                                         AlertCase{86, false, false, Cause::kProtocolVersion},
                                         AlertCase{71, false, false, Cause::kNoSharedCipher},
                                         AlertCase{80, false, false, Cause::kServerError},
                                         AlertCase{80, true, false, Cause::kServerError},
                                         AlertCase{80, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{112, false, false, Cause::kNameUnrecognised},
                                         AlertCase{120, false, false, Cause::kAlpnRefused},
                                         AlertCase{40, false, false, Cause::kHandshakeRefused},
                                         AlertCase{42, false, false, Cause::kHandshakeRefused},
                                         AlertCase{116, true, false, Cause::kClientCertificateRequired},
                                         AlertCase{40, true, false, Cause::kClientCertificateRequired},
                                         AlertCase{41, true, false, Cause::kClientCertificateRequired},
                                         AlertCase{42, true, false, Cause::kClientCertificateRequired},
                                         AlertCase{48, true, false, Cause::kHandshakeRefused},
                                         AlertCase{40, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{42, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{43, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{44, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{45, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{46, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{48, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{49, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{51, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{116, true, true, Cause::kClientCertificateRejected},
                                         AlertCase{47, true, true, Cause::kHandshakeRefused},
                                         AlertCase{255, true, true, Cause::kHandshakeRefused}));

TEST(ClientCertificateRejected, SaysWhoseTrustIsMissing) {
  const auto message = [](int alert) {
    return tls_failure(TlsFault{alert, 0, "words"},
                       TlsCircumstances{Stage::kHandshake, true, true, {}, "db:5432"})
        .message;
  };
  EXPECT_EQ(
      message(48),
      "db:5432 rejects the client certificate (TLS alert 48), for it does not know the CA that issued it; "
      "add that CA to the server's CA file for clients, or declare a certificate of a CA that is in it.");
  EXPECT_EQ(message(42),
            "db:5432 rejects the client certificate (TLS alert 42); check that the server trusts its CA and "
            "that it is in date.");
}

struct ReasonCase {
  int reason;
  Cause cause;
};

class OwnObjection : public testing::TestWithParam<ReasonCase> {};

TEST_P(OwnObjection, MeansThis) {
  const Failure failure = tls_failure(TlsFault{{}, GetParam().reason, "words"},
                                      TlsCircumstances{Stage::kHandshake, false, false, {}, "db:5432"});
  EXPECT_EQ(failure.cause, GetParam().cause) << to_string(failure.cause);
  EXPECT_TRUE(failure.code.empty());
}

INSTANTIATE_TEST_SUITE_P(All, OwnObjection,
                         testing::Values(ReasonCase{SSL_R_UNSUPPORTED_PROTOCOL, Cause::kProtocolVersion},
                                         ReasonCase{SSL_R_WRONG_SSL_VERSION, Cause::kProtocolVersion},
                                         ReasonCase{SSL_R_NO_CIPHERS_AVAILABLE, Cause::kNoSharedCipher},
                                         ReasonCase{SSL_R_DH_KEY_TOO_SMALL, Cause::kNoSharedCipher},
                                         ReasonCase{SSL_R_UNEXPECTED_EOF_WHILE_READING, Cause::kPeerClosed},
                                         ReasonCase{SSL_R_EXCESSIVE_MESSAGE_SIZE, Cause::kMessageTooLarge},
                                         ReasonCase{SSL_R_BAD_EXTENSION, Cause::kMalformedMessage},
                                         ReasonCase{0, Cause::kMalformedMessage}));

TEST(AnswerToClientHello, IsTlsWhenItIsAnAlertOrHandshakeRecord) {
  EXPECT_TRUE(looks_like_tls({}));
  EXPECT_TRUE(looks_like_tls(base::as_bytes("\x15")));
  EXPECT_TRUE(looks_like_tls(base::as_bytes("\x16\x03\x03")));
  EXPECT_FALSE(looks_like_tls(base::as_bytes("\x16\x05")));
  EXPECT_FALSE(looks_like_tls(base::as_bytes("-ERR unknown command")));
  EXPECT_FALSE(looks_like_tls(base::as_bytes("HTTP/1.1 400 Bad Request")));
}

TEST(AnswerToClientHello, InAnotherProtocolIsNotTlsWithThePeersWordsKeptApart) {
  const Failure failure =
      tls_failure(TlsFault{{}, SSL_R_WRONG_VERSION_NUMBER, "wrong version number"},
                  TlsCircumstances{Stage::kHandshake, false, false, base::as_bytes("HTTP/1.1 400"), "db:80"});
  EXPECT_EQ(failure.cause, Cause::kNotTls);
  EXPECT_EQ(failure.peer_text, "HTTP/1.1 400");
  EXPECT_EQ(failure.message.find("HTTP"), std::string::npos);
}

TEST(AnswerToClientHello, InAnOldRecordVersionIsAboutTheVersion) {
  const base::Bytes ssl3{0x16, 0x03, 0x00};
  const Failure failure = tls_failure(TlsFault{{}, SSL_R_WRONG_VERSION_NUMBER, "wrong version number"},
                                      TlsCircumstances{Stage::kHandshake, false, false, ssl3, "db:80"});
  EXPECT_EQ(failure.cause, Cause::kProtocolVersion);
}

TEST(AlertNames, AreThoseOfTheRfc) {
  EXPECT_EQ(alert_name(42), "bad_certificate");
  EXPECT_EQ(alert_name(116), "certificate_required");
  EXPECT_EQ(alert_name(99), "");
}

}  // namespace
}  // namespace tlswarden::probe
