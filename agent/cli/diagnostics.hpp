#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "pki/material.hpp"
#include "resource/manifest.hpp"

namespace tlswarden::cli {

/// One line for each, warnings marked as such.
void print_diagnostics(std::ostream& out, std::span<const resource::Diagnostic> diagnostics);

/// A problem with the command line itself, with a pointer to the verb's help. Returns the exit code for it.
int usage_error(std::ostream& out, std::string_view verb, std::string_view message);

/// A reference of `located` that cannot be used, as a diagnostic at its endpoint.
resource::Diagnostic diagnostic_of(const resource::Manifest::Located& located,
                                   const pki::MaterialProblem& problem);

}  // namespace tlswarden::cli
