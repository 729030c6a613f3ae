#pragma once

#include <string>
#include <vector>

#include "cli/client_template.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::cli {

/// A file that a client needs and that is not on disk in the form that clients read.
struct SetupFile {
  std::string path;     ///< relative to where the client is started
  std::string source;   ///< "Secret orders-client, key tls.crt"
  std::string command;  ///< of a shell, that makes it; may be empty
};

/// An environment variable that a printed text reads, so that no secret stands in it.
struct SetupVariable {
  std::string name, holds;
};

/// What clients are told of one endpoint: the values of the placeholders of schema/clients.yaml (its head
/// lists them), and what must be there first. Never the content of a reference.
struct ClientSetup {
  TemplateValues values;
  std::vector<SetupFile> files;
  std::vector<SetupVariable> variables;
  std::vector<std::string> remarks;  ///< whole sentences: what was left open
};

/// Pure. Everything that the modes have in common; placeholders of the modes themselves are not set.
ClientSetup client_setup(const resource::DatabaseEndpoint& endpoint);

}  // namespace tlswarden::cli
