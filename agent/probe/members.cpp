#include "probe/members.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "net/seed_list.hpp"
#include "pki/name_match.hpp"
#include "probe/check.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::size_t kMostMembers = 64;

Failure describe(const net::SeedListError& error, const Target& target) {
  switch (error.kind) {
    case net::SeedListError::Kind::kDns:
      return failure_from(error.dns, Stage::kResolve, "_mongodb._tcp." + target.host);
    case net::SeedListError::Kind::kMissing:
      return {Stage::kResolve, Cause::kNameNotFound, error.message, {}, {}};
    case net::SeedListError::Kind::kUnfit:
      break;
  }
  return {Stage::kResolve, Cause::kResolverFailure, error.message, error.peer_text, {}};
}

/// Each host of the list is a target of its own: its certificate is for its own name.
std::vector<Target> members_of(const Target& target, const net::SeedList& list) {
  std::vector<Target> members;
  for (const net::SrvRecord& record : list.members) {
    if (members.size() > kMostMembers) break;
    Target member = target;
    if (target.verified_name == target.host) member.verified_name = record.target;
    member.host = record.target;
    member.port = record.port;
    if (member.database.empty()) member.database = list.auth_source;
    members.push_back(std::move(member));
  }
  return members;
}

class Members {
 public:
  Members(Workshop& workshop, const Target& target, Journal& journal, base::Deadline deadline)
      : workshop_(workshop),
        clock_(workshop.services.clock),
        target_(target),
        journal_(journal),
        deadline_(deadline) {}

  net::Awaitable<Observation> run() {
    if (!target_.seed_list) {
      Observation seen = co_await check_server(workshop_, target_, journal_, share_of_the_first(0));
      co_await look_at_addresses(target_, seen, seen);
      co_return seen;
    }
    auto list = co_await discover();
    if (!list) {
      Observation seen;
      seen.at = clock_.now();
      seen.failure = std::move(list.error());
      co_return seen;
    }
    co_return co_await run_list(members_of(target_, *list));
  }

 private:
  net::Awaitable<base::Result<net::SeedList, Failure>> discover() {
    Journal::Entry entry(journal_, Stage::kResolve);
    const std::string name = pki::to_ascii_name(target_.host);
    auto list = co_await net::discover_seed_list(workshop_.services.dns, name, deadline_);
    if (!list) {
      Failure failure = describe(list.error(), target_);
      entry.say(failure);
      co_return tl::unexpected(std::move(failure));
    }
    entry.say("seed list of " + std::to_string(list->members.size()));
    co_return *std::move(list);
  }

  net::Awaitable<Observation> run_list(std::vector<Target> members) {
    const base::Deadline first = share_of_the_first(members.size() - 1);
    Observation seen = co_await check_server(workshop_, members.front(), journal_, first);
    seen.member_host = members.front().host;
    if (seen.failure && seen.failure->cause == Cause::kUnsupported) co_return seen;
    co_await look_at_addresses(members.front(), seen, seen);
    for (std::size_t i = 1; i < members.size(); ++i) {
      const base::Deadline share = share_of_one_of(members.size() - i);
      Observation member = co_await check_tls_of_server(workshop_, members[i], journal_, share, std::nullopt);
      member.member_host = members[i].host;
      if (!member.address) member.address = net::Address{members[i].host, members[i].port};
      const Observation looked_at = member;
      seen.members.push_back(std::move(member));
      co_await look_at_addresses(members[i], looked_at, seen);
    }
    co_return seen;
  }

  /// The addresses of `one` beside that at which it was looked at, where all of them are declared.
  net::Awaitable<void> look_at_addresses(const Target& target, const Observation& one, Observation& all) {
    if (!target.all_addresses) co_return;
    std::vector<net::Address> others;
    for (const net::Address& address : one.addresses) {
      if (address != one.address) others.push_back(address);
    }
    const std::string host = one.member_host;
    for (std::size_t i = 0; i < others.size() && all.members.size() < kMostMembers; ++i) {
      const base::Deadline share = share_of_one_of(others.size() - i);
      Observation member = co_await check_tls_of_server(workshop_, target, journal_, share, others[i]);
      member.member_host = host;
      all.members.push_back(std::move(member));
    }
  }

  /// The first is looked at most closely, and must leave the others some time even where it does not answer.
  base::Deadline share_of_the_first(std::size_t others) const {
    if (others == 0 && !target_.all_addresses) return deadline_;
    return deadline_.at_most(clock_.monotonic(), deadline_.left(clock_.monotonic()) / 2);
  }
  base::Deadline share_of_one_of(std::size_t left) const {
    return deadline_.at_most(clock_.monotonic(), deadline_.left(clock_.monotonic()) / static_cast<int>(left));
  }

  Workshop& workshop_;
  const base::Clock& clock_;
  const Target& target_;
  Journal& journal_;
  base::Deadline deadline_;
};

}  // namespace

net::Awaitable<Observation> check_members(Workshop& workshop, const Target& target, Journal& journal,
                                          base::Deadline deadline) {
  Members members(workshop, target, journal, deadline);
  co_return co_await members.run();
}

}  // namespace tlswarden::probe
