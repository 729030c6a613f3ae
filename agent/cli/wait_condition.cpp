#include "cli/wait_condition.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

base::Result<WaitCondition> json_path_condition(std::string_view text) {
  WaitCondition condition{.kind = WaitCondition::Kind::kJsonPath};
  // A filter has equals signs of its own: the value begins behind the path's brace.
  const std::size_t brace = text.rfind('}');
  const std::size_t equals = text.find('=', brace == std::string_view::npos ? 0 : brace);
  std::string_view path = text.substr(0, equals);
  if (equals != std::string_view::npos) condition.value = std::string(base::trimmed(text.substr(equals + 1)));
  if (condition.value && condition.value->empty())
    return base::fail("--for: the value behind jsonpath is empty; leave its '=' out to wait for any value");
  if (path.starts_with('{') && path.ends_with('}')) path = path.substr(1, path.size() - 2);
  auto parsed = JsonPath::parse(base::trimmed(path));
  if (!parsed) return base::fail("--for: " + parsed.error().message);
  condition.path = std::move(*parsed);
  return condition;
}

std::optional<std::int64_t> number_at(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_number_integer()) return std::nullopt;
  return object[name].get<std::int64_t>();
}

const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  return object.is_object() && object.contains(name) ? object[name] : nothing;
}

bool condition_met(const WaitCondition& wanted, const Json& object) {
  const Json& status = member(object, "status");
  const Json& conditions = member(status, "conditions");
  if (!conditions.is_array()) return false;
  for (const Json& condition : conditions) {
    if (!base::equal_ignoring_case(kube::text_at(condition, {"type"}), wanted.type)) continue;
    const auto generation = number_at(member(object, "metadata"), "generation");
    auto observed = number_at(condition, "observedGeneration");
    if (!observed) observed = number_at(status, "observedGeneration");
    if (generation && observed && *observed < *generation) return false;
    return base::equal_ignoring_case(kube::text_at(condition, {"status"}), wanted.value.value_or("true"));
  }
  return false;
}

base::Result<bool> path_met(const WaitCondition& wanted, const Json& object) {
  const auto result = wanted.path->find(object);
  // Unlike kubectl: an element that is not there yet is what one waits for.
  if (!result && result.error().may_pass) return false;
  if (!result) return base::fail("--for: in the JSONPath, " + result.error().message);
  const auto& found = *result;
  if (found.empty()) return false;
  if (!wanted.value) return true;
  if (found.size() > 1) return base::fail("given jsonpath expression matches more than one value");
  if (found[0]->is_structured())
    return base::fail("jsonpath leads to a nested object or list which is not supported");
  return base::trimmed(json_path_text(*found[0])) == *wanted.value;
}

}  // namespace

base::Result<WaitCondition> parse_wait_condition(std::string_view text) {
  constexpr std::string_view kCondition = "condition=";
  constexpr std::string_view kJsonPath = "jsonpath=";
  if (base::equal_ignoring_case(text, "delete")) return WaitCondition{.kind = WaitCondition::Kind::kDelete};
  if (base::equal_ignoring_case(text, "create")) return WaitCondition{.kind = WaitCondition::Kind::kCreate};
  if (text.starts_with(kJsonPath)) return json_path_condition(text.substr(kJsonPath.size()));
  if (!text.starts_with(kCondition) || text.size() == kCondition.size()) {
    return base::fail("--for: '" + base::printable(text, 80) +
                      "' is none of condition=NAME[=VALUE], jsonpath='{.path}'[=VALUE], create, delete");
  }
  const std::string_view said = text.substr(kCondition.size());
  const std::size_t equals = said.find('=');
  WaitCondition condition;
  condition.type = said.substr(0, equals);
  if (equals != std::string_view::npos) condition.value = std::string(said.substr(equals + 1));
  return condition;
}

base::Result<bool> is_met(const WaitCondition& condition, const Json& object) {
  if (condition.kind == WaitCondition::Kind::kJsonPath) return path_met(condition, object);
  return condition_met(condition, object);
}

base::Result<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
  constexpr double kMost = 100.0 * 365 * 24 * 3600e9;
  const auto refuse = [&] {
    return base::fail("'" + base::printable(text, 40) + "' is no time; write 30s, 5m, 1h30m or 0");
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::nanoseconds(0);
  if (rest.empty()) return refuse();
  double total = 0;
  while (!rest.empty()) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    double number = 0;
    const char* const after = std::next(rest.begin(), static_cast<std::ptrdiff_t>(digits));
    const auto [end, error] = std::from_chars(rest.begin(), after, number);
    if (error != std::errc() || end != after) return refuse();
    rest.remove_prefix(digits);
    const std::string_view unit = rest.substr(0, rest.find_first_of("0123456789."));
    double factor = 0;
    for (const auto& [name, nanoseconds] : kUnits)
      if (unit == name) factor = nanoseconds;
    if (factor == 0) return refuse();
    total += number * factor;
    if (!(total <= kMost)) return refuse();
    rest.remove_prefix(unit.size());
  }
  const std::chrono::nanoseconds span(static_cast<std::int64_t>(std::llround(total)));
  return negative ? -span : span;
}

}  // namespace tlswarden::cli
