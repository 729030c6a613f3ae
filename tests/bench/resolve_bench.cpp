// What it costs to resolve the references of many endpoints that share one CA bundle, as a file and as a
// Secret: once with nothing known, then with everything known. usage: bench_resolve [ENDPOINTS
// [CERTIFICATES]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "store/reference_resolver.hpp"
#include "tests/support/mint.hpp"

namespace {

using namespace tlswarden;
using resource::Reference;

/// A clock that says that every file is old, so that none needs to be read twice.
class LaterClock final : public base::Clock {
 public:
  base::WallTime now() const override { return clock_.now() + base::Seconds(60); }
  base::MonoTime monotonic() const override { return clock_.monotonic(); }

 private:
  base::SystemClock clock_;
};

std::string bundle_of(int certificates) {
  const base::WallTime now = base::SystemClock().now();
  std::string pem;
  for (int i = 0; i < certificates; ++i) {
    pem += test_support::mint({.common_name = "CA " + std::to_string(i),
                               .not_before = now,
                               .not_after = now + base::Seconds(86400),
                               .ca = true})
               .certificate_pem;
  }
  return pem;
}

/// Seconds for all endpoints.
double resolve_all(store::ReferenceResolver& resolver, resource::DatabaseEndpoint& endpoint, int endpoints) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < endpoints; ++i) {
    endpoint.metadata.uid = std::to_string(i);
    if (!resolver.resolve(endpoint).material.trust) std::abort();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void measure(const char* form, const Reference& reference, const store::DocumentsPtr& documents,
             int endpoints) {
  const LaterClock clock;
  store::ReferenceResolver resolver(documents, clock);
  resource::DatabaseEndpoint endpoint;
  endpoint.metadata.ns = "default";
  endpoint.spec.tls.ca = reference;
  const double cold = resolve_all(resolver, endpoint, endpoints);
  const double warm = resolve_all(resolver, endpoint, endpoints);
  std::printf("%-6s  first round %8.1f ms, next %8.1f ms (%6.1f us each), parsed %zu time(s)\n", form,
              cold * 1e3, warm * 1e3, warm * 1e6 / endpoints, resolver.parses());
}

}  // namespace

int main(int count, char** arguments) {
  const int endpoints = count > 1 ? std::atoi(arguments[1]) : 10'000;
  const int certificates = count > 2 ? std::atoi(arguments[2]) : 150;
  const std::string pem = bundle_of(certificates);
  std::string name = (std::filesystem::temp_directory_path() / "tlswarden-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return 1;
  const std::filesystem::path file = std::filesystem::path(name) / "ca.pem";
  std::ofstream(file, std::ios::binary) << pem;

  auto documents = std::make_shared<store::Documents>();
  resource::SecretData data;
  data.emplace("ca.crt", base::Secret(std::string_view(pem)));
  auto objects = std::make_shared<resource::ObjectContents>();
  objects->secrets[{"default", "ca"}] = std::make_shared<const resource::SecretData>(std::move(data));
  documents->objects = std::move(objects);
  Reference by_file;
  by_file.kind = Reference::Kind::kFile;
  by_file.text = file.string();
  Reference by_secret;
  by_secret.kind = Reference::Kind::kSecretKey;
  by_secret.name = "ca";
  by_secret.key = "ca.crt";
  std::printf("%d endpoints that share a bundle of %d certificates (%zu bytes)\n", endpoints, certificates,
              pem.size());
  measure("file", by_file, documents, endpoints);
  measure("secret", by_secret, documents, endpoints);
  std::filesystem::remove_all(name);
  return 0;
}
