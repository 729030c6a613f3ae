#include "drivers/mongodb/introduction.hpp"

#include <utility>

#include "drivers/mongodb/server_facts.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

/// From 3.6 on, OP_MSG; MongoDB's specifications, "wireversion-featurelist".
constexpr std::int64_t kFirstWithOpMsg = 6;

}  // namespace

base::Bytes Introduction::next_question() const {
  return legacy_ ? legacy_command(kBuildInfo, "buildInfo") : command(kBuildInfo, "buildInfo");
}

Introduction::State Introduction::break_off(probe::Cause cause) {
  broken_ = cause;
  return State::kBroken;
}

Introduction::State Introduction::take_greeting(Document hello) {
  greeted_ = true;
  if (!hello.ok()) {
    refusal_ = std::move(hello);
    return State::kOver;
  }
  legacy_ = hello.number("maxWireVersion").value_or(0) < kFirstWithOpMsg;
  product_ = product_of_greeting(hello);
  return State::kAsk;
}

Introduction::State Introduction::feed(base::ByteView bytes) {
  heard_ = true;
  reader_.feed(bytes);
  auto next = reader_.next();
  if (!next) return break_off(next.error());
  auto& reply = *next;
  if (!reply) return State::kReading;
  if (reply->request != (greeted_ ? kBuildInfo : kGreeting))
    return break_off(probe::Cause::kMalformedMessage);
  if (!greeted_) return take_greeting(std::move(reply->document));
  version_ = version_of(reply->document);
  if (auto other = product_of_build_info(reply->document); !other.empty()) product_ = std::move(other);
  return State::kOver;
}

}  // namespace tlswarden::drivers::mongodb
