#include "resource/provider.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "resource/provider_catalogue.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

/// Whether `text` is an instance of `pattern`, in which "*" stands for any run of characters.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<ProviderFacts> embedded_catalogue() {
  auto catalogue = parse_provider_catalogue(schema::providers());
  if (!catalogue) {
    // The file is part of the program and a test vouches for it: a build that gets here must not run.
    spdlog::critical("schema/providers.yaml: {}", catalogue.error().message);
    std::abort();
  }
  return std::move(*catalogue);
}

}  // namespace

const std::vector<ProviderFacts>& all_providers() {
  static const std::vector<ProviderFacts> catalogue = embedded_catalogue();
  return catalogue;
}

const ProviderFacts* find_provider(std::string_view id) {
  const auto& all = all_providers();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ProviderFacts& facts) { return facts.id == id; });
  return found == all.end() ? nullptr : &*found;
}

const ProviderFacts* infer_provider(Engine engine, std::string_view host) {
  std::string name = base::lower_ascii(host);
  if (name.ends_with('.')) name.pop_back();
  for (const ProviderFacts& facts : all_providers()) {
    if (std::find(facts.engines.begin(), facts.engines.end(), engine) == facts.engines.end()) continue;
    for (const std::string& pattern : facts.hosts) {
      if (matches(pattern, name)) return &facts;
    }
  }
  return nullptr;
}

const ProviderFacts* provider_of(const EndpointSpec& spec) {
  if (spec.provider) return find_provider(*spec.provider);
  return infer_provider(spec.engine, spec.host);
}

TlsMode advised_mode(const ProviderFacts& service) {
  return service.trust == ProviderTrust::kNone ? TlsMode::kRequire : TlsMode::kVerifyFull;
}

}  // namespace tlswarden::resource
