#pragma once

#include <cstdint>
#include <string>

namespace tlswarden::drivers::oracle {

/// The five numbers that are packed into VSNNUM and AUTH_VERSION_NO: "11.2.0.2.0", "21.3.0.0.0". The packing
/// changed with release 18 (python-oracledb, AuthMessage._get_version_tuple).
std::string full_version(std::uint32_t packed);

/// What a listener's VSNNUM says. Empty for 0, by which a listener hides its version. From release 18 on a
/// listener fills the places behind the release with zeros, whatever is installed: they say nothing and are
/// left out, so that 318767104 is "19".
std::string listener_version(std::uint32_t vsnnum);

}  // namespace tlswarden::drivers::oracle
