#include "drivers/cassandra/request.hpp"

#include <cstdint>

#include "drivers/cassandra/frame.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

constexpr std::size_t kHeaderSize = 9;

/// Builds one frame in memory that is taken once, so that no copy of a password is left behind.
class FrameWriter {
 public:
  FrameWriter(Opcode opcode, std::size_t body_size) {
    bytes_.reserve(kHeaderSize + body_size);
    bytes_ = {kProtocolVersion, 0, 0, 0, static_cast<std::uint8_t>(opcode)};
    put(static_cast<std::uint32_t>(body_size), 4);
  }

  FrameWriter& u8(std::uint8_t value) { return put(value, 1); }
  FrameWriter& u16(std::size_t value) { return put(static_cast<std::uint32_t>(value), 2); }
  FrameWriter& u32(std::size_t value) { return put(static_cast<std::uint32_t>(value), 4); }
  FrameWriter& text(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  base::Bytes take() { return std::move(bytes_); }

 private:
  FrameWriter& put(std::uint32_t value, unsigned size) {
    while (size-- > 0)
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8U * size)));
    return *this;
  }

  base::Bytes bytes_;
};

}  // namespace

base::Bytes options_request() {
  return FrameWriter(Opcode::kOptions, 0).take();
}

base::Secret startup_request(const std::vector<std::pair<std::string_view, std::string_view>>& options) {
  auto all = options;
  all.emplace_back("CQL_VERSION", "3.0.0");
  std::size_t size = 2;
  for (const auto& [name, value] : all)
    size += 4 + name.size() + value.size();
  FrameWriter frame(Opcode::kStartup, size);
  frame.u16(all.size());
  for (const auto& [name, value] : all)
    frame.u16(name.size()).text(name).u16(value.size()).text(value);
  return base::Secret(frame.take());
}

base::Secret query_request(std::string_view query) {
  constexpr std::uint16_t kOne = 1;
  constexpr std::uint8_t kPageSizeFollows = 0x04;
  constexpr std::uint32_t kPageSize = 16;
  FrameWriter frame(Opcode::kQuery, 4 + query.size() + 2 + 1 + 4);
  frame.u32(query.size()).text(query).u16(kOne).u8(kPageSizeFollows).u32(kPageSize);
  return base::Secret(frame.take());
}

base::Secret auth_response(std::string_view token) {
  FrameWriter frame(Opcode::kAuthResponse, 4 + token.size());
  frame.u32(token.size()).text(token);
  return base::Secret(frame.take());
}

base::Secret auth_response(const base::Secret& username, const base::Secret& password) {
  const auto name = username.reveal();
  const auto word = password.reveal();
  const auto size = name.size() + word.size() + 2;
  FrameWriter frame(Opcode::kAuthResponse, 4 + size);
  frame.u32(size).u8(0).text(name).u8(0).text(word);
  return base::Secret(frame.take());
}

}  // namespace tlswarden::drivers::cassandra
