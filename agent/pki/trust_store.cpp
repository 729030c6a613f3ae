#include "pki/trust_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "pki/bundle.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::uintmax_t kMaxFileSize = 4UL * 1024 * 1024;
constexpr std::size_t kMaxDirectoryEntries = 4096;

/// Same content, same fingerprint, whatever the order.
std::string fingerprint_of(const Chain& anchors, const RevocationLists& revocation_lists = {}) {
  std::vector<std::string> prints;
  prints.reserve(anchors.size());
  for (const CertificatePtr& anchor : anchors)
    prints.push_back(anchor->facts.sha256);
  for (const RevocationListPtr& list : revocation_lists)
    prints.push_back(list->sha256);
  std::sort(prints.begin(), prints.end());
  return sha256_hex(base::as_bytes(base::join(prints, ",")));
}

std::string setting(const char* variable, const char* built_in) {
  // The environment is read before threads start to change it: nothing in this program does.
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr && *value != '\0' ? value : built_in;
}

class Collector {
 public:
  void add_file(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size > kMaxFileSize) return;
    std::ifstream file(path, std::ios::binary);
    std::string content(static_cast<std::size_t>(size), '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (const auto bundle = parse_bundle(base::as_bytes(content))) add(bundle->certificates);
  }

  void add_directory(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    for (std::size_t seen = 0; !error && entry != std::filesystem::directory_iterator(); ++seen) {
      if (seen == kMaxDirectoryEntries) return;
      if (is_hashed_name(entry->path().filename().string())) add_file(entry->path());
      entry.increment(error);
    }
  }

  Chain take() { return std::move(anchors_); }

 private:
  /// OpenSSL reads only files named HHHHHHHH.N (openssl-rehash(1)) in a certificate directory.
  static bool is_hashed_name(std::string_view name) {
    constexpr std::size_t kHashDigits = 8;
    if (name.size() < kHashDigits + 2 || name[kHashDigits] != '.') return false;
    const auto all = [](std::string_view text, std::string_view allowed) {
      return text.find_first_not_of(allowed) == std::string_view::npos;
    };
    return all(name.substr(0, kHashDigits), "0123456789abcdef") &&
           all(name.substr(kHashDigits + 1), "0123456789");
  }

  void add(const Chain& certificates) {
    for (const CertificatePtr& certificate : certificates) {
      if (seen_.insert(certificate->facts.sha256).second) anchors_.push_back(certificate);
    }
  }

  Chain anchors_;
  std::set<std::string> seen_;
};

}  // namespace

TrustStorePtr make_trust_store(Chain anchors, std::string origin, RevocationLists revocation_lists) {
  auto store = std::make_shared<TrustStore>();
  store->fingerprint = fingerprint_of(anchors, revocation_lists);
  store->anchors = std::move(anchors);
  store->revocation_lists = std::move(revocation_lists);
  store->origin = std::move(origin);
  return store;
}

base::Result<TrustStorePtr> load_system_trust_store() {
  const std::string file = setting(X509_get_default_cert_file_env(), X509_get_default_cert_file());
  const std::string directories = setting(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  Collector collector;
  collector.add_file(file);
  for (const std::string_view directory : base::split(directories, ':')) {
    if (!directory.empty()) collector.add_directory(std::filesystem::path(directory));
  }
  Chain anchors = collector.take();
  if (anchors.empty()) {
    return base::fail("the system trust store is empty: no certificate in " + file + " or " + directories +
                      "; install the package ca-certificates or declare spec.tls.ca");
  }
  auto store = std::make_shared<TrustStore>();
  store->fingerprint = fingerprint_of(anchors);
  store->anchors = std::move(anchors);
  store->system = true;
  store->origin = "the system trust store";
  return TrustStorePtr(std::move(store));
}

}  // namespace tlswarden::pki
