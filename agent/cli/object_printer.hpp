#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/cluster_object.hpp"

namespace tlswarden::cli {

/// Tells what became of objects: a line for each, or with -o the objects themselves. A Secret's content is
/// shown as `***`, which no server takes for a value.
class ObjectPrinter {
 public:
  /// `format`: empty, "name", "yaml" or "json". `out` must outlive this object.
  ObjectPrinter(std::ostream& out, std::string format) : out_(out), format_(std::move(format)) {}

  /// `secret/s created`.
  void print(const ClusterObject& object, const std::string& outcome, const nlohmann::ordered_json& document);
  /// Writes what had to be complete: one object by itself, several as a List.
  void finish();

 private:
  std::ostream& out_;
  const std::string format_;
  nlohmann::ordered_json documents_ = nlohmann::ordered_json::array();
};

}  // namespace tlswarden::cli
