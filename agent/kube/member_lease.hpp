#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace tlswarden::kube {

/// The label by which the members of a group are found; its value is the group.
inline constexpr const char* kMemberLabel = "tlswarden.dev/member-of";

/// The pod that a member runs in. The cluster deletes its Lease after the pod, also when the member itself
/// may not, or is dead.
struct MemberPod {
  std::string name, uid;  ///< in the Lease's namespace; empty: none
};

/// What the Lease (coordination.k8s.io/v1) of a member says.
struct MemberLease {
  std::string name, uid, resource_version;  ///< the latter two empty: not created yet
  std::string holder;                       ///< the process: see process_holder()
  base::Seconds duration{0};                ///< of others: at most an hour; 0: holds for no time
  std::string acquired, renewed;            ///< MicroTime; of others: compared, never computed with
  std::int64_t transitions = 0;             ///< how often it went from one process to another

  /// The holder has shown a sign of life between the two.
  bool renewed_since(const MemberLease& earlier) const {
    return uid != earlier.uid || holder != earlier.holder || renewed != earlier.renewed;
  }
};

/// The Lease's name: `<group>-<identity>`, as far as a name may be that; else a like name that is as
/// particular to the two.
std::string lease_name(const std::string& group, const std::string& identity);

/// Who holds the Lease: `<identity>_<16 hexadecimal digits>`, drawn anew by each process. Two of one
/// identity, or one after another, can so be told apart, which is client-go's way as well.
std::string process_holder(const std::string& identity, base::Random& random);
/// The identity in it.
std::string identity_of(std::string_view holder);

using MicroTime = std::chrono::sys_time<std::chrono::microseconds>;
/// As a Lease writes it, with exactly six digits of a fraction: the server refuses fewer and more. All of one
/// width, so that the order of texts is that of times.
std::string format_micro_time(MicroTime time);

nlohmann::ordered_json lease_document(const MemberLease& lease, const std::string& ns,
                                      const std::string& group, const MemberPod& pod);
/// From an object of the API; what is missing in it or odd is empty or 0.
MemberLease read_lease(const nlohmann::ordered_json& document);

/// The body of a DELETE that removes exactly this state of the Lease: DeleteOptions with preconditions.
std::string delete_options(const MemberLease& lease);

}  // namespace tlswarden::kube
