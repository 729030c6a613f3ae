#include <nlohmann/json.hpp>

#include "base/time_text.hpp"
#include "cli/summary.hpp"
#include "cli/summary_report.hpp"
#include "resource/codec.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& object, const Dependents& endpoints) {
  object["endpoints"] = endpoints.keys();
  object["namespaces"] = endpoints.namespaces();
}

void put(Json& object, const std::optional<FirstExpiry>& first) {
  if (!first) return;
  Json expiry = {{"notAfter", base::format_rfc3339(first->not_after)}};
  if (!first->role.empty()) expiry["role"] = first->role;
  expiry["subject"] = first->subject;
  object["firstToExpire"] = std::move(expiry);
}

const char* state_of(const CaGroup& group) {
  switch (group.state) {
    case CaGroup::State::kAnchored:
      return "Anchored";
    case CaGroup::State::kNotAnchored:
      return "NotAnchored";
    case CaGroup::State::kNoCertificate:
      break;
  }
  return "NoCertificateSeen";
}

Json document_of(const CaGroup& group) {
  Json object = {{"state", state_of(group)}};
  if (!group.issuer.empty()) object["issuer"] = group.issuer;
  if (!group.root_sha256.empty()) object["ca"] = {{"subject", group.root}, {"sha256", group.root_sha256}};
  put(object, group.first);
  put(object, group.endpoints);
  const NextCaSummary& next = group.next_ca;
  if (next.declared.size() == 0) return object;
  object["nextCA"] = {{"declared", next.declared.keys()},
                      {"safeToSwitch", next.safe.keys()},
                      {"wouldBreak", next.breaks.keys()},
                      {"oldCAStillNeeded", next.old_needed.keys()},
                      {"bundleMissingNextCA", next.bundle_lacks.keys()},
                      {"unknown", next.unknown.keys()}};
  return object;
}

Json document_of(const CertificateGroup& group) {
  const verdict::PathCertificate& one = group.certificate;
  Json object = {{"role", one.role},
                 {"sha256", one.sha256},
                 {"subject", one.subject},
                 {"issuer", one.issuer},
                 {"notBefore", base::format_rfc3339(one.not_before)},
                 {"notAfter", base::format_rfc3339(one.not_after)},
                 {"verified", one.verified}};
  put(object, group.endpoints);
  return object;
}

Json document_of(const ReferenceGroup& group) {
  Json object = {{"kind", group.kind}};
  if (!group.ns.empty()) object["namespace"] = group.ns;
  object["name"] = group.name;
  put(object, group.first);
  put(object, group.endpoints);
  Json& uses = object["uses"] = Json::array();
  for (const auto& [where, endpoints] : group.uses) {
    Json use = {{"field", where.first}};
    if (!where.second.empty()) use["key"] = where.second;
    use["endpoints"] = endpoints.keys();
    uses.push_back(std::move(use));
  }
  return object;
}

template <class Group>
Json documents_of(const std::vector<Group>& groups) {
  Json list = Json::array();
  for (const Group& group : groups)
    list.push_back(document_of(group));
  return list;
}

Json groups_of(const SummaryInput& input) {
  switch (input.kind) {
    case SummaryKind::kCa:
      return documents_of(summarise_by_ca(input.facts));
    case SummaryKind::kIssuer:
      return documents_of(summarise_by_certificate(input.facts, {"intermediate", "ca", "root"}));
    case SummaryKind::kClientCertificate:
      return documents_of(summarise_by_certificate(input.facts, {"client"}));
    case SummaryKind::kSecret:
      break;
  }
  return documents_of(summarise_by_reference(input.facts));
}

Json document_of(const SummaryInput& input) {
  return {{"summary", to_string(input.kind)},
          {"judgedAt", base::format_rfc3339(input.now)},
          {"endpoints", input.facts.size()},
          {"groups", groups_of(input)}};
}

}  // namespace

std::string summary_json(const SummaryInput& input) {
  return document_of(input).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary_yaml(const SummaryInput& input) {
  return resource::to_yaml(document_of(input));
}

}  // namespace tlswarden::cli
