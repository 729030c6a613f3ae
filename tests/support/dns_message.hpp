#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// DNS answers, put together by hand (RFC 1035, section 4).
namespace tlswarden::test_support::dns {

constexpr std::uint16_t kTxt = 16, kSrv = 33, kCname = 5;
constexpr std::uint16_t kNoError = 0, kServerFailure = 2, kNameError = 3, kTruncated = 0x0200;

inline void put16(base::Bytes& out, std::size_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8U));
  out.push_back(static_cast<std::uint8_t>(number));
}

inline base::Bytes name(std::string_view text) {
  base::Bytes out;
  while (!text.empty()) {
    const auto label = text.substr(0, text.find('.'));
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    text.remove_prefix(std::min(text.size(), label.size() + 1));
  }
  out.push_back(0);
  return out;
}

struct Record {
  std::uint16_t type = 0;
  base::Bytes data;
};

inline Record srv(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target) {
  Record record{kSrv, {}};
  for (const auto number : {priority, weight, port})
    put16(record.data, number);
  const auto encoded = name(target);
  record.data.insert(record.data.end(), encoded.begin(), encoded.end());
  return record;
}

inline Record txt(std::initializer_list<std::string_view> strings) {
  Record record{kTxt, {}};
  for (const auto text : strings) {
    record.data.push_back(static_cast<std::uint8_t>(text.size()));
    record.data.insert(record.data.end(), text.begin(), text.end());
  }
  return record;
}

inline Record cname(std::string_view target) {
  return {kCname, name(target)};
}

/// The answer to the question at the front of `query`, whose name it points back to.
inline base::Bytes answer(base::ByteView query, std::uint16_t flags, const std::vector<Record>& records) {
  constexpr std::size_t kHeader = 12;
  std::size_t end = kHeader;
  while (end < query.size() && query[end] != 0)
    end += query[end] + std::size_t{1};
  end += 5;
  base::Bytes out(query.begin(), query.begin() + 2);
  put16(out, 0x8180U | flags);
  for (const std::size_t count : {std::size_t{1}, records.size(), std::size_t{0}, std::size_t{0}})
    put16(out, count);
  out.insert(out.end(), query.begin() + kHeader, query.begin() + static_cast<std::ptrdiff_t>(end));
  for (const auto& record : records) {
    put16(out, 0xc000U | kHeader);
    put16(out, record.type);
    put16(out, 1);
    put16(out, 0);
    put16(out, 60);
    put16(out, record.data.size());
    out.insert(out.end(), record.data.begin(), record.data.end());
  }
  return out;
}

/// A question as a client sends it.
inline base::Bytes question(std::string_view host, std::uint16_t type) {
  base::Bytes out{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const auto encoded = name(host);
  out.insert(out.end(), encoded.begin(), encoded.end());
  put16(out, type);
  put16(out, 1);
  return out;
}

}  // namespace tlswarden::test_support::dns
