#pragma once

#include <functional>
#include <string>

#include "resource/endpoint.hpp"

namespace tlswarden::resource {

/// Calls `visit` for every reference of `spec` that is set, key store passwords included, with its field path
/// ("spec.tls.ca", "spec.tls.ca.password"), in the order of the API reference.
void for_each_reference(
    const EndpointSpec& spec,
    const std::function<void(const std::string& field, const Reference& reference)>& visit);

}  // namespace tlswarden::resource
