#include "cli/summary.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace tlswarden::cli {
namespace {

using verdict::PathCertificate;
using verdict::PathCertificates;

const PathCertificate* with_role(const PathCertificates& certificates, std::string_view role) {
  const auto found = std::find_if(certificates.begin(), certificates.end(),
                                  [&](const PathCertificate& one) { return one.role == role; });
  return found == certificates.end() ? nullptr : &*found;
}

void consider(std::optional<FirstExpiry>& first, FirstExpiry candidate) {
  if (!first || candidate.not_after < first->not_after) first = std::move(candidate);
}

template <class Group, class Name>
std::vector<Group> sorted(std::vector<Group> groups, Name name) {
  const auto rank = [&](const Group& group) {
    const bool none = !group.first;
    return std::tuple(none, none ? base::WallTime{} : group.first->not_after, name(group));
  };
  std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) { return rank(a) < rank(b); });
  return groups;
}

void include(const EndpointFacts& facts, NextCaSummary& summary) {
  const NextCaFacts& next = facts.next_ca;
  if (!next.declared) return;
  summary.declared.add(facts);
  if (next.safe) summary.safe.add(facts);
  if (next.breaks) summary.breaks.add(facts);
  if (!next.safe && !next.breaks) summary.unknown.add(facts);
  if (next.old_needed) summary.old_needed.add(facts);
  if (next.bundle_lacks) summary.bundle_lacks.add(facts);
}

CaGroup group_of(const PathCertificates& server) {
  CaGroup group;
  const PathCertificate* leaf = with_role(server, "leaf");
  if (leaf == nullptr) return group;
  const PathCertificate* ca = with_role(server, "ca");
  group.state = ca != nullptr ? CaGroup::State::kAnchored : CaGroup::State::kNotAnchored;
  group.issuer = leaf->issuer;
  if (ca != nullptr) {
    group.root = ca->subject;
    group.root_sha256 = ca->sha256;
  }
  return group;
}

}  // namespace

std::vector<std::string> Dependents::keys() const {
  std::vector<std::string> keys;
  keys.reserve(by_key.size());
  for (const auto& [key, ns] : by_key)
    keys.push_back(key);
  return keys;
}

std::vector<std::string> Dependents::namespaces() const {
  std::set<std::string> names;
  for (const auto& [key, ns] : by_key)
    names.insert(ns);
  return {names.begin(), names.end()};
}

std::vector<CaGroup> summarise_by_ca(std::span<const EndpointFacts> facts) {
  std::map<std::tuple<CaGroup::State, std::string, std::string>, CaGroup> groups;
  for (const EndpointFacts& one : facts) {
    for (const PathCertificates& server : one.servers) {
      CaGroup fresh = group_of(server);
      const std::tuple key(fresh.state, fresh.issuer, fresh.root_sha256);
      CaGroup& group = groups.try_emplace(key, std::move(fresh)).first->second;
      for (const PathCertificate& certificate : server) {
        if (certificate.role == "client") break;
        consider(group.first, {certificate.not_after, certificate.role, certificate.subject});
      }
      group.endpoints.add(one);
      include(one, group.next_ca);
    }
  }
  std::vector<CaGroup> list;
  for (auto& [key, group] : groups)
    list.push_back(std::move(group));
  return sorted(std::move(list), [](const CaGroup& group) { return group.root + group.issuer; });
}

std::vector<CertificateGroup> summarise_by_certificate(std::span<const EndpointFacts> facts,
                                                       const std::vector<std::string>& roles) {
  std::map<std::pair<std::string, std::string>, CertificateGroup> groups;
  for (const EndpointFacts& one : facts) {
    for (const PathCertificates& server : one.servers) {
      for (const PathCertificate& certificate : server) {
        if (std::find(roles.begin(), roles.end(), certificate.role) == roles.end()) continue;
        CertificateGroup& group = groups[{certificate.role, certificate.sha256}];
        if (group.endpoints.size() == 0 || certificate.verified) group.certificate = certificate;
        group.endpoints.add(one);
      }
    }
  }
  std::vector<CertificateGroup> list;
  for (auto& [key, group] : groups)
    list.push_back(std::move(group));
  const auto rank = [](const CertificateGroup& group) {
    return std::tie(group.certificate.not_after, group.certificate.role, group.certificate.sha256);
  };
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return list;
}

std::vector<ReferenceGroup> summarise_by_reference(std::span<const EndpointFacts> facts) {
  std::map<std::tuple<std::string, std::string, std::string>, ReferenceGroup> groups;
  for (const EndpointFacts& one : facts) {
    for (const ReferenceUse& use : one.references) {
      ReferenceGroup& group = groups[{use.kind, use.ns, use.name}];
      group.kind = use.kind;
      group.ns = use.ns;
      group.name = use.name;
      if (use.first) consider(group.first, {use.first->facts.not_after, {}, use.first->facts.subject});
      group.uses[{use.field, use.key}].add(one);
      group.endpoints.add(one);
    }
  }
  std::vector<ReferenceGroup> list;
  for (auto& [key, group] : groups)
    list.push_back(std::move(group));
  return sorted(std::move(list), [](const ReferenceGroup& group) { return group.ns + "/" + group.name; });
}

}  // namespace tlswarden::cli
