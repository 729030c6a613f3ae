#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.hpp"
#include "reconcile/store.hpp"

/// The status of an endpoint as it stands in the API: JSON text without white space, the agent's memory
/// within it.
namespace tlswarden::kube {

using StatusText = std::shared_ptr<const std::string>;

/// What is written for `record`. Its `agentMemory` is left out where there is nothing to remember, and is
/// never longer than the CRD lets it be.
StatusText status_text(const reconcile::Record& record);
/// As it stands in an object that a server gave; null where no agent has written one yet.
StatusText status_text_of(const nlohmann::ordered_json& document);
/// Reads either. Conditions of others are left out. Error: it was written by something else.
base::Result<reconcile::Record> record_from_text(const std::string& text);

/// Whether the server holds what is to be written: but for the order of fields, which servers change, and
/// for conditions of others. `held` may be null.
bool says_the_same(const StatusText& held, const std::string& wanted);

}  // namespace tlswarden::kube
