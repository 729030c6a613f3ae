#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/json_path.hpp"

namespace tlswarden::cli {

/// One step of a path, as JsonPathParser leaves it to JsonPathEvaluation.
struct JsonPath::Step {
  enum class Kind {
    kMember,
    kNamed,    ///< as kMember, but of ['…'], where kubectl takes a path as well
    kValues,   ///< .*
    kDescent,  ///< ..
    kSlice,
    kFilter,
    kUnion,
  };
  /// [first:last:step], where [n] is from n to the one behind it. Negative: from the end.
  struct Slice {
    std::optional<std::int64_t> first = {}, last = {};
    std::int64_t step = 1;
    bool single = false;
  };
  /// A side of a comparison: a path from the element on, or a value.
  struct Operand {
    std::optional<JsonPath> path = {};
    nlohmann::ordered_json value = {};
  };
  enum class Operation { kExists, kEqual, kUnequal, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  Kind kind = Kind::kMember;
  std::string name = {};          ///< of kMember and kNamed
  Slice slice = {};               ///< of kSlice
  Operand left = {}, right = {};  ///< of kFilter
  Operation operation = Operation::kExists;
  std::vector<JsonPath> paths = {};  ///< of kUnion; of kNamed none or one: the name taken for a path
};

}  // namespace tlswarden::cli
