#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/file_reader.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/bundle.hpp"
#include "pki/lru_map.hpp"
#include "pki/trust_store.hpp"

namespace tlswarden::store {

/// What was parsed, by what it was parsed from: the same bytes with the same password are parsed once,
/// whoever refers to them and in whatever form. Content is known by its digest alone; of private keys only a
/// weak reference is kept, so that they go with the last endpoint that uses them. Bounded: what was used
/// longest ago goes. Safe from any thread.
class MaterialCache {
 public:
  using Parsed = base::Result<pki::Bundle, pki::BundleError>;

  using Parser = std::function<Parsed(base::ByteView content, const base::Secret* password)>;

  /// `clock` must outlive it.
  explicit MaterialCache(const base::Clock& clock, Parser parser = pki::parse_bundle)
      : clock_(clock), parser_(std::move(parser)) {}

  /// What content is known by: its digest, and the password's where it has one.
  static std::string name_of(const std::string& digest, const base::Secret* password);

  /// The digest of the file's content, where the file is still the one that remember() told of.
  std::optional<std::string> digest_of(const std::filesystem::path& file, const base::FileStamp& stamp);
  /// Ignored where the file changed so recently that the next change might leave the same stamp.
  void remember(const std::filesystem::path& file, const base::FileStamp& stamp, const std::string& digest);

  std::optional<Parsed> find(const std::string& name);
  /// Parses, unless that was done or another thread is at it, whose result it then waits for. A failure is
  /// remembered as well.
  Parsed parse(const std::string& name, base::ByteView content, const base::Secret* password);

  /// One store for all who trust this content under this description of where it comes from.
  pki::TrustStorePtr trust_store(const std::string& name, const pki::Bundle& bundle,
                                 const std::string& origin);

  /// How often a bundle was really parsed.
  std::size_t parses() const;

 private:
  struct File {
    base::FileStamp stamp;
    std::string digest;
  };
  struct Entry {
    Parsed parsed;  ///< without the key
    bool has_key = false;
    std::weak_ptr<const pki::PrivateKey> key;
  };
  class Turn;
  static constexpr std::size_t kFiles = 32768;
  static constexpr std::size_t kBundles = 1024;
  static constexpr std::size_t kStores = 16384;

  std::optional<Parsed> known(const std::string& name);

  const base::Clock& clock_;
  const Parser parser_;
  mutable std::mutex mutex_;
  std::condition_variable parsed_;
  std::set<std::string> under_way_;
  pki::LruMap<File> files_{kFiles};
  pki::LruMap<Entry> bundles_{kBundles};
  pki::LruMap<std::weak_ptr<const pki::TrustStore>> stores_{kStores};
  std::size_t parses_ = 0;
};

}  // namespace tlswarden::store
