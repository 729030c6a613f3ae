#pragma once

#include <string>
#include <vector>

#include "probe/driver.hpp"

namespace tlswarden::drivers::common {

/// What all protocols share that are spoken inside TLS from the first byte or without it: nothing comes
/// before ClientHello, so there is no in-band style, no negotiation and nobody to take leave of.
class DirectDriver : public probe::Driver {
 public:
  std::vector<resource::NegotiationStyle> styles(resource::NegotiationStyle declared) const override {
    if (declared == resource::NegotiationStyle::kInBand) return {};
    return {resource::NegotiationStyle::kDirect};
  }
  std::vector<std::string> alpn(resource::NegotiationStyle) const override { return {}; }
  probe::ConversationPtr negotiate(const probe::Target&, resource::NegotiationStyle) const override {
    return nullptr;
  }
  probe::ConversationPtr farewell(const probe::Target&, const probe::Findings&) const override {
    return nullptr;
  }
};

}  // namespace tlswarden::drivers::common
