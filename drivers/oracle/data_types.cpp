#include "drivers/oracle/data_types.hpp"

#include <array>

#include "drivers/oracle/tns_packet.hpp"

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::uint16_t kUniversal = 1;
constexpr std::uint16_t kOracle = 10;

/// From one number to another, both included: types that stay what they are, in the universal representation.
struct Range {
  std::uint16_t from, to;
};
struct Conversion {
  std::uint16_t type, to, representation;
};

constexpr std::array kUnchanged{
    Range{1, 1},     Range{8, 8},     Range{10, 11},   Range{23, 33},   Range{40, 41},   Range{96, 96},
    Range{100, 102}, Range{106, 106}, Range{109, 109}, Range{111, 115}, Range{117, 117}, Range{119, 120},
    Range{146, 146}, Range{178, 183}, Range{185, 190}, Range{198, 198}, Range{208, 208}, Range{231, 231},
    Range{233, 233}, Range{252, 252}, Range{290, 294}, Range{298, 313}, Range{315, 323}, Range{327, 329},
    Range{331, 331}, Range{333, 346}, Range{348, 349}, Range{354, 355}, Range{359, 359}, Range{363, 363},
    Range{380, 391}, Range{393, 401}, Range{404, 407}, Range{413, 427}, Range{429, 433}, Range{449, 450},
    Range{454, 463}, Range{466, 486}, Range{490, 496}, Range{498, 502}, Range{509, 510}, Range{513, 514},
    Range{516, 543}, Range{560, 560}, Range{563, 565}, Range{572, 576}, Range{578, 585}, Range{590, 605},
    Range{611, 616}, Range{622, 632}, Range{636, 640}};

constexpr std::array kConverted{
    Conversion{2, 2, kOracle},        Conversion{3, 2, kOracle},        Conversion{4, 2, kOracle},
    Conversion{5, 1, kUniversal},     Conversion{6, 2, kOracle},        Conversion{7, 2, kOracle},
    Conversion{9, 1, kUniversal},     Conversion{12, 12, kOracle},      Conversion{15, 1, kUniversal},
    Conversion{39, 120, kUniversal},  Conversion{68, 2, kOracle},       Conversion{91, 2, kOracle},
    Conversion{94, 1, kUniversal},    Conversion{95, 23, kUniversal},   Conversion{97, 96, kUniversal},
    Conversion{104, 11, kUniversal},  Conversion{108, 109, kUniversal}, Conversion{110, 111, kUniversal},
    Conversion{116, 102, kUniversal}, Conversion{152, 2, kOracle},      Conversion{153, 2, kOracle},
    Conversion{154, 2, kOracle},      Conversion{155, 1, kUniversal},   Conversion{156, 12, kOracle},
    Conversion{172, 2, kOracle},      Conversion{184, 12, kOracle},     Conversion{195, 112, kUniversal},
    Conversion{196, 113, kUniversal}, Conversion{197, 114, kUniversal}, Conversion{232, 231, kUniversal},
    Conversion{241, 109, kUniversal}};

}  // namespace

base::Bytes data_type_list() {
  base::Bytes list;
  const auto add = [&](std::uint16_t type, std::uint16_t to, std::uint16_t representation) {
    for (const std::uint16_t field : {type, to, representation, std::uint16_t{0}})
      append16(list, field);
  };
  for (const auto& [from, to] : kUnchanged) {
    for (std::uint16_t type = from; type <= to; ++type)
      add(type, type, kUniversal);
  }
  for (const auto& [type, to, representation] : kConverted)
    add(type, to, representation);
  append16(list, 0);
  return list;
}

}  // namespace tlswarden::drivers::oracle
