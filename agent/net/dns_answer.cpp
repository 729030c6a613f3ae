#include "net/dns_answer.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.hpp"

namespace tlswarden::net {
namespace {

constexpr int kMostRecords = 256;
/// Priority, weight and port, in front of the name.
constexpr int kSrvFields = 6;

/// Calls `take` for each answer of `type`, until it says no; whether all of it could be read.
bool each_answer(base::ByteView message, ns_type type,
                 const std::function<bool(const ns_msg&, const ns_rr&)>& take) {
  ns_msg parsed;
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) return false;
  const int count = std::min<int>(ns_msg_count(parsed, ns_s_an), kMostRecords);
  for (int i = 0; i < count; ++i) {
    ns_rr record;
    if (ns_parserr(&parsed, ns_s_an, i, &record) != 0) return false;
    if (ns_rr_type(record) == type && !take(parsed, record)) return false;
  }
  return true;
}

std::uint16_t number_at(const unsigned char* data) {
  return static_cast<std::uint16_t>(data[0] << 8U | data[1]);
}

std::optional<std::string> name_at(const ns_msg& message, const unsigned char* data) {
  std::array<char, NS_MAXDNAME> name{};
  if (dn_expand(ns_msg_base(message), ns_msg_end(message), data, name.data(), name.size()) < 0)
    return std::nullopt;
  return base::lower_ascii(name.data());
}

std::optional<std::string> joined_strings(const ns_rr& record) {
  const base::ByteView data(ns_rr_rdata(record), ns_rr_rdlen(record));
  std::string text;
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t length = data[at++];
    if (length > data.size() - at) return std::nullopt;
    text += base::as_text(data.subspan(at, length));
    at += length;
  }
  return text;
}

}  // namespace

std::optional<std::vector<SrvRecord>> srv_records(base::ByteView message) {
  std::vector<SrvRecord> records;
  const bool whole = each_answer(message, ns_t_srv, [&](const ns_msg& parsed, const ns_rr& record) {
    if (ns_rr_rdlen(record) <= kSrvFields) return false;
    const unsigned char* data = ns_rr_rdata(record);
    auto target = name_at(parsed, data + kSrvFields);
    if (!target) return false;
    records.push_back({number_at(data), number_at(data + 2), number_at(data + 4), *std::move(target)});
    return true;
  });
  if (!whole) return std::nullopt;
  return records;
}

std::optional<std::vector<std::string>> txt_records(base::ByteView message) {
  std::vector<std::string> records;
  const bool whole = each_answer(message, ns_t_txt, [&](const ns_msg&, const ns_rr& record) {
    auto text = joined_strings(record);
    if (!text) return false;
    records.push_back(*std::move(text));
    return true;
  });
  if (!whole) return std::nullopt;
  return records;
}

}  // namespace tlswarden::net
