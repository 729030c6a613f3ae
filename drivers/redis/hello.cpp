#include "drivers/redis/hello.hpp"

namespace tlswarden::drivers::redis {

base::Bytes hello_and_quit() {
  base::Bytes out;
  for (const auto& command : {format_command({"HELLO", "2"}), format_command({"QUIT"})}) {
    out.insert(out.end(), command.bytes().begin(), command.bytes().end());
  }
  return out;
}

HelloAnswer::State HelloAnswer::feed(base::ByteView bytes) {
  reader_.feed(bytes);
  while (true) {
    auto next = reader_.next();
    if (!next) {
      broken_ = next.error();
      return State::kBroken;
    }
    auto& reply = *next;
    if (!reply) return answered_ ? State::kAnswered : State::kReading;
    if (answered_) return State::kOver;
    reply_ = *std::move(reply);
    answered_ = true;
  }
}

std::string HelloAnswer::field(std::string_view name) const {
  constexpr std::size_t kMaxField = 128;
  if (reply_.type != Reply::Type::kArray) return {};
  for (std::size_t i = 0; i + 1 < reply_.elements.size(); i += 2) {
    if (reply_.elements[i].text == name) return reply_.elements[i + 1].text.substr(0, kMaxField);
  }
  return {};
}

std::string HelloAnswer::product() const {
  auto server = field("server");
  if (server == "redis") return "Redis";
  if (server == "valkey") return "Valkey";
  return server;
}

}  // namespace tlswarden::drivers::redis
