#pragma once

#include <string>
#include <vector>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// What is asked of `explain client`.
struct ClientQuestion {
  std::vector<std::string> files;  ///< as -f names them
  std::string wanted;              ///< a client's id or alias; empty: all of the engine's
  std::string mode;                ///< in place of spec.tls.mode; empty: as declared
  std::string output = "text";     ///< "text" or "json"
};

/// Prints what to write in clients' own configuration to get the mode of each endpoint. Reads the manifests
/// and nothing that they refer to. Returns 0, or 3 when the manifests or the client's name cannot be
/// understood.
int explain_client(const ClientQuestion& question, const Surroundings& surroundings);

}  // namespace tlswarden::cli
