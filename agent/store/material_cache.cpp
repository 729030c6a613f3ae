#include "store/material_cache.hpp"

#include <algorithm>
#include <utility>

#include "pki/content_digest.hpp"

namespace tlswarden::store {
namespace {

/// The coarsest time stamps that file systems still in use keep (FAT) are two seconds apart.
constexpr base::Seconds kCoarsestStamp{2};

}  // namespace

std::string MaterialCache::name_of(const std::string& digest, const base::Secret* password) {
  return password == nullptr ? digest : digest + pki::content_digest(password->bytes());
}

std::optional<std::string> MaterialCache::digest_of(const std::filesystem::path& file,
                                                    const base::FileStamp& stamp) {
  const std::scoped_lock lock(mutex_);
  const File* found = files_.find(file.string());
  if (found == nullptr || !(found->stamp == stamp)) return std::nullopt;
  return found->digest;
}

void MaterialCache::remember(const std::filesystem::path& file, const base::FileStamp& stamp,
                             const std::string& digest) {
  const std::int64_t second = std::max(stamp.modified, stamp.changed) / 1'000'000'000;
  // In the future, as a file server's clock may have it, counts as recent.
  if (clock_.now() - base::WallTime(base::Seconds(second)) <= kCoarsestStamp) return;
  const std::scoped_lock lock(mutex_);
  files_.put(file.string(), {stamp, digest});
}

std::optional<MaterialCache::Parsed> MaterialCache::known(const std::string& name) {
  const Entry* entry = bundles_.find(name);
  if (entry == nullptr) return std::nullopt;
  Parsed parsed = entry->parsed;
  if (!entry->has_key) return parsed;
  parsed->key = entry->key.lock();
  if (!parsed->key) return std::nullopt;
  return parsed;
}

std::optional<MaterialCache::Parsed> MaterialCache::find(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return known(name);
}

/// One thread's turn at parsing what has this name; the others wait until it is over.
class MaterialCache::Turn {
 public:
  Turn(MaterialCache& cache, const std::string& name) : cache_(cache), name_(name) {
    cache_.under_way_.insert(name_);
    ++cache_.parses_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    const std::scoped_lock lock(cache_.mutex_);
    cache_.under_way_.erase(name_);
    cache_.parsed_.notify_all();
  }
  void end_with(Entry entry) {
    const std::scoped_lock lock(cache_.mutex_);
    cache_.bundles_.put(name_, std::move(entry));
  }

 private:
  MaterialCache& cache_;
  const std::string& name_;
};

MaterialCache::Parsed MaterialCache::parse(const std::string& name, base::ByteView content,
                                           const base::Secret* password) {
  std::unique_lock lock(mutex_);
  parsed_.wait(lock, [&] { return !under_way_.contains(name); });
  if (auto present = known(name)) return *std::move(present);
  Turn turn(*this, name);
  lock.unlock();
  Parsed parsed = parser_(content, password);
  Entry entry{parsed, false, {}};
  if (parsed && parsed->key)
    entry = {pki::Bundle{parsed->certificates, parsed->revocation_lists, {}}, true, parsed->key};
  turn.end_with(std::move(entry));
  return parsed;
}

pki::TrustStorePtr MaterialCache::trust_store(const std::string& name, const pki::Bundle& bundle,
                                              const std::string& origin) {
  const std::string full = name + origin;
  const std::scoped_lock lock(mutex_);
  if (const auto* weak = stores_.find(full)) {
    if (auto store = weak->lock()) return store;
  }
  auto store = pki::make_trust_store(bundle.certificates, origin, bundle.revocation_lists);
  stores_.put(full, store);
  return store;
}

std::size_t MaterialCache::parses() const {
  const std::scoped_lock lock(mutex_);
  return parses_;
}

}  // namespace tlswarden::store
