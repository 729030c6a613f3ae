#pragma once

#include <string>
#include <vector>

#include "resource/provider.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// The command in backquotes, what it is typed into, and what it costs.
std::string reload_step(const resource::CertificateReload& reload);
/// The customer's part at a hosted service, and whether it restarts the instance.
std::string service_step(const resource::ServiceRotation& rotation);

/// The steps, in order, that make this server serve another certificate: where it goes, the command in
/// backquotes with what it costs, how to see that it worked, and whose documentation says so. For the version
/// that was seen, or for each kind of version where none was; at a hosted service only what its customer can
/// do. From schema/engines.yaml and schema/providers.yaml.
std::vector<std::string> serving_steps(const JudgeInput& input);

/// What to do at the server when the CA of its clients changes; empty at a hosted service.
std::string client_ca_step(const JudgeInput& input);

/// The heart of it for a sentence: "reload it with `FLUSH SSL;`". Where the version decides and is not known,
/// the command of the newest.
std::string reload_hint(const JudgeInput& input);

}  // namespace tlswarden::verdict
