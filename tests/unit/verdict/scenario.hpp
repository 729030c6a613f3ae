#pragma once

#include <string>
#include <utility>

#include "tests/support/mint.hpp"
#include "verdict/judge.hpp"

/// Synthetic observations: a healthy endpoint on a fixed day, and changes that make it one fault or another.
namespace tlswarden::verdict {

constexpr base::WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} +
                              std::chrono::hours(12)};
constexpr base::Seconds kDay{86400};

inline const test_support::DemoPki& demo() {
  static const test_support::DemoPki pki = test_support::demo_pki(kNow);
  return pki;
}

/// A server leaf for `dns` that the demo intermediate signed.
inline test_support::Minted server_leaf(const std::string& dns, base::WallTime not_before,
                                        base::WallTime not_after) {
  return test_support::mint({.common_name = dns,
                             .dns_names = {dns},
                             .not_before = not_before,
                             .not_after = not_after,
                             .extended_key_usage = std::vector<std::string>{"serverAuth"}},
                            &demo().intermediate);
}

struct Scenario {
  resource::DatabaseEndpoint endpoint;
  pki::Material material;
  probe::Observation observation;
  History history;
  base::WallTime now = kNow;

  /// TLS 1.3 with the demo chain for localhost, the root declared as CA, plaintext refused, version told.
  explicit Scenario(resource::Engine engine = resource::Engine::kPostgresql,
                    resource::TlsMode mode = resource::TlsMode::kVerifyFull) {
    endpoint.metadata.name = "orders";
    endpoint.metadata.generation = 3;
    endpoint.spec.engine = engine;
    endpoint.spec.host = "localhost";
    endpoint.spec.port = resource::engine_facts(engine).port;
    endpoint.spec.tls.mode = mode;
    endpoint.spec.tls.ca = resource::Reference{};
    material.trust = test_support::store_of({&demo().root});
    material.ca_declared = true;
    observation.at = kNow;
    observation.address = net::Address{"127.0.0.1", endpoint.spec.port};
    observation.tls_offer = probe::Offer::kOffered;
    serve({&demo().leaf, &demo().intermediate});
    observation.client_certificate = probe::ClientCertificateOutcome::kNotRequested;
    refuse_plaintext();
  }

  Scenario& serve(std::initializer_list<const test_support::Minted*> chain) {
    probe::TlsObservation tls;
    tls.finished = true;
    tls.version = resource::TlsVersion::kTls13;
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.chain = test_support::chain_of(chain);
    observation.tls = std::move(tls);
    return *this;
  }

  Scenario& serve_expired(base::Seconds since = 3 * kDay) {
    const auto leaf = server_leaf("localhost", kNow - 90 * kDay, kNow - since);
    return serve({&leaf, &demo().intermediate});
  }

  Scenario& serve_for(const std::string& dns) {
    const auto leaf = server_leaf(dns, kNow - kDay, kNow + 90 * kDay);
    return serve({&leaf, &demo().intermediate});
  }

  Scenario& serve_self_signed() {
    const auto leaf = test_support::mint({.common_name = "localhost",
                                          .dns_names = {"localhost"},
                                          .not_before = kNow - kDay,
                                          .not_after = kNow + 90 * kDay});
    return serve({&leaf});
  }

  Scenario& fail(probe::Stage stage, probe::Cause cause, std::string code = {}, std::string words = {}) {
    observation.failure = probe::Failure{stage, cause, {}, std::move(words), std::move(code)};
    return *this;
  }

  Scenario& unreachable() {
    observation.tls.reset();
    observation.plaintext.reset();
    observation.address.reset();
    observation.tls_offer = probe::Offer::kUnknown;
    observation.client_certificate = probe::ClientCertificateOutcome::kUndetermined;
    return fail(probe::Stage::kConnect, probe::Cause::kConnectionRefused);
  }

  Scenario& tls_off() {
    observation.tls.reset();
    observation.tls_offer = probe::Offer::kNotOffered;
    accept_plaintext();
    return fail(probe::Stage::kNegotiate, probe::Cause::kTlsNotOffered);
  }

  Scenario& plaintext(probe::Tristate accepted, std::optional<probe::Failure> failure = std::nullopt) {
    observation.plaintext = probe::PlaintextObservation{accepted, std::move(failure), kNow, false};
    return *this;
  }
  Scenario& accept_plaintext() { return plaintext(probe::Tristate::kYes); }
  Scenario& refuse_plaintext() {
    return plaintext(probe::Tristate::kNo,
                     probe::Failure{probe::Stage::kPlaintext, probe::Cause::kTlsRequired, {}, {}, "28000"});
  }
  Scenario& plaintext_needs_login() {
    return plaintext(
        probe::Tristate::kUnknown,
        probe::Failure{probe::Stage::kPlaintext, probe::Cause::kAuthenticationFailed, {}, {}, "1045"});
  }

  probe::SessionObservation& login() {
    endpoint.spec.auth = resource::AuthSpec{};
    if (!observation.session) observation.session = probe::SessionObservation{};
    return *observation.session;
  }

  resource::EndpointStatus judge() const {
    pki::VerificationCache cache;
    return verdict::judge({endpoint, material, observation, history, now}, cache);
  }
};

inline const resource::ModeRung& rung(const resource::EndpointStatus& status, resource::TlsMode mode) {
  return status.modes.at(static_cast<std::size_t>(mode));
}

inline const resource::Condition& condition_of(const resource::EndpointStatus& status, const char* type) {
  return *status.find(type);
}

/// The ladder in short: W, R or U for each mode, weakest first.
inline std::string outcomes(const resource::EndpointStatus& status) {
  std::string text;
  for (const resource::ModeRung& each : status.modes)
    text += to_string(each.outcome).front();
  return text;
}

}  // namespace tlswarden::verdict
