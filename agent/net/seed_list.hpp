#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/dns_client.hpp"

/// MongoDB's DNS seed lists: mongodb+srv://HOST stands for what the DNS has under _mongodb._tcp.HOST
/// (specifications repository, "Initial DNS Seedlist Discovery").
namespace tlswarden::net {

/// What a seed list stands for.
struct SeedList {
  /// Never empty; best priority first, then by weight, then by name, so that the same answer in another order
  /// is the same list.
  std::vector<SrvRecord> members;
  /// The options that a TXT record may set; empty where it does not.
  std::string auth_source, replica_set;
  bool load_balanced = false;
};

/// Why there is no list.
struct SeedListError {
  enum class Kind {
    kDns,      ///< the DNS gave no answer: `dns` says why
    kMissing,  ///< it has no such records
    kUnfit,    ///< it has records that a client must not follow
  };
  Kind kind = Kind::kDns;
  IoError dns;            ///< only of kDns
  std::string message;    ///< ours, for people: one sentence
  std::string peer_text;  ///< what the records say, raw and bounded; only of kUnfit
};

/// Whether a client that was told `host` may connect to `member`: it must be in the same domain, which is all
/// behind the first label of a host of three labels and more, and else the host itself. Both in lower case.
bool may_follow(const std::string& host, const std::string& member);

/// Pure: judges and orders what the DNS answered for `host`.
base::Result<SeedList, SeedListError> seed_list_from(const std::string& host, std::vector<SrvRecord> members,
                                                     const std::vector<std::string>& options);

/// Asks the DNS. `host` is a name in A-label form, without port.
Awaitable<base::Result<SeedList, SeedListError>> discover_seed_list(DnsClient& dns, std::string host,
                                                                    base::Deadline deadline);

}  // namespace tlswarden::net
