#include "cli/endpoint_order.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Takes the digits, or all but digits, that `text` begins with.
std::string_view take_run(std::string_view& text) {
  constexpr std::string_view kDigits = "0123456789";
  const bool number = kDigits.find(text.front()) != std::string_view::npos;
  const std::size_t end =
      std::min(number ? text.find_first_not_of(kDigits) : text.find_first_of(kDigits), text.size());
  std::string_view run = text.substr(0, end);
  text.remove_prefix(end);
  if (number) run.remove_prefix(std::min(run.find_first_not_of('0'), run.size()));
  return run;
}

bool natural_less(std::string_view left, std::string_view right) {
  const auto digit = [](std::string_view text) { return text.front() >= '0' && text.front() <= '9'; };
  while (!left.empty() && !right.empty()) {
    const bool numbers = digit(left) && digit(right);
    const std::string_view a = take_run(left), b = take_run(right);
    if (numbers && a.size() != b.size()) return a.size() < b.size();
    if (a != b) return a < b;
  }
  return left.size() < right.size();
}

int rank(const Json* value) {
  if (value == nullptr || value->is_null()) return 0;
  if (value->is_boolean()) return 1;
  return value->is_number() ? 2 : 3;
}

bool less(const Json* left, const Json* right) {
  if (rank(left) != rank(right)) return rank(left) < rank(right);
  if (rank(left) == 0) return false;
  if (left->is_string())
    return natural_less(left->get_ref<const std::string&>(), right->get_ref<const std::string&>());
  return *left < *right;
}

}  // namespace

base::Result<EndpointOrder> EndpointOrder::parse(const std::string& text) {
  std::string_view path = base::trimmed(text);
  if (path.size() > 1 && path.starts_with('{') && path.ends_with('}')) path = path.substr(1, path.size() - 2);
  path = base::trimmed(path);
  auto parsed = JsonPath::parse(path);
  if (!parsed) return base::fail("--sort-by: " + parsed.error().message);
  if (path.starts_with('.')) path.remove_prefix(1);
  return EndpointOrder{std::string(path), std::move(*parsed)};
}

base::Result<void> sort_endpoints(std::vector<EndpointItem>& items, const EndpointOrder& order) {
  const std::string shown = "{." + base::printable(order.text, 60) + "}";
  std::vector<std::pair<const Json*, std::size_t>> keys;
  bool any = items.empty();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto found = order.path.find(object_in(items[i]));
    if (!found && !found.error().may_pass)
      return base::fail("--sort-by " + shown + ": " + found.error().message);
    const Json* const key = found && !found->empty() ? found->front() : nullptr;
    if (key != nullptr && key->is_structured())
      return base::fail("--sort-by " + shown +
                        " leads to an object or a list, which has no order; name one of its members");
    any = any || key != nullptr;
    keys.emplace_back(key, i);
  }
  if (!any) return base::fail("couldn't find any field with path \"" + shown + "\" in the list of objects");
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return less(a.first, b.first); });
  std::vector<EndpointItem> sorted;
  for (const auto& [key, index] : keys)
    sorted.push_back(std::move(items[index]));
  items = std::move(sorted);
  return {};
}

}  // namespace tlswarden::cli
