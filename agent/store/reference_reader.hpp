#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "pki/bundle.hpp"
#include "pki/material.hpp"
#include "resource/reference.hpp"
#include "store/content_reader.hpp"
#include "store/material_cache.hpp"

namespace tlswarden::store {

using Problems = std::vector<pki::MaterialProblem>;

/// A bundle, and what its content is known by in the cache.
struct NamedBundle {
  std::string name;
  pki::Bundle bundle;
};

/// Reads what the references of one endpoint point at; what stands in the way becomes a problem of the field.
/// A view for the time of one resolution.
class ReferenceReader {
 public:
  ReferenceReader(MaterialCache& cache, const ContentScope& scope) : cache_(cache), scope_(scope) {}

  std::optional<base::Secret> content(const std::string& field, const resource::Reference& reference,
                                      Problems& problems) const;
  std::optional<base::Secret> line(const std::string& field, const resource::Reference& reference,
                                   Problems& problems) const;
  /// Parses only what the cache does not know; a file that has not changed is not even read.
  std::optional<NamedBundle> bundle(const std::string& field, const resource::Reference& reference,
                                    Problems& problems) const;

  /// How the reference is declared, so that another one can be told from it. Holds no secret.
  std::string declaration(const std::optional<resource::Reference>& reference) const;
  const ContentScope& scope() const { return scope_; }

 private:
  std::optional<std::string> unchanged_digest(const resource::Reference& reference) const;
  std::optional<MaterialCache::Parsed> read_and_parse(const std::string& field,
                                                      const resource::Reference& reference,
                                                      const base::Secret* password, std::string& name,
                                                      Problems& problems) const;

  MaterialCache& cache_;
  const ContentScope& scope_;
};

}  // namespace tlswarden::store
