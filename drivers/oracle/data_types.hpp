#pragma once

#include "base/bytes.hpp"

namespace tlswarden::drivers::oracle {

/// The list of data types, with their conversions, that a client must send before it may log in: those of
/// python-oracledb 1.2 (src/oracledb/impl/thin/data_types.pyx).
base::Bytes data_type_list();

}  // namespace tlswarden::drivers::oracle
