#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "resource/engine.hpp"
#include "verdict/finding.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// What can be told of the client's certificate and key before anything is sent, whether or not a server
/// answers. That one of them cannot be read at all, or not belong to the other, is a problem of the material
/// and said there (client_certificate.hpp).
struct ClientPreflight {
  std::vector<Finding> faults;   ///< no server takes it, or this engine's client does not load it
  std::vector<Finding> remarks;  ///< some servers do not take it, or it is careless
};

ClientPreflight examine_client(const JudgeInput& input, const resource::EngineFacts& facts,
                               pki::VerificationCache& cache);

/// Why this engine's client does not load the key's file, whatever it holds; nothing where it does.
std::optional<Finding> key_file_refusal(const pki::Material& material, const resource::EngineFacts& facts);

/// `finding`, which tells that the server turned the client certificate away with the TLS alert `code`, and
/// the likely cause in the client's own files: a fault takes the reason over, a remark lends its words.
Finding with_likely_cause(Finding finding, std::string_view code, const ClientPreflight& client);

/// Whether a condition with this reason was judged without asking the server.
bool told_by_preflight(std::string_view reason);

}  // namespace tlswarden::verdict
