#include "probe/channel_strength.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "pki/name_match.hpp"

namespace tlswarden::probe {
namespace {

using resource::TlsMode;

pki::NamePolicy policy_of(resource::NameRules rules) {
  switch (rules) {
    case resource::NameRules::kLibpq:
      return pki::NamePolicy::kLibpq;
    case resource::NameRules::kOpenssl:
      return pki::NamePolicy::kOpenssl;
    case resource::NameRules::kStrict:
      return pki::NamePolicy::kStrict;
  }
  return pki::NamePolicy::kStrict;
}

Failure withheld(const Target& target, const std::string& why) {
  return Failure{Stage::kSession,
                 Cause::kChannelTooWeak,
                 "The credentials were not sent, because mode " + std::string(to_string(target.mode)) +
                     " does not allow it: " + why + ".",
                 {},
                 {}};
}

std::optional<std::string> chain_objection(const Target& target, const pki::Chain& chain, base::WallTime now,
                                           pki::VerificationCache& cache) {
  const auto& problems = target.material.problems;
  const auto about_ca = std::find_if(problems.begin(), problems.end(), [](const auto& problem) {
    return pki::concerns(problem, "spec.tls.ca") && !problem.last_good_kept;
  });
  if (about_ca != problems.end()) return "spec.tls.ca cannot be used";
  if (!target.material.trust) return "there is no trust store to verify the certificate with";
  if (chain.empty()) return "the server presented no certificate";
  const pki::ChainVerification& verified =
      cache.verify(chain, *target.material.trust, pki::Purpose::kServer, now);
  if (!verified.ok()) return "the server's certificate does not verify (" + verified.detail + ")";
  return std::nullopt;
}

}  // namespace

std::optional<Failure> too_weak(const Target& target, const Channel& channel, base::WallTime now,
                                pki::VerificationCache& cache) {
  if (target.mode == TlsMode::kDisable || target.mode == TlsMode::kPrefer) return std::nullopt;
  if (!channel.encrypted) return withheld(target, "the connection is not encrypted");
  if (target.mode == TlsMode::kRequire) return std::nullopt;
  if (const auto objection = chain_objection(target, channel.chain, now, cache))
    return withheld(target, *objection);
  if (target.mode == TlsMode::kVerifyCa) return std::nullopt;

  const pki::NamePolicy policy = policy_of(resource::engine_facts(target.engine).names);
  const pki::NameMatch match = pki::match_name(*channel.chain.front(), target.verified_name, policy);
  if (match.matches) return std::nullopt;
  return withheld(target, "the server's certificate is not for " + target.verified_name);
}

}  // namespace tlswarden::probe
