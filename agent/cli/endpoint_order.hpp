#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/endpoint_source.hpp"
#include "cli/json_path.hpp"

namespace tlswarden::cli {

/// What `--sort-by` says: `.spec.host`, with braces or without.
struct EndpointOrder {
  std::string text;  ///< without braces and the dot in front
  JsonPath path;
  /// Error: a sentence.
  static base::Result<EndpointOrder> parse(const std::string& text);
};

/// Sorts by what the path leads to in each object, which rows must hold: those without it first, then
/// numbers, then text, where numbers in it count as such (a2 before a10). Those that are equal stay as they
/// were. Error: none of them has it, or it has no order.
base::Result<void> sort_endpoints(std::vector<EndpointItem>& items, const EndpointOrder& order);

}  // namespace tlswarden::cli
