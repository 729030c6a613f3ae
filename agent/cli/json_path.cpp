#include "cli/json_path.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cli/json_path_step.hpp"

namespace tlswarden::cli {

using Json = nlohmann::ordered_json;
using Found = JsonPath::Found;

/// Follows a path, and remembers what was wrong.
class JsonPathEvaluation {
 public:
  /// Nothing when something was wrong.
  std::optional<Found> follow(const JsonPath& path, Found found) {
    for (const auto& step : path.steps_) {
      Found next;
      const bool done = step->kind == Kind::kUnion ? united(*step, found, next) : each(*step, found, next);
      if (!done) return std::nullopt;
      found = std::move(next);
    }
    return found;
  }
  JsonPathError error() && { return std::move(error_); }

 private:
  using Step = JsonPath::Step;
  using Kind = Step::Kind;
  using Operation = Step::Operation;

  bool fail(std::string message, bool may_pass = false) {
    error_ = {std::move(message), may_pass};
    return false;
  }

  /// One after another, each on all that was found, as kubectl has it.
  bool united(const Step& step, const Found& found, Found& next) {
    for (const JsonPath& path : step.paths) {
      auto some = follow(path, found);
      if (!some) return false;
      next.insert(next.end(), some->begin(), some->end());
    }
    return true;
  }

  bool each(const Step& step, const Found& found, Found& next) {
    for (const Json* value : found) {
      if (value->is_null()) continue;
      if (!take(step, *value, next)) return false;
    }
    return true;
  }

  bool take(const Step& step, const Json& value, Found& next) {
    switch (step.kind) {
      case Kind::kMember:
        if (value.is_object() && value.contains(step.name)) next.push_back(&value[step.name]);
        return true;
      case Kind::kNamed:
        return named(step, value, next);
      case Kind::kValues:
        if (!value.is_structured()) return true;
        for (const Json& element : value)
          next.push_back(&element);
        return true;
      case Kind::kDescent:
        descend(value, next);
        return true;
      case Kind::kSlice:
        return value.is_array() ? slice(step.slice, value, next)
                                : fail("its [number] needs a list, and stands behind something else");
      case Kind::kFilter:
        return value.is_array() ? filter(step, value, next)
                                : fail("its [?(filter)] needs a list, and stands behind something else");
      case Kind::kUnion:
        break;
    }
    return true;
  }

  bool named(const Step& step, const Json& value, Found& next) {
    if (value.is_object() && value.contains(step.name)) {
      next.push_back(&value[step.name]);
    } else if (!step.paths.empty()) {
      return united(step, {&value}, next);
    }
    return true;
  }

  /// A parser has bounded the depth of what it read.
  static void descend(const Json& value, Found& next) {
    if (!value.is_structured() || value.empty()) return;
    next.push_back(&value);
    for (const Json& element : value)
      descend(element, next);
  }

  /// The rules of k8s.io/client-go/util/jsonpath: what begins or ends outside of the list is an error, unless
  /// nothing was asked for.
  bool slice(const Step::Slice& wanted, const Json& list, Found& next) {
    const auto size = static_cast<std::int64_t>(list.size());
    const auto from_begin = [size](std::int64_t index) { return index < 0 ? index + size : index; };
    const std::int64_t first = from_begin(wanted.first.value_or(0));
    const std::int64_t last = wanted.single ? first + 1 : from_begin(wanted.last.value_or(size));
    if (first == last) return true;
    if (first < 0 || first >= size || last < 0 || last > size) {
      const std::int64_t outside = first < 0 || first >= size ? first : last - 1;
      return fail(
          "array index out of bounds: index " + std::to_string(outside) + ", length " + std::to_string(size),
          true);
    }
    if (first > last)
      return fail("starting index " + std::to_string(first) + " is greater than ending index " +
                  std::to_string(last));
    for (std::int64_t i = first; i < last; i += std::min(wanted.step, size))
      next.push_back(&list[static_cast<std::size_t>(i)]);
    return true;
  }

  bool filter(const Step& step, const Json& list, Found& next) {
    for (const Json& element : list) {
      const auto left = values(step.left, element);
      const auto right = step.operation == Operation::kExists ? Found{} : values(step.right, element);
      if (!left || !right) return false;
      bool passes = !left->empty();
      if (step.operation != Operation::kExists) {
        if (left->size() > 1 || right->size() > 1)
          return fail("its filter can only compare one element at a time");
        // What is not there is neither equal nor unequal.
        passes = passes && !right->empty() && !left->front()->is_null() && !right->front()->is_null();
        if (passes && !compare(step.operation, *left->front(), *right->front(), passes)) return false;
      }
      if (passes) next.push_back(&element);
    }
    return true;
  }

  std::optional<Found> values(const Step::Operand& operand, const Json& element) {
    return operand.path ? follow(*operand.path, {&element}) : Found{&operand.value};
  }

  bool compare(Operation operation, const Json& left, const Json& right, bool& passes) {
    const bool equality = operation == Operation::kEqual || operation == Operation::kUnequal;
    const bool alike = (left.is_number() && right.is_number()) || (left.is_string() && right.is_string()) ||
                       (equality && left.is_boolean() && right.is_boolean());
    if (!alike)
      return fail("its filter has incompatible types for comparison: " + shown(left) + " and " +
                  shown(right) + "; text needs quotes, numbers have none");
    passes = operation == Operation::kEqual         ? left == right
             : operation == Operation::kUnequal     ? left != right
             : operation == Operation::kLess        ? left < right
             : operation == Operation::kLessOrEqual ? left <= right
             : operation == Operation::kGreater     ? left > right
                                                    : left >= right;
    return true;
  }

  static std::string shown(const Json& value) {
    constexpr std::size_t kShown = 60;
    return base::printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), kShown);
  }

  JsonPathError error_;
};

base::Result<Found, JsonPathError> JsonPath::find(const Json& root) const {
  JsonPathEvaluation evaluation;
  auto found = evaluation.follow(*this, {&root});
  if (!found) return tl::unexpected(std::move(evaluation).error());
  return std::move(*found);
}

std::string json_path_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tlswarden::cli
