#pragma once

#include <vector>

#include "cli/progress.hpp"
#include "cli/surroundings.hpp"
#include "probe/observation.hpp"
#include "probe/target.hpp"

namespace tlswarden::cli {

/// Looks at every target, many at once on a few threads, and returns what was seen in the order of the
/// targets. `progress` is told of each; a transcript is printed through it as soon as its target is done.
std::vector<probe::Observation> observe_all(const std::vector<probe::Target>& targets,
                                            const Surroundings& surroundings, Progress& progress);

/// The transcript of one check for `--debug`: each stage with its time, then the words that were exchanged.
std::string transcript_of(const probe::Target& target, const probe::Observation& observation);

}  // namespace tlswarden::cli
