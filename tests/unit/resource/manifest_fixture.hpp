#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resource/manifest.hpp"

namespace tlswarden::resource {

inline std::filesystem::path testdata(const std::string& folder) {
  return std::filesystem::path(TLSWARDEN_SOURCE_DIR) / "tests/unit/resource/testdata" / folder;
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Files of a folder with this extension, sorted by name.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                                   const std::string& extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Every diagnostic, one per line.
inline std::string text_of(const Manifest& manifest) {
  std::string text;
  for (const Diagnostic& diagnostic : manifest.diagnostics)
    text += diagnostic.text() + "\n";
  return text;
}

/// A DatabaseEndpoint document with `spec` as its spec, in flow style or indented.
inline std::string endpoint_document(const std::string& name, const std::string& spec) {
  return "apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: " + name +
         "}\nspec: " + spec + "\n---\n";
}

template <class... Parts>
Manifest merged(Parts&&... parts) {
  std::vector<Manifest> all;
  (all.push_back(std::forward<Parts>(parts)), ...);
  return merge_manifests(std::move(all));
}

}  // namespace tlswarden::resource
