#pragma once

#include <string>
#include <string_view>

#include "probe/failure.hpp"

namespace tlswarden::drivers::clickhouse {

/// An exception of the server's, as either protocol tells it. Raw text of the peer.
struct ServerError {
  int code = 0;      ///< of src/Common/ErrorCodes.cpp; 0 where none was told
  std::string text;  ///< bounded by the readers
};

/// The failure that an exception is at `stage`.
probe::Failure to_failure(const ServerError& error, probe::Stage stage);

/// The version in an exception's text, which ends with "(version 22.8.3.13 (official build))" from 20 on;
/// empty where there is none.
std::string version_in(std::string_view text);

}  // namespace tlswarden::drivers::clickhouse
