#pragma once

#include <string>
#include <vector>

#include "cli/client_setup.hpp"
#include "resource/client_catalogue.hpp"

namespace tlswarden::cli {

/// What to write for one client to get one mode.
struct ClientText {
  struct Part {
    std::string where, text;
  };
  const resource::ClientFacts* client = nullptr;
  resource::TlsMode mode{};        ///< what the text asks for: the nearest that the client has
  std::vector<Part> parts;         ///< empty when a value cannot be written in this client's place
  std::vector<std::string> notes;  ///< whole sentences
  std::vector<SetupFile> files;    ///< those that the parts name
  std::vector<SetupVariable> variables;
};

/// Pure. A value that cannot be written where it belongs leaves no parts, and a note that says so.
ClientText write_client(const resource::ClientFacts& client, const ClientSetup& setup,
                        resource::TlsMode wanted);

/// The spelling of one mode on one line, values as words in capitals, for a table; empty where there is none.
std::string spelling_in_words(const resource::ClientFacts& client, resource::TlsMode mode);

}  // namespace tlswarden::cli
