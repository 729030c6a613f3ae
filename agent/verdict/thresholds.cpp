#include "verdict/thresholds.hpp"

#include <algorithm>

namespace tlswarden::verdict {
namespace {

using base::Seconds;

constexpr Seconds kDay{86400};

struct Default {
  int part;  ///< of the lifetime
  Seconds most;
};
constexpr Default kWarn{3, 28 * kDay};
constexpr Default kCritical{6, 14 * kDay};

Seconds default_span(const Default& rule, std::optional<Seconds> lifetime) {
  return lifetime ? std::min(*lifetime / rule.part, rule.most) : rule.most;
}

struct Span {
  Seconds length{};
  bool replaced = false;
};

Span span_of(const std::optional<resource::Threshold>& declared, const Default& rule,
             std::optional<Seconds> lifetime) {
  if (declared && declared->percent && lifetime) return {*lifetime * *declared->percent / 100};
  if (!declared || !declared->span) return {default_span(rule, lifetime)};
  if (lifetime && *declared->span > *lifetime / 2) return {default_span(rule, lifetime), true};
  return {*declared->span};
}

}  // namespace

Thresholds thresholds_for(const resource::RotationSpec& rotation, std::optional<Seconds> lifetime) {
  const Span warn = span_of(rotation.warn_before, kWarn, lifetime);
  Span critical = span_of(rotation.critical_before, kCritical, lifetime);
  // It would turn critical before anything warned, which nobody declared.
  if (critical.length >= warn.length) {
    if (!rotation.critical_before) critical.length = warn.length / 2;
    if (rotation.critical_before && warn.replaced) critical = {default_span(kCritical, lifetime), true};
  }
  return {warn.length, critical.length, warn.replaced, critical.replaced};
}

}  // namespace tlswarden::verdict
