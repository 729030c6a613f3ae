#include "reconcile/rendezvous.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>

namespace tlswarden::reconcile {
namespace {

using ::testing::ElementsAre;

constexpr int kUids = 20'000;

/// As a Deployment's pods are called: alike but for the end.
std::vector<std::string> pods(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i)
    names.push_back("tlswarden-5d7f9c6b8-x" + std::to_string(i));
  return names;
}

/// UUIDs of version 4, the same ones every time.
const std::vector<std::string>& uids() {
  static const std::vector<std::string> made = [] {
    std::mt19937_64 random(7);
    std::vector<std::string> all;
    for (int i = 0; i < kUids; ++i) {
      const std::uint64_t a = random();
      const std::uint64_t b = random();
      std::array<char, 37> text{};
      std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32U),
                    static_cast<unsigned>(a & 0xffffU), static_cast<unsigned>((a >> 16U) & 0xfffU),
                    static_cast<unsigned>(b >> 48U), static_cast<unsigned long long>(b & 0xffff'ffff'ffffU));
      all.emplace_back(text.data());
    }
    return all;
  }();
  return made;
}

TEST(Rendezvous, nobody_owns_anything_without_members) {
  EXPECT_EQ(Rendezvous().owner("u"), nullptr);
  EXPECT_EQ(Rendezvous(std::vector<std::string>()).owner(""), nullptr);
}

TEST(Rendezvous, the_only_member_owns_all) {
  const Rendezvous one({"a"});
  for (const std::string& uid : uids())
    EXPECT_EQ(*one.owner(uid), "a");
}

TEST(Rendezvous, neither_order_nor_repetition_of_members_matters) {
  std::vector<std::string> members = pods(7);
  const Rendezvous sorted(members);
  std::mt19937_64 random(11);
  std::shuffle(members.begin(), members.end(), random);
  members.push_back(members.front());
  const Rendezvous shuffled(members);
  EXPECT_THAT(shuffled.members(), ::testing::ElementsAreArray(sorted.members()));
  for (const std::string& uid : uids())
    EXPECT_EQ(*sorted.owner(uid), *shuffled.owner(uid));
}

TEST(Rendezvous, the_shares_are_even) {
  for (int count = 2; count <= 10; ++count) {
    const Rendezvous all(pods(count));
    std::map<std::string, int> shares;
    for (const std::string& uid : uids())
      ++shares[*all.owner(uid)];
    const double even = static_cast<double>(kUids) / count;
    for (const std::string& member : all.members())
      EXPECT_NEAR(shares[member], even, even * 0.06) << member << " of " << count;
  }
}

TEST(Rendezvous, one_that_joins_takes_its_share_and_nothing_else_moves) {
  for (int count = 1; count < 10; ++count) {
    const Rendezvous before(pods(count));
    const Rendezvous after(pods(count + 1));
    const std::string joined = pods(count + 1).back();
    int moved = 0;
    for (const std::string& uid : uids()) {
      if (*before.owner(uid) == *after.owner(uid)) continue;
      EXPECT_EQ(*after.owner(uid), joined);
      ++moved;
    }
    const double share = static_cast<double>(kUids) / (count + 1);
    EXPECT_NEAR(moved, share, share * 0.06) << count;
  }
}

TEST(Rendezvous, of_one_that_leaves_only_its_own_moves_and_to_all_others) {
  for (int count = 3; count <= 10; ++count) {
    const Rendezvous before(pods(count));
    const std::string left = before.members()[1];
    std::vector<std::string> rest = before.members();
    rest.erase(rest.begin() + 1);
    const Rendezvous after(rest);
    std::map<std::string, int> taken;
    for (const std::string& uid : uids()) {
      if (*before.owner(uid) == left)
        ++taken[*after.owner(uid)];
      else
        EXPECT_EQ(*before.owner(uid), *after.owner(uid));
    }
    const double share = static_cast<double>(kUids) / count / (count - 1);
    for (const std::string& member : rest)
      EXPECT_NEAR(taken[member], share, share * 0.25) << count;
  }
}

TEST(Rendezvous, uids_that_are_nearly_the_same_are_shared_as_well) {
  const Rendezvous all({"a", "b", "c"});
  std::map<std::string, int> shares;
  for (int i = 0; i < 3000; ++i)
    ++shares[*all.owner(std::to_string(i))];
  for (const std::string& member : all.members())
    EXPECT_NEAR(shares[member], 1000, 100) << member;
}

/// The expected ones were computed in Python from the definition in the header.
TEST(Rendezvous, every_version_gives_the_same_owners) {
  const Rendezvous all({"tlswarden-0", "tlswarden-1", "tlswarden-2"});
  std::vector<std::string> owners;
  for (const char* uid : {"", "leader", "0b1f8e6a-3f0d-4d43-9a75-5d0c0a1c9f01",
                          "5f2b1c9e-7a64-4b0e-8f6d-2f9f4f1f7c02", "a3d9c7b1-1e2f-4c3d-8b4a-6c5d7e8f9003",
                          "c0ffee00-dead-4eef-8bad-f00dfacade04", "e7a1b2c3-d4e5-4f60-8172-93a4b5c6d705"})
    owners.push_back(*all.owner(uid));
  EXPECT_THAT(owners, ElementsAre("tlswarden-2", "tlswarden-2", "tlswarden-1", "tlswarden-0", "tlswarden-0",
                                  "tlswarden-0", "tlswarden-0"));
}

}  // namespace
}  // namespace tlswarden::reconcile
