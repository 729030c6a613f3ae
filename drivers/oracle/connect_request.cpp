#include "drivers/oracle/connect_request.hpp"

#include <algorithm>

#include "drivers/oracle/tns_packet.hpp"

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::string_view kImprobable = "tlswarden.probe.invalid";
constexpr std::string_view kBefore = "(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=";
constexpr std::string_view kBehind = ")(CID=(PROGRAM=tlswarden)(HOST=tlswarden)(USER=tlswarden))))";
constexpr std::size_t kLongestDescription = 230;
constexpr std::size_t kLongestService = kLongestDescription - kBefore.size() - kBehind.size();

constexpr std::uint16_t kOptions = 0x0801;  // no attention processing, "don't care"
constexpr std::uint16_t kSessionUnit = 8192;
constexpr std::uint16_t kTransportUnit = 65535;
constexpr std::uint16_t kCharacteristics = 0x4F98;
constexpr std::uint16_t kDescriptionAt = 74;
constexpr std::uint16_t kFlags = 0x8484;  // twice: a second TLS handshake is known, native encryption is off
constexpr std::size_t kObsolete = 24;

bool may_stand_in_a_name(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || std::string_view("._-$#").find(c) != std::string_view::npos;
}

}  // namespace

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestService &&
         std::all_of(name.begin(), name.end(), may_stand_in_a_name);
}

std::string requested_service(const probe::Target& target) {
  return is_service_name(target.database) ? target.database : std::string(kImprobable);
}

base::Bytes connect_request(std::string_view service) {
  const std::string description = std::string(kBefore) + std::string(service) + std::string(kBehind);
  base::Bytes body;
  for (const std::uint16_t field :
       {kTnsVersion, kTnsLowest, kOptions, kSessionUnit, kTransportUnit, kCharacteristics, std::uint16_t{0},
        std::uint16_t{1}, static_cast<std::uint16_t>(description.size()), kDescriptionAt}) {
    append16(body, field);
  }
  append32(body, 0);  // what may be sent back: anything
  append16(body, kFlags);
  body.insert(body.end(), kObsolete, 0);
  append32(body, kSessionUnit);
  append32(body, kTransportUnit);
  append32(body, 0);
  append32(body, 0);
  body.insert(body.end(), description.begin(), description.end());
  return to_wire(PacketType::kConnect, body);
}

}  // namespace tlswarden::drivers::oracle
