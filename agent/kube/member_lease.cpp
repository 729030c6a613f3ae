#include "kube/member_lease.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::kube {
namespace {

/// Of a DNS subdomain (RFC 1123, section 2.1), which a Lease's name must be.
constexpr std::size_t kLongestName = 253;
constexpr base::Seconds kLongestDuration = std::chrono::hours(1);

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

/// FNV-1a: names must differ, not withstand anybody.
std::uint64_t digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : text)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return hash;
}

std::int64_t number_at(const nlohmann::ordered_json& spec, const char* name) {
  const auto found = spec.find(name);
  return found != spec.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

std::string lease_name(const std::string& group, const std::string& identity) {
  const std::string wanted = group + "-" + identity;
  std::string name;
  for (const char c : base::lower_ascii(wanted)) {
    const bool after_plain = !name.empty() && plain(name.back());
    if (plain(c) || (c == '-' && !name.empty() && name.back() != '.') || (c == '.' && after_plain))
      name += c;
    else
      name += after_plain ? "-" : "x";
  }
  while (!name.empty() && !plain(name.back()))
    name.pop_back();
  if (name == wanted && name.size() <= kLongestName) return name;
  name.resize(std::min(name.size(), kLongestName - 18));
  return name + "-x" + hexadecimal(digest(group + '\0' + identity));
}

std::string process_holder(const std::string& identity, base::Random& random) {
  std::uint64_t suffix = 0;
  for (int half = 0; half < 2; ++half)
    suffix = (suffix << 32U) | static_cast<std::uint64_t>(random.unit() * 4294967296.0);
  return identity + "_" + hexadecimal(suffix);
}

std::string identity_of(std::string_view holder) {
  return std::string(holder.substr(0, holder.rfind('_')));
}

std::string format_micro_time(MicroTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  std::array<char, 32> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06ldZ", static_cast<long>((time - second).count()));
  std::string text = base::format_rfc3339(second);
  text.pop_back();
  return text + fraction.data();
}

nlohmann::ordered_json lease_document(const MemberLease& lease, const std::string& ns,
                                      const std::string& group, const MemberPod& pod) {
  nlohmann::ordered_json metadata = {{"name", lease.name}, {"namespace", ns}};
  metadata["labels"][kMemberLabel] = group;
  if (!lease.uid.empty()) metadata["uid"] = lease.uid;
  if (!lease.resource_version.empty()) metadata["resourceVersion"] = lease.resource_version;
  if (!pod.name.empty() && !pod.uid.empty()) {
    nlohmann::ordered_json owner = {
        {"apiVersion", "v1"}, {"kind", "Pod"}, {"name", pod.name}, {"uid", pod.uid}};
    metadata["ownerReferences"] = nlohmann::ordered_json::array({std::move(owner)});
  }
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", std::move(metadata)},
          {"spec",
           {{"holderIdentity", lease.holder},
            {"leaseDurationSeconds", lease.duration.count()},
            {"acquireTime", lease.acquired},
            {"renewTime", lease.renewed},
            {"leaseTransitions", lease.transitions}}}};
}

MemberLease read_lease(const nlohmann::ordered_json& document) {
  MemberLease lease{.name = text_at(document, {"metadata", "name"}),
                    .uid = text_at(document, {"metadata", "uid"}),
                    .resource_version = text_at(document, {"metadata", "resourceVersion"}),
                    .holder = text_at(document, {"spec", "holderIdentity"}),
                    .acquired = text_at(document, {"spec", "acquireTime"}),
                    .renewed = text_at(document, {"spec", "renewTime"})};
  if (!document.is_object()) return lease;
  const auto spec = document.find("spec");
  if (spec == document.end() || !spec->is_object()) return lease;
  lease.duration = base::Seconds(
      std::clamp<std::int64_t>(number_at(*spec, "leaseDurationSeconds"), 0, kLongestDuration.count()));
  lease.transitions =
      std::clamp<std::int64_t>(number_at(*spec, "leaseTransitions"), 0, std::int64_t{1} << 30U);
  return lease;
}

std::string delete_options(const MemberLease& lease) {
  nlohmann::ordered_json options = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  options["preconditions"] = {{"uid", lease.uid}, {"resourceVersion", lease.resource_version}};
  return options.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tlswarden::kube
