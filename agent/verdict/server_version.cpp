#include "verdict/server_version.hpp"

#include "base/text.hpp"
#include "resource/version_constraint.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

using resource::ConditionStatus;

namespace {

bool told_by_login(const probe::Observation& observation) {
  return observation.session && !observation.session->server_version.empty();
}

}  // namespace

std::string reported_version(const probe::Observation& observation) {
  return told_by_login(observation) ? observation.session->server_version : observation.server_version;
}

std::string shown_version(resource::Engine engine, const probe::Observation& observation) {
  const std::string reported = reported_version(observation);
  if (reported.empty()) return {};
  const auto parsed = resource::parse_server_version(engine, reported);
  constexpr std::size_t kLongest = 64;
  return base::printable(parsed ? parsed->text : reported, kLongest);
}

VersionVerdict judge_version(const JudgeInput& input) {
  const auto& spec = input.endpoint.spec;
  if (!spec.expected_server_version) {
    return {ConditionStatus::kUnknown,
            {reason::kNotDeclared, "spec.expectedServerVersion is not declared", {}}};
  }
  const auto constraint = resource::VersionConstraint::parse(*spec.expected_server_version);
  if (!constraint) {
    return {ConditionStatus::kUnknown,
            {reason::kVersionUnknown,
             "spec.expectedServerVersion cannot be read: " + as_clause(constraint.error().message),
             {}}};
  }
  const std::string reported = reported_version(input.observation);
  if (reported.empty()) {
    return {ConditionStatus::kUnknown,
            spec.auth && (spec.auth->password || input.material.client)
                ? Finding{reason::kVersionUnknown,
                          "the server's version is not known, because the login did not get as far",
                          {}}
                : Finding{reason::kCredentialsRequired,
                          "the server tells its version only after a login, and spec.auth declares none",
                          {}}};
  }
  const auto version = resource::parse_server_version(spec.engine, reported);
  if (!version) {
    return {ConditionStatus::kUnknown,
            {reason::kVersionUnknown, "the server's version holds no number", reported}};
  }
  const std::string shown = base::printable(version->text, 64);
  if (!told_by_login(input.observation) && resource::engine_facts(spec.engine).version_needs_login &&
      !constraint->is_decided_by(*version)) {
    return {ConditionStatus::kUnknown,
            {reason::kCredentialsRequired,
             "without a login the server tells no more of its version than " + shown + ", and '" +
                 constraint->text() + "' asks for more",
             {}}};
  }
  if (!constraint->matches(*version)) {
    return {ConditionStatus::kFalse,
            {reason::kVersionMismatch,
             "the server is version " + shown + ", but '" + constraint->text() + "' is expected",
             {}}};
  }
  return {ConditionStatus::kTrue,
          {reason::kVersionMatched, "version " + shown + " satisfies '" + constraint->text() + "'", {}}};
}

}  // namespace tlswarden::verdict
