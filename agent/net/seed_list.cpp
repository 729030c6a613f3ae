#include "net/seed_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::net {
namespace {

using Kind = SeedListError::Kind;

constexpr std::size_t kMaxPeerText = 256;

std::string question_for(const std::string& host) {
  return "_mongodb._tcp." + host;
}

tl::unexpected<SeedListError> unfit(std::string message, std::string_view peer_text) {
  return tl::unexpected(
      SeedListError{Kind::kUnfit, {}, std::move(message), std::string(peer_text.substr(0, kMaxPeerText))});
}

tl::unexpected<SeedListError> missing(const std::string& host) {
  return tl::unexpected(SeedListError{
      Kind::kMissing,
      {},
      "The DNS has no SRV records for " + question_for(host) + "; check spec.host, or remove spec.srv.",
      {}});
}

tl::unexpected<SeedListError> dns_failed(const std::string& host, IoError error) {
  auto message = "The DNS could not be asked for " + question_for(host) + ": " + error.message + ".";
  return tl::unexpected(SeedListError{Kind::kDns, std::move(error), std::move(message), {}});
}

bool is_host_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// Options are written as in a connection string. Nothing where a % is followed by no number.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4U | *low);
    i += 2;
  }
  return out;
}

/// Whether `option`, "name=value", is one that a TXT record may set.
bool take_option(std::string_view option, SeedList& list) {
  const auto equals = option.find('=');
  if (equals == std::string_view::npos) return false;
  auto value = unescaped(option.substr(equals + 1));
  if (!value || value->empty()) return false;
  const auto name = base::lower_ascii(option.substr(0, equals));
  if (name == "authsource") {
    list.auth_source = *std::move(value);
  } else if (name == "replicaset") {
    list.replica_set = *std::move(value);
  } else if (name == "loadbalanced" && (value == "true" || value == "false")) {
    list.load_balanced = value == "true";
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool may_follow(const std::string& host, const std::string& member) {
  const bool three_labels = std::count(host.begin(), host.end(), '.') >= 2;
  const auto domain = three_labels ? host.substr(host.find('.')) : "." + host;
  return member.size() > domain.size() && member.ends_with(domain);
}

base::Result<SeedList, SeedListError> seed_list_from(const std::string& host, std::vector<SrvRecord> members,
                                                     const std::vector<std::string>& options) {
  SeedList list;
  std::erase_if(members, [](const SrvRecord& member) { return member.target.empty(); });
  if (members.empty()) return missing(host);
  for (const auto& member : members) {
    if (!is_host_name(member.target) || member.port == 0)
      return unfit("An SRV record of " + question_for(host) + " names no usable host and port.",
                   member.target);
    if (!may_follow(base::lower_ascii(host), member.target)) {
      return unfit("An SRV record of " + question_for(host) +
                       " leads out of its domain, where no client may follow; correct the record.",
                   member.target);
    }
  }
  std::sort(members.begin(), members.end(), [](const SrvRecord& a, const SrvRecord& b) {
    return std::tie(a.priority, b.weight, a.target, a.port) <
           std::tie(b.priority, a.weight, b.target, b.port);
  });
  members.erase(std::unique(members.begin(), members.end()), members.end());
  list.members = std::move(members);
  if (options.size() > 1)
    return unfit(host + " has more than one TXT record, of which clients take none; keep one.", options[0]);
  if (options.empty() || options[0].empty()) return list;
  for (const auto option : base::split(options[0], '&')) {
    if (!take_option(option, list)) {
      return unfit(
          "The TXT record of " + host +
              " holds more than authSource, replicaSet and loadBalanced, which clients refuse; correct it.",
          options[0]);
    }
  }
  return list;
}

Awaitable<base::Result<SeedList, SeedListError>> discover_seed_list(DnsClient& dns, std::string host,
                                                                    base::Deadline deadline) {
  auto members = co_await dns.srv(question_for(host), deadline);
  if (!members && members.error().kind == IoError::Kind::kNameNotFound) co_return missing(host);
  if (!members) co_return dns_failed(host, std::move(members.error()));
  auto options = co_await dns.txt(host, deadline);
  if (!options && options.error().kind != IoError::Kind::kNameNotFound)
    co_return dns_failed(host, std::move(options.error()));
  const std::vector<std::string> none;
  co_return seed_list_from(host, *std::move(members), options ? *options : none);
}

}  // namespace tlswarden::net
