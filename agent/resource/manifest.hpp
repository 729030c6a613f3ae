#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "resource/endpoint.hpp"

/// Reading of manifests: text in, resources and violations out. No I/O; every function is safe to call from
/// any thread.
namespace tlswarden::resource {

/// One thing wrong with a document, or worth a remark.
struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;   ///< as the user named it; "-" for standard input
  int line = 0;       ///< 1-based; 0 when the whole file is meant
  std::string field;  ///< path such as spec.tls.mode; may be empty
  std::string message;

  /// `file:line: field: message` with the parts that are there.
  std::string text() const;
};

/// A Secret document: base64 `data` decoded, `stringData` as it stands.
struct SecretDocument {
  std::string ns, name;
  std::map<std::string, base::Secret> data;
  std::string file = {};
  int line = 0;
};

/// A ConfigMap document: `data` and `binaryData`.
struct ConfigMapDocument {
  std::string ns, name;
  std::map<std::string, std::string> data;
  std::string file = {};
  int line = 0;
};

/// A document of any kind as its author wrote it, for those who hand it on.
struct DeclaredDocument {
  std::string kind;            ///< DatabaseEndpoint, Secret or ConfigMap
  std::string ns, name;        ///< the default namespace where the document names none
  bool own_namespace = false;  ///< the document names it
  std::string file;
  int line = 0;
  /// JSON: what the author declared, without defaults and without what a server owns; the content of a Secret
  /// in base64. Empty where names alone were asked for.
  base::Secret content;
};

/// What manifests are read for.
struct ManifestUse {
  enum class Keep {
    kResources,  ///< for an agent: everything that is referred to has to be declared with it
    kDocuments,  ///< for a cluster, where what is referred to may be already: `declared` too
    kNames,  ///< `declared` alone, without content; of a document only its kind and metadata are looked at
  };
  Keep keep = Keep::kResources;
  std::string default_namespace = "default";  ///< of documents that name none
};

/// Everything one text declared. Documents with errors are left out; the others stand.
struct Manifest {
  struct Located {
    DatabaseEndpoint endpoint;
    std::string file;
    int line = 0;
    std::map<std::string, int> lines = {};  ///< of each reference, by its field path ("spec.tls.ca")
  };
  std::vector<Located> endpoints;
  std::vector<SecretDocument> secrets;
  std::vector<ConfigMapDocument> config_maps;
  std::vector<DeclaredDocument> declared = {};  ///< in the order of the text; see ManifestUse
  std::vector<Diagnostic> diagnostics;
  /// "Secret NAMESPACE/NAME" or "ConfigMap …" of documents left out because of errors: a reference to one of
  /// them needs no message of its own.
  std::set<std::string> refused = {};

  bool has_errors() const;
};

/// Bounds on what is read; beyond them a text is refused whole, with one diagnostic.
struct ManifestLimits {
  std::size_t bytes = std::size_t{16} << 20U;
  std::size_t depth = 64;
  std::size_t nodes = 1'000'000;
};

/// Parses a multi-document YAML (or JSON) text, validates each document against the embedded CRD, applies
/// defaults. Aliases are refused. Reports every violation of every document, with the line it stands on.
Manifest parse_manifest(std::string_view text, const std::string& file, const ManifestLimits& limits = {},
                        const ManifestUse& use = {});

/// Joins the manifests of several files: names declared twice become errors at the later place, and
/// references to Secrets and ConfigMaps that no document declares become errors at their endpoint. For a
/// cluster, which may hold them, a declared one that lacks the key is worth a warning. `use` is the parts'.
Manifest merge_manifests(std::vector<Manifest> parts, const ManifestUse& use = {});

/// An endpoint for `check ENGINE://[USER@]HOST[:PORT][/DATABASE][?mode=&serverName=…]`, validated and
/// defaulted just like a manifest's. Accepts scheme aliases that users bring (postgres, rediss, mysqls…) by
/// naming the right one. A password in the URL is refused: it would be visible in the process list.
Manifest manifest_from_url(std::string_view url);

}  // namespace tlswarden::resource
